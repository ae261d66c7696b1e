"""How a model is held on a device: a pure choice from what is free and what its parts need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stockgen.domain.errors import OutOfMemory
from stockgen.gpu.settings import PlanName

PLANS: Sequence[PlanName] = ("resident", "phased", "offload")  # from the quickest to the most frugal
ENCODING = 300 << 20  # bytes of activations while prompts are encoded; the longest, 512 tokens of T5-XXL, takes 0.2 GiB
STREAMING = 1 << 30  # bytes of layers in flight while a part is streamed: two of the largest layers and their copies


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of the work on a batch. `parts`: what has to be on the device; `by_picture`: its activations grow
    with every picture that is worked on at a time; otherwise it works on one after the other.
    """

    name: str
    parts: frozenset[str]
    activations: int
    by_picture: bool = False

    def active(self, pictures: int) -> int:
        """Bytes of activations with so many pictures at a time."""
        return self.activations * (pictures if self.by_picture else 1)


@dataclass(frozen=True, slots=True)
class Need:
    """What a model asks of a device. `parts`: name → bytes; `phases` in their order; `batch`: pictures at a time at
    most; `rigid`: parts that can't be streamed, such as quantised ones.
    """

    parts: Mapping[str, int]
    phases: Sequence[Phase]
    batch: int
    rigid: frozenset[str] = frozenset()

    @property
    def weights(self) -> int:
        """Bytes of all parts."""
        return sum(self.parts.values())

    def held(self, phase: Phase, streamed: frozenset[str] = frozenset()) -> int:
        """Bytes of a phase's parts on the device, with the layers in flight of those that are streamed."""
        own = sum(self.parts[part] for part in phase.parts - streamed)
        return own + (STREAMING if streamed & phase.parts else 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model is held.

    `resident`: all parts stay on the device. `phased`: each phase has its own parts there, and others only where there
    is room. `offload`: what does not even fit alone (`streamed`) stays in the computer's memory, and its layers pass
    through the device one by one. `batch`: pictures at a time.
    """

    name: PlanName
    batch: int
    streamed: frozenset[str] = frozenset()

    @property
    def smaller(self) -> Plan | None:
        """The same with half the pictures at a time; None = it is one already."""
        return replace(self, batch=self.batch // 2) if self.batch > 1 else None


def choose(need: Need, free: int, wanted: PlanName | str = "auto") -> Plan:
    """The quickest plan that fits into `free` bytes; `wanted` names the quickest one that is allowed.

    Raises OutOfMemory `card_too_small` where even streaming does not fit.
    """
    first = 0 if wanted == "auto" else [*PLANS].index(wanted)  # type: ignore[arg-type]
    for name in PLANS[first:]:
        plan = _FITTING[name](need, free)
        if plan is not None:
            return plan
    everything = frozenset(need.parts) - need.rigid
    needed = max(need.held(phase, everything) + phase.active(1) for phase in need.phases)
    raise OutOfMemory("card_too_small", free=free, needed=needed, exhausted=True)


def frugaler(plan: Plan, need: Need, free: int) -> Plan | None:
    """What to try after a plan had too little memory though it should have fitted; None = there is nothing left."""
    if plan.smaller is not None:
        return plan.smaller
    below = PLANS[PLANS.index(plan.name) + 1 :]
    if not below:
        return None
    try:
        return replace(choose(need, free, below[0]), batch=1)
    except OutOfMemory:
        return None


def staying(need: Need, plan: Plan, free: int, phase: Phase) -> frozenset[str]:
    """Which parts may be on the device during a phase: its own, and those of others that fit besides.

    What denoises is kept rather than what encodes: it is the largest, and needed in every batch.
    """
    if plan.name == "resident":
        return frozenset(need.parts)
    stay = set(phase.parts - plan.streamed)
    room = free - need.held(phase, plan.streamed) - phase.active(plan.batch)
    others = [part for part in need.parts if part not in phase.parts and part not in plan.streamed]
    for part in sorted(others, key=lambda each: -need.parts[each]):
        if need.parts[part] <= room:
            stay.add(part)
            room -= need.parts[part]
    return frozenset(stay)


def _resident(need: Need, free: int) -> Plan | None:
    room = free - need.weights
    pictures = min(_pictures(phase, room, need.batch) for phase in need.phases)
    return Plan("resident", pictures) if pictures else None


def _phased(need: Need, free: int) -> Plan | None:
    pictures = min(_pictures(phase, free - need.held(phase), need.batch) for phase in need.phases)
    return Plan("phased", pictures) if pictures and len(need.phases) > 1 else None


def _offload(need: Need, free: int) -> Plan | None:
    """Stream the largest parts until each phase fits. Pictures share what is streamed, so several at a time pay."""
    streamed: frozenset[str] = frozenset()
    for phase in need.phases:
        for part in sorted(phase.parts - need.rigid, key=lambda each: -need.parts[each]):
            if need.held(phase, streamed) + phase.active(1) > free:
                streamed |= {part}
    pictures = min(_pictures(phase, free - need.held(phase, streamed), need.batch) for phase in need.phases)
    return Plan("offload", pictures, streamed) if pictures else None


def _pictures(phase: Phase, room: int, most: int) -> int:
    """How many pictures at a time the activations of a phase leave room for; 0 = not one."""
    if not phase.by_picture:
        return most if phase.activations <= room else 0
    return max(0, min(most, room // phase.activations))


_FITTING = {"resident": _resident, "phased": _phased, "offload": _offload}
