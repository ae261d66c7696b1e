"""What is handed out: sdist and wheels, built once, and a clean environment with the wheel in it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Built:
    """`wheel` is built from the tree, `again` from the sdist."""

    sdist: Path
    wheel: Path
    again: Path


@dataclass(frozen=True)
class Installed:
    """An environment in which stockgen is the wheel's."""

    bin: Path
    site: Path

    def run(self, program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run one of its programs in `cwd`, with nothing of our own environment but PATH."""
        bare = {"PATH": os.environ["PATH"], "HOME": str(cwd), "LANG": "C.UTF-8"}
        return subprocess.run(
            [self.bin / program, *arguments], cwd=cwd, env=bare, check=False, capture_output=True, text=True
        )


def _build(out: Path, *what: str) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), *what, str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Built without the network, by the hatchling of this environment."""
    both, direct = tmp_path_factory.mktemp("both"), tmp_path_factory.mktemp("direct")
    _build(both)  # builds the wheel from the sdist
    _build(direct, "--wheel")
    return Built(next(both.glob("*.tar.gz")), next(direct.glob("*.whl")), next(both.glob("*.whl")))


@pytest.fixture(scope="session")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel alone in an environment; the libraries that it needs are lent from this one, which holds no wheel.

    A path in a .pth file is searched last, and .pth files in it are not read: the checkout can't be found through it.
    """
    root = tmp_path_factory.mktemp("clean")
    venv.create(root, with_pip=False, symlinks=True)
    site = next(root.glob("lib/python*/site-packages"))
    pip = [sys.executable, "-m", "pip", "--python", str(root / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(built.wheel)], check=True)
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return Installed(root / "bin", site)
