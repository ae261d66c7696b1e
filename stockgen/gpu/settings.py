"""What the config says about the card, as plain data that crosses to a lane's process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PlanName = Literal["resident", "phased", "offload"]


@dataclass(frozen=True, slots=True)
class GpuSettings:
    """`plan`: how a model is held, `auto` = by what is free. `pinned`: names of models that never leave for others or
    for being idle. `unload_after`: seconds of idleness after which the others leave. `compile`: `auto` = where the
    queue pays for it.
    """

    plan: Literal["auto", "resident", "phased", "offload"] = "auto"
    pinned: frozenset[str] = frozenset()
    unload_after: float = 900.0
    compile: Literal["auto", "never"] = "auto"
