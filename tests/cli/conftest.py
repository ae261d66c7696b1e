"""A folder with a config for small pictures, and `stockgen` as people type it: in this process or in its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stockgen.cli import main
from tests.house import ROOT, SOON, write_config

PLUGINS = ("tests.providers_for_tests",)
TYPED = f"import sys; from stockgen.cli import main; raise SystemExit(main(sys.argv[1:], {PLUGINS!r}))"
PICTURE = "prompt: a calm sea\nsize: 96x64\n"


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """Commands in one folder."""

    root: Path
    capture: pytest.CaptureFixture[str]

    @property
    def config(self) -> Path:
        return self.root / "config.yaml"

    def __call__(self, *words: str | Path) -> Said:
        """Type `stockgen --config … words`."""
        return self.bare("--config", self.config, *words)

    def bare(self, *words: str | Path) -> Said:
        """Type `stockgen words`."""
        self.capture.readouterr()
        code = main([str(word) for word in words], PLUGINS)
        out, err = self.capture.readouterr()
        return Said(code, out, err)

    def write(self, name: str, text: str = PICTURE) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def inbox(self) -> list[str]:
        folder = self.root / "inbox"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Desk]:
    """Builds a Desk; keywords replace parts of its config."""

    def desk(**over: Any) -> Desk:
        write_config(tmp_path, {"providers": {"scripted": {"place": "net"}, "second": {"place": "net"}}} | over)
        return Desk(tmp_path, capsys)

    return desk


def typed(*words: str | Path, environment: Mapping[str, str] | None = None, **how: Any) -> subprocess.Popen[str]:
    """`stockgen words` in a process of its own, which the caller ends."""
    command = [sys.executable, "-c", TYPED, *(str(word) for word in words)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"} | dict(environment or {})
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **how)


def finished(process: subprocess.Popen[str]) -> Said:
    """Wait for its end."""
    out, err = process.communicate(timeout=SOON)
    return Said(process.returncode, out, err or "")
