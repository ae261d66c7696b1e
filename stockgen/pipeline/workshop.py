"""What every stage of the pipeline works with."""

from __future__ import annotations

from dataclasses import dataclass

from stockgen.domain.hiding import Hide, hidden
from stockgen.domain.protocols import Clock
from stockgen.ledger import Ledger
from stockgen.logs import Logger
from stockgen.pipeline.disk import WAIT
from stockgen.pipeline.places import Places


@dataclass(frozen=True, slots=True)
class Workshop:
    """One ledger, the three places, the time, the log. `wait`: seconds until a full or lost disk is tried again; `hide`
    takes keys out of what others say.
    """

    ledger: Ledger
    places: Places
    clock: Clock
    log: Logger
    wait: float = WAIT
    hide: Hide = hidden
