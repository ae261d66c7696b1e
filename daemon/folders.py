"""Our own folders in the inbox, and how something comes into them. People tidy up: what is missing is made again."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from daemon.names import NOTE
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

    def lay(self, path: Path, data: bytes, write: Callable[[Path, bytes], None] = write_softly) -> None:
        """Write something for the author. It is a courtesy: where it can't be written, the job goes on.

        `write`: `write_whole` for what could not be written again after a power cut.
        """
        try:
            self._write(path, data, write)
        except (StorageFull, StorageLost) as error:
            self._app.log.warning("file.ignored", file=path.name, reason=str(error))

    def emptied(self) -> list[Path]:
        """Notes in `accepted/` in which nothing is: the power was cut before the kernel had written them."""
        found = []
        with suppress(OSError), os.scandir(self.accepted) as entries:
            found = [one.path for one in entries if one.name.endswith(NOTE) and not one.stat().st_size]
        return [Path(path) for path in found]

    def sweep(self) -> None:
        """Remove what a kill has left half written. Raises OSError."""
        for folder in (self.accepted, self.rejected):
            for half in folder.glob(".*.tmp"):
                half.unlink(missing_ok=True)

    def _write(self, path: Path, data: bytes, write: Callable[[Path, bytes], None]) -> None:
        try:
            write(path, data)
        except StorageLost:
            with translated(path.parent):
                if not self._make(path.parent):
                    raise
            write(path, data)

    def _make(self, folder: Path) -> bool:
        """Make one of them where it is missing; whether it was. Raises OSError."""
        try:
            folder.mkdir()
        except FileExistsError:
            return False
        if folder == self.accepted:  # a new one: what is not in it was not taken out of it
            self._app.ledger.jobs.unrest()
        return True
