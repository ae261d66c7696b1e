"""A session on a machine with other cards: a whole driver that tells of them stands in for NVIDIA's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stockgen.app.catalogue import PLUGINS, Catalogue
from stockgen.cli.desk import Session
from stockgen.config import load
from stockgen.gpu.cards import Card, Usage
from stockgen.gpu.nvml import Nvml, Why


class Driver(Nvml):
    """Tells of `cards`, on which nobody works."""

    def __init__(self, cards: Sequence[Card]) -> None:
        super().__init__("tests.gpu.fake_nvml")
        self.why: Why = "" if cards else "no_driver"
        self._cards = tuple(cards)

    def cards(self) -> tuple[Card, ...]:
        return self._cards

    def usages(self, cards: Collection[int]) -> tuple[Usage, ...]:
        return ()


@dataclass(frozen=True)
class Rig(Session):
    """`cards`: those of the machine."""

    cards: tuple[Card, ...] = ()

    @cached_property
    def catalogue(self) -> Catalogue:
        return _Fitted(load(self.path), self.path.parent / "my", (*PLUGINS, *self.more_plugins), cards=self.cards)


@dataclass(frozen=True)
class _Fitted(Catalogue):
    cards: tuple[Card, ...] = ()  # type: ignore[assignment]

    @cached_property
    def driver(self) -> Nvml:
        return Driver(self.cards)


def rig(config: Path, *cards: Card) -> Rig:
    """A session of this config on a machine with these cards."""
    return Rig(config, cards=cards)
