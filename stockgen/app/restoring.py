"""`stockgen ledger restore`: a copy takes the ledger's place, and what lies in the outbox is taken over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from stockgen.app.build import wait_for_children
from stockgen.app.catalogue import Catalogue
from stockgen.domain.errors import UsageError
from stockgen.domain.protocols import Clock
from stockgen.domain.times import local
from stockgen.files import fsync_dir, make_folders, translated
from stockgen.ledger import FILE_NAME, Ledger
from stockgen.ledger.care import copied, examined, is_ledger
from stockgen.ledger.mark import forget
from stockgen.lock import StateLock
from stockgen.pipeline.adopt import Adopted, adopt
from stockgen.pipeline.places import top_folder

HALF = "ledger.restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """`kept`: where the replaced ledger lies now, None = there was none, or it was restored from itself."""

    kept: Path | None
    adopted: Adopted


def restore(catalogue: Catalogue, path: Path, clock: Clock) -> Restored:
    """Let the ledger at `path` take the place of the present one, which is kept beside it under a new name.

    Restoring the present ledger itself means: go on with what is there. Raises StateHeld where a stockgen works here,
    UsageError where `path` is no file, LedgerRefused where it can't be used (then nothing was changed), StorageFull,
    StorageLost.
    """
    config = catalogue.config
    if not path.is_file():
        raise UsageError("no_backup", path=str(path))
    with _locked(config.state, clock):
        ledger, half = config.state / FILE_NAME, config.state / HALF
        examined(path)
        if not is_ledger(path):
            raise UsageError("no_backup", path=str(path))
        copied(path, half)  # reads all of it, and folds in a WAL that lies beside
        kept = None if _same(path, ledger) else _kept(ledger, f"{local(clock.wall(), config.timezone):%Y%m%d-%H%M%S}")
        _replace(half, ledger)
        return Restored(kept, _taken_over(catalogue))


@contextmanager
def _locked(state: Path, clock: Clock) -> Iterator[None]:
    make_folders(state)
    lock = StateLock(state)
    try:
        wait_for_children(state, clock)
        yield
    finally:
        lock.release()


def _same(path: Path, ledger: Path) -> bool:
    return ledger.exists() and path.samefile(ledger)


def _kept(ledger: Path, moment: str) -> Path | None:
    """Give the present ledger a second name, with the WAL that belongs to it. It keeps its own until it is replaced: a
    kill in between leaves a ledger that its mark calls incomplete.
    """
    if not ledger.exists():
        return None
    kept, number = ledger.with_name(f"ledger.replaced-{moment}.db"), 2
    while os.path.lexists(kept):
        kept, number = ledger.with_name(f"ledger.replaced-{moment}~{number}.db"), number + 1
    with translated(kept):
        os.link(ledger, kept)
        with suppress(FileNotFoundError):
            _beside(ledger, "-wal").rename(_beside(kept, "-wal"))
    fsync_dir(ledger.parent)
    return kept


def _replace(half: Path, ledger: Path) -> None:
    """Put the new ledger there. A WAL of another ledger must never lie beside it."""
    with translated(ledger):
        for ending in ("-wal", "-shm"):
            _beside(ledger, ending).unlink(missing_ok=True)
        half.replace(ledger)
    fsync_dir(ledger.parent)
    forget(ledger.parent)


def _beside(ledger: Path, ending: str) -> Path:
    return ledger.with_name(f"{ledger.name}{ending}")


def _taken_over(catalogue: Catalogue) -> Adopted:
    config, language = catalogue.config, catalogue.language
    ledger = Ledger.opened(config.state)
    try:
        ledger.schedules.forget_others(())  # nobody knows what came since the copy: none of it is made up for
        review, upload = top_folder(ledger, language, "review"), top_folder(ledger, language, "upload")
        return adopt(ledger, config.outbox.path, review, upload)
    finally:
        ledger.close()
