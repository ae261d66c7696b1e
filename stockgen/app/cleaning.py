"""`stockgen clean` where no daemon runs: the lock and the ledger, and no stage, because a start tidies by itself."""

from __future__ import annotations

from collections.abc import Sequence

from stockgen.app.build import opened_ledger, wait_for_children
from stockgen.app.catalogue import Catalogue
from stockgen.domain.protocols import Clock
from stockgen.ledger import Ledger
from stockgen.lock import StateLock
from stockgen.pipeline.cleaning.finding import Found, Ground, spares_before
from stockgen.pipeline.cleaning.removing import Removed, remove
from stockgen.pipeline.places import Places


def found(catalogue: Catalogue, ledger: Ledger, clock: Clock, spares: bool) -> Sequence[Found]:
    """What can be thrown away. `spares`: also all tries that were not the best."""
    config, now = catalogue.config, clock.wall()
    before = spares_before(config.retention.spare, spares, now)
    return Ground(ledger, _places(catalogue), now, before).found()


def cleaned(catalogue: Catalogue, clock: Clock, spares: bool) -> Sequence[Removed]:
    """Throw it away. Raises StateHeld where a stockgen works here, LedgerRefused, StorageFull, StorageLost."""
    lock = StateLock(catalogue.config.state)
    try:
        wait_for_children(catalogue.config.state, clock)
        ledger = opened_ledger(catalogue.config)
        try:
            return remove(ledger, _places(catalogue), found(catalogue, ledger, clock, spares), clock.wall())
        finally:
            ledger.close()
    finally:
        lock.release()


def _places(catalogue: Catalogue) -> Places:
    config = catalogue.config
    return Places(config.state, config.outbox.staging, config.outbox.path)
