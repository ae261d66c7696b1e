"""Keys of services: where they are, which one counts, and a wall that knows them all.

A service's credential `$CREDENTIALS_DIRECTORY/stockgen_<name>` comes before the environment, and that before a file in
the state folder, which nobody but its owner may read.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal
from urllib.parse import unquote

from stockgen.domain.hiding import hidden, hidden_by, marks

OURS = ("OPENAI_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "HF_TOKEN")
CREDENTIALS = "CREDENTIALS_DIRECTORY"  # systemd's LoadCredential=, systemd.exec(5)
_PREFIX = "stockgen_"
_OTHERS = 0o077  # bits by which others than its owner may touch a file
# Variables that hold somebody's key by their names, whatever it is for.
_KEY_LIKE = re.compile(r"(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)$", re.IGNORECASE)

_ADDRESS = "NOTIFY_"  # begins the names of addresses to which people are written, each a secret as a whole
_PIECES = re.compile(r"[/?&=:@,#]+")

Source = Literal["credential", "environment", "file"]


@dataclass(frozen=True, slots=True)
class Found:
    """A key, and where it is from. `path`: its file; None = the environment. `shown` to others than its owner: then it
    does not count, until that is mended.
    """

    value: str
    source: Source
    path: Path | None = None
    shown: bool = False


def address_key(name: str) -> str:
    """What the secret is called that holds the address `name` of `notify.urls`."""
    return f"{_ADDRESS}{name.upper()}"


def pieces(key: str) -> Iterator[str]:
    """A key; of an address also each part that may be one, because errors quote it in addresses of another form. A
    part with a dot is one only before `@`: it is a host's name elsewhere.
    """
    yield key
    scheme, _, rest = key.partition("://")
    if rest and scheme:
        user, at, _ = rest.split("/", 1)[0].rpartition("@")
        for one in {*_PIECES.split(rest), *(_PIECES.split(user) if at else ())}:
            if "." not in one or (at and one in _PIECES.split(user)):
                yield from {one, unquote(one)}


def places(name: str, environment: Mapping[str, str], kept: Path | None = None) -> Iterator[Found]:
    """Wherever the key `name` is, for example `OPENAI_API_KEY`: the first one counts."""
    folder = environment.get(CREDENTIALS, "")
    given = Path(folder) / f"{_PREFIX}{name.casefold()}"
    if folder and (value := _read(given)):
        yield Found(value, "credential", given)
    if value := environment.get(name, "").strip():
        yield Found(value, "environment")
    own = kept / name.casefold() if kept else None
    if own and (value := _read(own)):
        yield Found(value, "file", own, is_shown(own))


def secret(name: str, environment: Mapping[str, str], kept: Path | None = None) -> str:
    """The key `name`; "" = there is none, or only one that others may read: `shown` says so.

    `kept`: the folder of files, each called as its key in small letters.
    """
    found = next(places(name, environment, kept), None)
    return "" if found is None or found.shown else found.value


def shown(name: str, environment: Mapping[str, str], kept: Path | None = None) -> Path | None:
    """The file of the key `name` where that is why there is none: others than its owner may read it."""
    found = next(places(name, environment, kept), None)
    return found.path if found and found.shown else None


def is_shown(file: Path) -> bool:
    """Whether others than its owner may do anything with a file."""
    try:
        return bool(stat.S_IMODE(file.stat().st_mode) & _OTHERS)
    except OSError:
        return False  # it has just gone


def without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process that has no business with any key."""
    return {
        name: value for name, value in environment.items()
        if name not in (*OURS, CREDENTIALS) and not name.startswith(_ADDRESS) and not _KEY_LIKE.search(name)
        and hidden(value) == value
    }  # fmt: skip


class Keyring:
    """Every key that is, or was, here since it was made; `hide` takes them out of texts. Usable from any thread.

    Nothing is asked for a key by it: it looks at files again where one has changed, so that a key that was set a moment
    ago is known as well. A folder that is lost changes nothing.
    """

    def __init__(self, environment: Mapping[str, str], kept: Path | None = None) -> None:
        self._folders = tuple(str(folder) for folder in (environment.get(CREDENTIALS), kept) if folder)
        self._known = frozenset(mark for key in _of_environment(environment) for one in pieces(key)
                                for mark in marks(one))  # fmt: skip
        self._looked_at: tuple[object, ...] = ()
        self._files: tuple[str, ...] = ()
        self._lock = Lock()

    def hide(self, text: str) -> str:
        """`text` without any key (see `hidden`)."""
        self._look()
        return hidden_by(text, self._known)

    def _look(self) -> None:
        """A file that came or went changes its folder, one that was written into only itself."""
        seen = tuple(map(_stamp, (*self._folders, *self._files)))
        if seen == self._looked_at:
            return
        with self._lock:
            self._files = tuple(file for folder in self._folders for file in _files(folder))
            found = (_read(Path(file)) for file in self._files)
            self._known |= {mark for key in found for one in pieces(key) for mark in marks(one)}
            self._looked_at = seen if len(seen) == len(self._folders) + len(self._files) else ()


def _stamp(path: str) -> object:
    """What changes with a file or folder; None = it is not there."""
    try:
        found = os.stat(path)  # noqa: PTH116  asked for each text that is logged; Path's takes much longer
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _files(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [one.path for one in entries if one.is_file()]
    except OSError:
        return []


def _of_environment(environment: Mapping[str, str]) -> Iterator[str]:
    """What variables of keys hold, but for paths: half of one stands in half of all lines of a log."""
    for name, value in environment.items():
        called = _KEY_LIKE.search(name) and not re.search(r"^[/~.]|://|\s", value.strip())
        if name in OURS or name.startswith(_ADDRESS) or called:
            yield value.strip()


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip() if file.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return ""
