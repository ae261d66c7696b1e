"""The second door: commands that the CLI put into `state/control/`."""

from __future__ import annotations

from pathlib import Path

from stockgen.app import App
from stockgen.pipeline.commands import read_command


class Control:
    """Applies commands in the order in which they were given."""

    def __init__(self, app: App, folder: Path) -> None:
        self._app = app
        self._folder = folder

    def step(self) -> None:
        """Apply what lies there. A file that is no command of ours is removed and told."""
        for path in sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns):
            try:
                command = read_command(path)
            except (ValueError, KeyError) as error:
                self._app.log.warning("file.ignored", file=path.name, reason=str(error))
            else:
                self._app.desk.apply(command)
            path.unlink(missing_ok=True)
