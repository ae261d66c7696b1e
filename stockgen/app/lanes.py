"""Which lanes there are: one for each card, one for what this computer draws without, and for each provider at the
network as many as it may have requests at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from stockgen.app.catalogue import Catalogue
from stockgen.domain.protocols import Clock, Lane
from stockgen.domain.words import Place as Where
from stockgen.gpu.cards import LaneDevice, nowhere
from stockgen.lanes.process import ProcessLane
from stockgen.lanes.spec import LaneSpec, ProviderSpec
from stockgen.lanes.thread import ThreadLane
from stockgen.pipeline.slot import Place

# Seconds of silence after which a lane counts as stuck; a model may take minutes to load.
PATIENCE: Mapping[str, float] = MappingProxyType({"cpu": 60.0, "gpu": 300.0, "net": 300.0})
LATE = 60.0  # seconds that a provider may take besides its own `timeout`: to connect, and for the end of an answer


@dataclass(frozen=True, slots=True)
class LaneMaker:
    """Makes places for a catalogue. `wake` as `Lane` says; `patience`: place → seconds of silence before a kill."""

    clock: Clock
    wake: Callable[[], None]
    patience: Mapping[str, float]

    def places(self, catalogue: Catalogue) -> list[Place]:
        """All places that the configured providers need; nothing is started."""
        lock = children(catalogue.config.state)
        return [
            Place(spec.name, {one.name: catalogue.providers[one.name] for one in spec.providers},
                  self._starter(spec, lock))
            for spec in self._specs(catalogue)
        ]  # fmt: skip

    def _specs(self, catalogue: Catalogue) -> Iterator[LaneSpec]:
        """A thread for each request that may be out, a process for what computes, one for each device of a card's."""
        shared: dict[Where, list[ProviderSpec]] = {}
        for name, provider in catalogue.providers.items():
            if provider.place != "net":
                shared.setdefault(provider.place, []).append(catalogue.specs[name])
                continue
            for number in range(1, provider.terms.parallel + 1):
                alone = (catalogue.specs[name],)
                yield LaneSpec(f"{name}-{number}", "net", alone, self._patience(*alone), catalogue.setup)
        for where, specs in shared.items():
            yield from self._ours(catalogue, where, tuple(specs))

    def _patience(self, spec: ProviderSpec) -> float:
        """A lane never gives up before its provider does."""
        timeout = spec.options.get("timeout")
        return max(self.patience["net"], timeout + LATE) if timeout else self.patience["net"]

    def _ours(self, catalogue: Catalogue, where: Where, specs: tuple[ProviderSpec, ...]) -> Iterator[LaneSpec]:
        """The lanes of this computer: whatever is at one place takes turns there."""
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
