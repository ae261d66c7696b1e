"""What a lane tells its worker (commands) and what the worker tells its lane (events); picklable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stockgen.domain.protocols import Fit, Outcome


@dataclass(frozen=True, slots=True)
class Render:
    """Render these, shots of one stack, into `spool`. `ahead`: how many more of that stack wait."""

    batch: tuple[Fit, ...]
    spool: Path
    ahead: int = 0


@dataclass(frozen=True, slots=True)
class Cancel:
    """End these shots of the batch in hand at their next step."""

    shots: frozenset[int]


@dataclass(frozen=True, slots=True)
class Release:
    """Give the device back as soon as the batch in hand has ended."""


@dataclass(frozen=True, slots=True)
class Close:
    """Cancel everything, then end."""


@dataclass(frozen=True, slots=True)
class Up:
    """The worker can take a batch."""


@dataclass(frozen=True, slots=True)
class Beat:
    """`shot` has done `step` of `steps`."""

    shot: int
    step: int
    steps: int


@dataclass(frozen=True, slots=True)
class Released:
    """The device has been given back."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Models that were loaded or have left; stacks, as in `Fit`."""

    loaded: tuple[str, ...]
    unloaded: tuple[str, ...]


Command = Render | Cancel | Release | Close
Event = Up | Beat | Released | Changed | Outcome
