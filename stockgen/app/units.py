"""systemd's units, filled in: templates are data (`systemd/`), what is filled in is escaped as systemd demands."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from stockgen.config import Config
from stockgen.domain.errors import UsageError

SERVICE, SYNC, TIMER = "stockgen.service", "stockgen-sync.service", "stockgen-sync.timer"
_PLACE = re.compile("@([A-Z]+)@")
_IN_COMMANDS = frozenset({"CONFIG", "OUTBOX", "REMOTE"})  # what a `$` would be looked up in


@dataclass(frozen=True, slots=True)
class Site:
    """Where stockgen is, and whose. `folder`: the one that holds all it writes; `remote`: rclone's name of where to
    copy to, "" = nowhere; `language` as $LANG has it.
    """

    python: Path
    config: Path
    folder: Path
    state: Path
    outbox: Path
    owner: str
    group: str
    home: Path
    language: str
    rclone: Path = Path("/usr/bin/rclone")
    remote: str = ""


def one_folder(config: Config, too_much: Path | None = None) -> Path:
    """The deepest folder that holds all that is written: inbox, outbox, staging, state.

    It must be one, because each writable path of a unit is a mount of its own, between which no file can be linked.
    Raises UsageError where only the root of everything, or the home `too_much`, holds them all.
    """
    places = {
        "state": config.state, "inbox.path": config.inbox.path, "outbox.path": config.outbox.path,
        "outbox.staging": config.outbox.staging,
    }  # fmt: skip
    folder = Path(os.path.commonpath([place.resolve() for place in places.values()]))
    if len(folder.parts) < 2 or folder == too_much:
        told = ", ".join(f"{name} {place}" for name, place in places.items())
        raise UsageError("service_folders", places=told, folder=str(folder))
    return folder


def rendered(site: Site, *, user: bool) -> dict[str, str]:
    """File name → text of each unit, for the system or for one person. Raises UsageError for what can't be written."""
    kind = "-user" if user else ""
    names = {SERVICE: f"stockgen{kind}.service"}
    if site.remote:
        names |= {SYNC: f"stockgen-sync{kind}.service", TIMER: TIMER}
    values = {
        "PYTHON": site.python, "CONFIG": site.config, "FOLDER": site.folder, "STATE": site.state,
        "OUTBOX": site.outbox, "OWNER": site.owner, "GROUP": site.group, "HOME": site.home, "LANG": site.language,
        "RCLONE": site.rclone, "REMOTE": site.remote,
    }  # fmt: skip
    for program in (site.python, site.rclone):
        if re.search(r"""["'\\]""", str(program)):  # systemd runs no program of such a name, however it is written
            raise UsageError("service_name", path=str(program))
    escaped = {name: quoted(str(value), command=name in _IN_COMMANDS) for name, value in values.items()}
    return {name: _filled(template(source), escaped) for name, source in names.items()}


def template(name: str) -> str:
    """The text of a shipped unit. In a checkout they lie beside the packages, in a wheel inside."""
    inside = files("stockgen") / "units" / name
    if inside.is_file():
        return inside.read_text("utf-8")
    return (Path(__file__).parents[2] / "systemd" / name).read_text("utf-8")


def quoted(text: str, *, command: bool) -> str:
    """`text` as it stands between double quotes in a unit; in a `command` a `$` would be a variable. Sources:
    systemd.service(5), systemd.syntax(7). Raises UsageError for what no unit can hold.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError("service_name", path=os.fsencode(text).decode("utf-8", "backslashreplace")) from error
    if not text.isprintable():
        raise UsageError("service_name", path=text.encode("unicode_escape").decode())
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return text.replace("$", "$$") if command else text


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values[place[1]], text)


def foreign(places: Sequence[Path], owner: int) -> list[Path]:
    """Those that are there and belong to somebody else than the user `owner` (a number)."""
    return [place for place in places if place.exists() and place.stat().st_uid != owner]
