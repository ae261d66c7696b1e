"""What is told to people who are not at the machine, and the protocol of whoever carries it. Beside `protocols.py`,
because nothing that makes pictures knows of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from stockgen.domain.errors import StockgenError


@dataclass(frozen=True, slots=True)
class Letter:
    """`text` plain, of any length; `picture` a file, None = none. `chat`, `reply_to`: where somebody asked, "" = the
    address' own place.
    """

    text: str
    picture: Path | None = None
    chat: str = ""
    reply_to: str = ""


class NotDelivered(StockgenError):
    """A service did not take a letter. `for_good`: it will never take this one; else it is tried again, after
    `retry_after` seconds where the service has said so.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code, **facts)
        self.for_good = bool(facts.get("for_good", False))
        self.retry_after = float(facts.get("retry_after", 0.0))


class Messenger(Protocol):
    """Carries letters to one address. Called from one thread alone."""

    def send(self, letter: Letter) -> str:
        """Deliver; return what names the message there (`chat:message`), "" = nothing does. Raises NotDelivered."""


@dataclass(frozen=True, slots=True)
class Update:
    """Something that came from a chat. `text` None = no words (a picture, a sticker). `answers`: the message that it
    replies to, as `Messenger.send` names it.
    """

    id: int
    chat: int
    message: int
    text: str | None
    answers: str = ""


class Mailbox(Protocol):
    """Where orders come from."""

    def fetch(self, offset: int, seconds: float) -> tuple[Sequence[Update], int]:
        """Wait up to `seconds` for what came from `offset` on, which confirms all before it; return it with the next
        offset. Raises NotDelivered.
        """
