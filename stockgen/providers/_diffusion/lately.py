"""What was seen a moment ago: a plan of hundreds of pictures asks the same question for each, at every turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from stockgen.domain.errors import NotConfigured

T = TypeVar("T")
LOOK_AGAIN = 1.0  # seconds


class Lately(Generic[T]):
    """`look`, whose answer to a name is good for a second, that it raised NotConfigured as well. `now` seconds."""

    def __init__(self, look: Callable[[str], T], now: Callable[[], float]) -> None:
        self._look = look
        self._now = now
        self._seen: dict[str, tuple[float, T | NotConfigured]] = {}

    def __call__(self, name: str) -> T:
        """The answer. Raises NotConfigured as `look` does."""
        now = self._now()
        if name not in self._seen or now >= self._seen[name][0]:
            self._seen[name] = (now + LOOK_AGAIN, self._asked(name))
        answer = self._seen[name][1]
        if isinstance(answer, NotConfigured):
            raise answer.with_traceback(None)
        return answer

    def lack(self, name: str) -> NotConfigured | None:
        """What `look` raises; None = nothing."""
        try:
            self(name)
        except NotConfigured as error:
            return error
        return None

    def _asked(self, name: str) -> T | NotConfigured:
        try:
            return self._look(name)
        except NotConfigured as error:
            return error
