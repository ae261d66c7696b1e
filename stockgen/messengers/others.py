"""ntfy, Discord, mail and a hundred others; the only file that knows apprise."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any

from stockgen.domain.hiding import Hide
from stockgen.domain.telling import Letter, NotDelivered

SHOWN = 200  # signs of what apprise complains of
TITLE = "stockgen"


class Others:
    """One address in apprise's form. `name`: what the config calls it; `module`: the library."""

    def __init__(self, address: str, name: str, hide: Hide, module: str = "apprise") -> None:
        self._address, self._name, self._hide, self._module = address, name, hide, module

    def lacking(self) -> NotDelivered | None:
        """Why nothing can be sent, found without sending; None = nothing speaks against it."""
        try:
            fine = self._speaker().Apprise().add(self._address)
        except NotDelivered as error:
            return error
        return None if fine else NotDelivered("notify_address", name=self._name)

    def _speaker(self) -> Any:
        try:
            return import_module(self._module)
        except ImportError as error:
            raise NotDelivered("notify_no_apprise", name=self._name) from error

    def send(self, letter: Letter) -> str:
        """Words, with the picture where the service takes one. Raises NotDelivered."""
        apprise = self._speaker()
        carrier = apprise.Apprise()
        with apprise.LogCapture(level=logging.WARNING) as complaints:
            if not carrier.add(self._address):
                raise NotDelivered("notify_address", name=self._name)
            picture = str(letter.picture) if letter.picture and letter.picture.is_file() else None
            # Text that begins like a mark of Markdown must arrive as it is.
            if carrier.notify(body=letter.text, title=TITLE, attach=picture, body_format=apprise.NotifyFormat.TEXT):
                return ""
            said = self._hide(" ".join(complaints.getvalue().split()))[:SHOWN]
        raise NotDelivered("notify_away", name=self._name, detail=said or "?")
