"""The shipped units, filled in with what folders may be called, as systemd's own checks and rclone read them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from stockgen.app.units import SERVICE, SYNC, Site, one_folder, quoted, rendered
from stockgen.config import load
from stockgen.domain.errors import UsageError
from tests.house import ROOT, House, write_config

pytestmark = pytest.mark.boot

NAMES = [
    "plain",
    "두 낱말",
    "100%h",
    """"q" 'q'""",
    "$HOME ${X} $$",
    "back\\slash\\n",
    "semi;colon#hash",
    "a:b",
    "-x +y",
]
NEEDED = 1.1  # times the baskets, sheets and reports: what the default copy may send


@pytest.fixture
def analyze() -> str:
    """systemd's own judge."""
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("boot: systemd-analyze not installed")
    return found


def site(folder: Path, **other: object) -> Site:
    """A stockgen in `folder`."""
    told: dict[str, object] = {
        "python": Path("/bin/true"), "rclone": Path("/bin/true"), "config": folder / "config.yaml", "folder": folder,
        "state": folder / ".stockgen", "outbox": folder / "outbox", "owner": "daemon", "group": "daemon",
        "home": folder, "language": "ko_KR.UTF-8", "remote": "drive:그림 모음",
    }  # fmt: skip
    return Site(**(told | other))  # type: ignore[arg-type]


@pytest.mark.parametrize("user", [False, True], ids=["system", "user"])
@pytest.mark.parametrize("name", NAMES)
def test_systemd_finds_no_fault_whatever_the_folder_is_called(
    tmp_path: Path, analyze: str, name: str, user: bool
) -> None:
    assert _faults(analyze, tmp_path, rendered(site(tmp_path / name), user=user), user=user) == []


@pytest.mark.parametrize("name", ["두 낱말", "100%h", "$HOME ${X}", "a:b"])
def test_python_may_lie_in_such_a_folder_too(tmp_path: Path, analyze: str, name: str) -> None:
    python = tmp_path / name / "python"
    python.parent.mkdir()
    python.symlink_to("/bin/true")
    assert _faults(analyze, tmp_path, rendered(site(tmp_path, python=python), user=False)) == []


@pytest.mark.parametrize("name", ["it's", 'a "b"', "back\\slash"])
def test_a_program_that_systemd_would_not_run_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="service_name"):
        rendered(site(tmp_path, python=tmp_path / name / "python"), user=False)


def test_systemd_finds_the_fault_of_a_name_that_was_not_escaped(tmp_path: Path, analyze: str) -> None:
    """So the test above can fail."""
    (tmp_path / "bad.service").write_text('[Service]\nExecStart=/bin/true "%Q"\nReadWritePaths="x\n')
    done = subprocess.run([analyze, "verify", "--man=no", tmp_path / "bad.service"], check=False, capture_output=True,
                          text=True, env=_bare(tmp_path))  # fmt: skip
    assert "bad.service" in done.stderr


@pytest.mark.parametrize("unit", [SERVICE, SYNC])
def test_the_walls_are_as_high_as_they_can_be(tmp_path: Path, analyze: str, unit: str) -> None:
    path = tmp_path / unit
    path.write_text(rendered(site(tmp_path / "x"), user=False)[unit], encoding="utf-8")
    done = subprocess.run([analyze, "security", "--offline=true", "--threshold=20", path], check=False,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_wall_says_what_it_is_for() -> None:
    """A line without a comment above it continues what the comment says; none of the first of a group goes without."""
    for file in sorted((ROOT / "systemd").glob("*.service")):
        text = file.read_text("utf-8")
        below = text.partition("# -- what it may touch")[2].partition("[Install]")[0]
        for line in ("ProtectSystem", "ReadWritePaths", "ProtectHome", "PrivateUsers", "SystemCallArchitectures",
                     "MemoryDenyWriteExecute", "DevicePolicy", "ProtectProc"):  # fmt: skip
            at = below.find(f"\n{line}=")
            assert at < 0 or "\n# " in below[max(0, at - 700) : at], f"{file.name}: {line}"


@pytest.mark.parametrize("name", ["a\nb", "tab\t", "\udcb0", "bell\x07"])
def test_a_name_that_no_unit_can_hold_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="service_name"):
        quoted(name, command=False)


def test_inbox_outbox_staging_and_state_share_one_writable_path(tmp_path: Path) -> None:
    """Two would be two mounts, and a link from staging to the outbox would fail."""
    config = load(write_config(tmp_path / "x"))
    assert one_folder(config) == tmp_path / "x"
    text = rendered(site(one_folder(config)), user=False)[SERVICE]
    assert re.findall(r"^ReadWritePaths=(.*)$", text, re.MULTILINE) == [f'"{tmp_path / "x"}"']


def test_folders_that_have_only_the_root_in_common_are_refused(tmp_path: Path) -> None:
    config = load(write_config(tmp_path, {"outbox": {"path": "/srv/outbox"}}))
    with pytest.raises(UsageError, match="service_folders"):
        one_folder(config)


def test_the_default_copy_sends_hardly_more_than_baskets_sheets_and_reports(house: type[House], tmp_path: Path) -> None:
    if shutil.which("rclone") is None:
        pytest.skip("boot: rclone not installed")
    one = house({"defaults": {"count": 4, "markets": []}})
    one.make("prompt: a calm sea\nsize: 96x64\n")
    for path, size in (("upload/adobe_stock/2026-11-28-a/1_pictures/a.jpg", 9000), ("reports/2026-11-28.txt", 500),
                       ("upload/adobe_stock/2026-11-28-a/0_READ_ME.txt", 900), ("review/flat/b.jpg", 9000),
                       ("올리기/miricanvas/2026-11-28-a/1_pictures/c.jpg", 700)):  # fmt: skip
        at = one.outbox / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(b"x" * size)
    cloud = tmp_path / "구름"
    state, home = one.root / ".stockgen", tmp_path / "home"
    found = site(home, outbox=one.outbox, state=state, rclone=Path(shutil.which("rclone") or ""), remote=str(cloud))
    _copied(rendered(found, user=False)[SYNC], home)
    files = [path for path in one.outbox.rglob("*") if path.is_file()]
    needed = sum(path.stat().st_size for path in files if _needed(path.relative_to(one.outbox)))
    sent = [path for path in cloud.rglob("*") if path.is_file()]
    assert needed <= sum(path.stat().st_size for path in sent) <= NEEDED * needed
    assert {path.relative_to(cloud).parts[-2] for path in sent} >= {"1_pictures", "reports"}
    assert [path for path in sent if path.name.startswith("sheet-")]
    _copied(rendered(found, user=False)[SYNC], home, also="--include=/*/*/images/**")
    assert [path for path in cloud.rglob("*") if path.parent.name == "images"]


def _faults(analyze: str, place: Path, texts: dict[str, str], user: bool = False) -> list[str]:
    """What systemd finds wrong with units, its complaints about the computer it runs on left out."""
    units = place / "units"
    units.mkdir()
    for file, text in texts.items():
        (units / file).write_text(text, encoding="utf-8")
    done = subprocess.run([analyze, "verify", "--man=no", *(["--user"] if user else []), *sorted(units.iterdir())],
                          check=False, capture_output=True, text=True,
                          env=_bare(place) | {"XDG_RUNTIME_DIR": str(place)})  # fmt: skip
    faults = [line for line in done.stderr.splitlines() if str(units) in line or "stockgen" in line]
    return faults or ([done.stderr] if done.returncode else [])


def _needed(path: Path) -> bool:
    return path.parts[0] in ("upload", "올리기", "reports", "보고서") or path.name.startswith("sheet-")


def _copied(text: str, home: Path, also: str = "") -> None:
    """Run the unit's command as systemd does: its words, and `$ALSO` as none or more."""
    line = next(line for line in text.splitlines() if line.startswith("ExecStart=")).partition("=")[2]
    words = [one for one in shlex.split(line.replace("%%", "%").replace("$$", "$")) if one != "$ALSO"]
    subprocess.run([*words, *also.split()], check=True, capture_output=True, env=_bare(home))


def _bare(home: Path) -> dict[str, str]:
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}
