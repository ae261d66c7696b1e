"""What helps where the ledger can't be used. It is never begun anew without being told to."""

from __future__ import annotations

import shlex
from pathlib import Path

from stockgen.domain.errors import LedgerRefused, StorageLost
from stockgen.domain.times import local
from stockgen.domain.words import Remark
from stockgen.ledger import FILE_NAME
from stockgen.ledger.care import examined

A_JOB = "[0-9][0-9][0-9][0-9]-[0-9][0-9]/*_?????"  # a job's folder (places.job_folder): nobody else makes such


def refuse_to_forget(state: Path, outbox: Path) -> None:
    """Raises LedgerRefused where there is no ledger, but an outbox that shows earlier work: what is in it would be made
    again under other names.
    """
    ledger = state / FILE_NAME
    there = ledger.exists() and ledger.stat().st_size > 0
    if not there and ((outbox / FILE_NAME).exists() or any(outbox.glob(A_JOB))):
        raise LedgerRefused("ledger_missing", path=str(ledger), outbox=str(outbox))


def advised(error: LedgerRefused, state: Path, outbox: Path, timezone: str) -> LedgerRefused:
    """The same refusal with what helps: which copy can be restored, and what else can be done."""
    ledger, copy = state / FILE_NAME, outbox / FILE_NAME
    if error.code == "ledger_other":  # it is older than this program: the next daemon brings it up to date
        return error
    helps = [Remark("ledger.upgrade")] if error.code == "ledger_newer" else [_restorable(copy, timezone)]
    if error.code == "ledger_behind":
        helps.append(Remark("ledger.accept", facts={"command": _restore(ledger)}))
    if error.code == "ledger_missing":
        helps.append(Remark("ledger.anew", facts={"outbox": str(outbox)}))
    return LedgerRefused(error.code, helps, **error.facts)


def _restorable(copy: Path, timezone: str) -> Remark:
    """How to go on with the copy in the outbox, or why that can't be done."""
    if not copy.exists():
        return Remark("ledger.no_copy", facts={"path": str(copy)})
    try:
        examined(copy)
    except (LedgerRefused, StorageLost):
        return Remark("ledger.bad_copy", facts={"path": str(copy)})
    date = f"{local(copy.stat().st_mtime, timezone):%Y-%m-%d %H:%M}"
    return Remark("ledger.restore", facts={"date": date, "command": _restore(copy)})


def _restore(path: Path) -> str:
    return f"stockgen ledger restore {shlex.quote(str(path))}"
