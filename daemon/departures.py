"""Tells the log once a day of what is out of date in the config: models that their services have switched off, or soon
will, and keys that are called otherwise now.
"""

from __future__ import annotations

from datetime import date

from stockgen.app.build import App


class Departures:
    """Stepped with every turn of the loop."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._day: date | None = None

    def step(self) -> None:
        """Tell, where a new day has begun, or the first one."""
        day = self._app.catalogue.succession.today()
        if day != self._day:
            self._day = day
            catalogue = self._app.catalogue
            for one in (*catalogue.departures, *catalogue.config.told):
                self._app.log.warning(one.code, **one.facts)

    def again(self) -> None:
        """Tell with the next step: the config has changed."""
        self._day = None
