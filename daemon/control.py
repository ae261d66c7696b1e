"""The second door: commands that the CLI put into `state/control/`."""

from __future__ import annotations

from pathlib import Path

from stockgen.app.build import App
from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.files import discard
from stockgen.pipeline.commands import read_command

# What reading and applying raise for a file that the CLI never wrote: no JSON, unknown names, arguments that don't fit.
_NOT_OURS = (ValueError, KeyError, TypeError, RecursionError)


class Control:
    """Applies commands in the order in which they were given: their names count nanoseconds."""

    def __init__(self, app: App, folder: Path) -> None:
        self._app = app
        self._folder = folder

    def step(self) -> None:
        """Apply what lies there. A file that is no command of ours is removed and told."""
        for path in sorted(self._folder.glob("*.json")):
            if not path.is_file():  # reading a pipe would never end
                continue
            try:
                self._app.desk.apply(read_command(path))
            except (StorageFull, StorageLost):
                return  # the ledger can't be written: it stays, for the next turn
            except _NOT_OURS as error:
                self._app.log.warning("file.ignored", file=path.name, reason=f"{type(error).__name__}: {error}")
            discard(path)
