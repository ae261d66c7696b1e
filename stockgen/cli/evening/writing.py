"""The config that the answers make: the old one, or the shipped one, with only the chosen values changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from stockgen.cli.desk import Session
from stockgen.cli.evening.asking import Asker
from stockgen.cli.evening.questions import Changes
from stockgen.config.editing import edited
from stockgen.config.load import load
from stockgen.domain.errors import UsageError
from stockgen.domain.words import Language
from stockgen.files import make_folders, write_softly


@dataclass
class Draft:
    """`before`: the bytes of the config that is there, None = there is none; `text`: what is changed. `addresses`: to
    whom messages go, by name; each is a secret, and stands in no config.
    """

    path: Path
    before: bytes | None
    text: str
    changes: Changes = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path, shipped: str) -> Draft:
        """Of the config at `path`. Raises ConfigError for one with faults."""
        if not path.exists():
            return cls(path, None, shipped)
        load(path)
        before = path.read_bytes()
        return cls(path, before, before.decode("utf-8-sig"))

    @contextmanager
    def session(self, language: Language, plugins: Sequence[str]) -> Iterator[Session]:
        """A session with the config as it is now; a shipped one lies somewhere else as long as questions are asked."""
        if self.before is not None:
            yield Session(self.path, language, plugins)
            return
        with TemporaryDirectory() as folder:
            copy = Path(folder) / self.path.name
            copy.write_text(self.text, "utf-8")
            yield Session(copy, language, plugins)

    def write(self, asker: Asker) -> None:
        """Make the folder and its config; what it was before stays beside it. Raises UsageError, ConfigError."""
        text = self._changed()
        if self.before is not None and not self.changes:
            asker.tell("setup.same", path=str(self.path))
            return
        for name in ("inbox", "outbox", "my") if self.before is None else ():
            make_folders(self.path.parent / name)
        if (self.path.read_bytes() if self.path.exists() else None) != self.before:
            raise UsageError("setup_changed", path=str(self.path))
        if self.before is not None:
            old = _free(self.path)
            write_softly(old, self.before)
            asker.tell("setup.old", path=str(old))
        write_softly(self.path, text.encode())
        asker.tell("setup.wrote", path=str(self.path))

    def _changed(self) -> str:
        """The new text, which was read as the daemon will read it. Raises UsageError, ConfigError."""
        try:
            text = edited(self.text, self.changes)
        except (ValueError, yaml.YAMLError) as error:
            raise UsageError("setup_unplaced", path=str(self.path), keys=str(error)) from error
        with TemporaryDirectory() as folder:
            copy = Path(folder) / self.path.name
            copy.write_text(text, "utf-8")
            load(copy)
        return text


def _free(path: Path) -> Path:
    """`config.yaml.old`, or with a number where an older one is there: nothing that was kept is overwritten."""
    old, number = path.with_name(f"{path.name}.old"), 2
    while old.exists():
        old, number = path.with_name(f"{path.name}.old{number}"), number + 1
    return old
