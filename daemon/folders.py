"""Our own folders in the inbox, and how something comes into them. People tidy up: what is missing is made again."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from stockgen.app.build import App
from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.files import translated, write_softly


class Folders:
    """`accepted/` and `rejected/` of one inbox."""

    def __init__(self, app: App, inbox: Path) -> None:
        self._app = app
        self.accepted = inbox / "accepted"
        self.rejected = inbox / "rejected"

    def furnish(self) -> None:
        """Create both in an inbox that is there; the inbox itself may be a mount that just went."""
        with suppress(OSError):  # a read-only inbox can still be read; whatever has to be moved there tries again
            self._make(self.accepted)
            self._make(self.rejected)

    def take_in(self, path: str, target: Path) -> None:
        """Move a file to `target` in one of them. Raises OSError, FileNotFoundError where there is no such file.

        `path` is text: five thousand files at once are five thousand paths.
        """
        try:
            os.rename(path, target)  # noqa: PTH104 - no Path
        except FileNotFoundError:
            if not self._make(target.parent):
                raise
            os.rename(path, target)  # noqa: PTH104

    def lay(self, path: Path, data: bytes) -> None:
        """Write something for the author. It is a courtesy: where it can't be written, the job goes on."""
        try:
            self._write(path, data)
        except (StorageFull, StorageLost) as error:
            self._app.log.warning("file.ignored", file=path.name, reason=str(error))

    def _write(self, path: Path, data: bytes) -> None:
        try:
            write_softly(path, data)
        except StorageLost:
            with translated(path.parent):
                if not self._make(path.parent):
                    raise
            write_softly(path, data)

    def _make(self, folder: Path) -> bool:
        """Make one of them where it is missing; whether it was. Raises OSError."""
        try:
            folder.mkdir()
        except FileExistsError:
            return False
        if folder == self.accepted:  # a new one: what is not in it was not taken out of it
            self._app.ledger.jobs.unrest()
        return True
