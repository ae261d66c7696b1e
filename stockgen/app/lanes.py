"""Which lanes there are: one for each device of the card's place, one for each other place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from stockgen.app.catalogue import Catalogue
from stockgen.domain.protocols import Clock, Lane, Provider
from stockgen.domain.words import Place as Where
from stockgen.gpu.cards import LaneDevice, nowhere
from stockgen.lanes.process import ProcessLane
from stockgen.lanes.spec import LaneSpec
from stockgen.lanes.thread import ThreadLane
from stockgen.pipeline.slot import Place

# Seconds of silence after which a lane counts as stuck; a model may take minutes to load.
PATIENCE: Mapping[str, float] = MappingProxyType({"cpu": 60.0, "gpu": 300.0, "net": 300.0})


@dataclass(frozen=True, slots=True)
class LaneMaker:
    """Makes places for a catalogue. `wake` as `Lane` says; `patience`: place → seconds of silence before a kill."""

    clock: Clock
    wake: Callable[[], None]
    patience: Mapping[str, float]

    def places(self, catalogue: Catalogue) -> list[Place]:
        """All places that the configured providers need; nothing is started."""
        by_place: dict[Where, dict[str, Provider]] = {}
        for name, provider in catalogue.providers.items():
            by_place.setdefault(provider.place, {})[name] = provider
        return [
            Place(spec.name, hosted, self._starter(spec, children(catalogue.config.state)))
            for where, hosted in by_place.items()
            for spec in self._specs(catalogue, where, tuple(hosted))
        ]

    def _specs(self, catalogue: Catalogue, where: Where, names: Sequence[str]) -> Iterator[LaneSpec]:
        """A thread for what only waits, a process for what computes, a process for each device of a card's place."""
        specs = tuple(catalogue.specs[name] for name in names)
        if where != "gpu":
            yield LaneSpec(f"{where}0", where, specs, self.patience[where], catalogue.setup)
            return
        for device in devices(catalogue):
            setup = replace(catalogue.setup, device=device.device)
            yield LaneSpec(device.lane, where, specs, self.patience[where], setup, device.environment)

    def _starter(self, spec: LaneSpec, lock: Path) -> Callable[[], Lane]:
        if spec.place == "net":
            return lambda: ThreadLane(spec, self.clock, self.wake)
        return lambda: ProcessLane(spec, self.clock, self.wake, lock)


def devices(catalogue: Catalogue) -> Sequence[LaneDevice]:
    """The devices, or one that stands for none: shots that were planned for a card must not wait for ever."""
    return catalogue.devices or (nowhere(catalogue.compiled),)


def children(state: Path) -> Path:
    """The file by which a later daemon finds the children of this one."""
    return state / "children"
