"""A card whose users are put on and off by hand: a whole `Probe`."""

from __future__ import annotations

from collections.abc import Collection

from stockgen.gpu.cards import Usage

MB = 1_000_000


class FakeCard:
    """Who uses card 0; counts how often it was asked."""

    def __init__(self) -> None:
        self.users: dict[int, tuple[str, int]] = {}
        self.asked = 0

    def use(self, pid: int, name: str, megabytes: int) -> None:
        """A process holds so much now; 0 = it has ended."""
        self.users[pid] = (name, megabytes * MB)
        if not megabytes:
            del self.users[pid]

    def usages(self, cards: Collection[int]) -> tuple[Usage, ...]:
        """As the driver tells it."""
        self.asked += 1
        return tuple(Usage(0, pid, name, held) for pid, (name, held) in self.users.items() if 0 in cards)
