"""What was paid for and had come, whole, before its lane or the program ended: read from the spool."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.domain.hiding import Hide
from stockgen.domain.protocols import Fit, Outcome, Provider
from stockgen.lanes.customs import checked
from stockgen.ledger import Ledger, Row
from stockgen.ledger.shots import shot_of
from stockgen.logs import Logger


@dataclass(frozen=True, slots=True)
class Purchase:
    """A claim that a dead program left open. `fits`: what was asked for, as the ledger kept it."""

    token: str
    provider: str
    fits: dict[int, Fit] = field(default_factory=dict)


def purchases(ledger: Ledger) -> Iterator[Purchase]:
    """Every claim that is open and may have cost something."""
    for (token, provider), rows in groupby(ledger.shots.bought(), key=lambda row: (row["token"], row["asked"])):
        yield Purchase(token, provider, {row["id"]: _fit(row) for row in rows})


def answers(provider: Provider, folder: Path, log: Logger, hide: Hide) -> Sequence[Outcome]:
    """What lies in a batch's folder, as if it had just come; nothing where the plugin can't read it: that is told as a
    bug, and the money counts as spent. `hide` takes keys out of errors. Raises StorageFull, StorageLost.
    """
    try:
        return [checked(outcome, folder, hide) for outcome in provider.redeem(folder)]
    except (StorageFull, StorageLost):
        raise
    except Exception as error:  # noqa: BLE001  the plugin wall
        trace = "".join(traceback.format_exception(error))
        log.error("bug", traceback=trace, token=folder.name)  # noqa: TRY400  it has its traceback
        return ()


def _fit(row: Row) -> Fit:
    return Fit(
        shot=shot_of(row), provider=row["asked"], model=row["model"], stack=row["stack"],
        request=json.loads(row["request"]), quote=row["reserved_micros"],
    )  # fmt: skip
