"""A card whose users are put on and off by hand: a whole `Probe`."""

from __future__ import annotations

from collections.abc import Collection

from stockgen.gpu.cards import Card, Usage

MB = 1_000_000


class FakeCard:
    """Who uses card 0, which has so many bytes; counts how often it was asked."""

    def __init__(self, total: int = 12_000 * MB) -> None:
        self.total = total
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

    def cards(self) -> tuple[Card, ...]:
        """As the driver tells it."""
        free = self.total - sum(held for _, held in self.users.values())
        return (Card(0, "RTX 3060", self.total, free, "580"),)
