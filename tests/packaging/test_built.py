"""What pip installs is all of stockgen, nothing else, and works without the checkout."""

from __future__ import annotations

import tarfile
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

from tests.packaging.conftest import ROOT, Built, Installed


def contents(wheel: Path) -> dict[str, bytes]:
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}


def shipped() -> set[str]:
    paths = [path for package in ("stockgen", "daemon") for path in (ROOT / package).rglob("*") if path.is_file()]
    units = {f"stockgen/units/{path.name}" for path in (ROOT / "systemd").iterdir()}
    return units | {str(path.relative_to(ROOT)) for path in paths if path.parent.name != "__pycache__"}


def test_the_wheel_holds_both_packages_with_their_data_and_nothing_else(built: Built) -> None:
    inside = {name for name in contents(built.wheel) if ".dist-info/" not in name}
    assert inside == shipped()
    assert {Path(name).suffix for name in inside} == {".py", ".yaml", ".sql", ".txt", ".service", ".timer"}


def test_the_sdist_rebuilds_the_same_wheel(built: Built) -> None:
    assert contents(built.again) == contents(built.wheel)


def test_the_sdist_can_be_tested_and_demonstrated(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"Makefile", ".ci/run", "README.md", "README.ko.md", "CHANGELOG.md", "LICENSE", "config.yaml",
              "docs/config.md", "docs/contact-sheet.jpg", "tests/house.py", "examples/demo.py", "inbox/.gitkeep",
              "outbox/.gitkeep"}  # fmt: skip
    assert wanted <= inside


def test_what_a_graphics_card_needs_is_an_extra_with_bounds(built: Built) -> None:
    metadata = next(data for name, data in contents(built.wheel).items() if name.endswith("/METADATA"))
    requires = Parser().parsestr(metadata.decode()).get_all("Requires-Dist") or []
    torch = {one.partition(";")[0].strip() for one in requires if one.startswith("torch")}
    assert torch == {"torch<2.14,>=2.6"}
    assert all("extra ==" in one for one in requires if one.startswith(("torch", "diffusers", "rembg", "openai")))


def test_an_installed_stockgen_works_without_the_checkout(installed: Installed, tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text("prompt: calm sea\ncount: 1\nsize: 96x64\nmarkets: []\n", encoding="utf-8")
    for arguments in (["init"], ["config", "check"], ["check", "job.yaml"], ["run", "job.yaml"]):
        done = installed.run("stockgen", *arguments, cwd=tmp_path)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    assert len(list(tmp_path.glob("outbox/*/*/images/*.jpg"))) == 1
    assert len(list(tmp_path.glob("outbox/*/*/sheet-1.jpg"))) == 1


def test_both_top_level_names_are_ours(installed: Installed, tmp_path: Path) -> None:
    """python-daemon on PyPI is called `daemon` too."""
    program = "import daemon, daemon.service, stockgen; print(daemon.__file__); print(stockgen.__file__)"
    done = installed.run("python", "-c", program, cwd=tmp_path)
    expected = [str(installed.site / name / "__init__.py") for name in ("daemon", "stockgen")]
    assert done.stdout.splitlines() == expected, done.stderr


def test_the_installed_program_knows_its_units(installed: Installed, tmp_path: Path) -> None:
    installed.run("stockgen", "init", ".", cwd=tmp_path)
    done = installed.run("stockgen", "service", "install", "--user", "--print", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f'ExecStart="{installed.bin / "python"}" -P -m daemon' in done.stdout
