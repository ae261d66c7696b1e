"""Commands about the ledger and its copies."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stockgen.cli.desk import Session
from stockgen.domain.errors import UsageError
from stockgen.domain.words import Remark

if TYPE_CHECKING:
    from stockgen.pipeline.adopt import Adopted


def snapshot(context: typer.Context) -> int:
    """Copy the ledger into the outbox now, whoever is writing it."""
    from stockgen.pipeline import snapshots
    from stockgen.pipeline.places import Places

    session: Session = context.obj
    session.reading().close()
    config = session.catalogue.config
    places = Places(config.state, config.outbox.staging, config.outbox.path)
    places.make()
    session.tell(Remark("ledger.copied", facts={"path": str(snapshots.snapshot(places))}))
    return 0


def backup(context: typer.Context, path: Path) -> int:
    """Copy the ledger to another place, whoever is writing it. Nothing is overwritten."""
    from stockgen.files import fsync_dir, translated
    from stockgen.ledger import FILE_NAME
    from stockgen.ledger.care import copied

    session: Session = context.obj
    session.reading().close()
    target = path / f"ledger-{time.strftime('%Y%m%d-%H%M%S')}.db" if path.is_dir() else path
    if target.exists():
        raise UsageError("backup_exists", path=str(target))
    half = target.with_name(f".{target.name}.tmp")
    copied(session.state / FILE_NAME, half)
    with translated(target):
        half.rename(target)  # not linked: sticks and network folders know no links
    fsync_dir(target.parent)
    session.tell(Remark("ledger.copied", facts={"path": str(target)}))
    return 0


def restore(context: typer.Context, path: Path) -> int:
    """Go on with a copy of the ledger; the present one is kept beside it."""
    from stockgen.app.restoring import restore as restored
    from stockgen.domain.times import SystemClock

    session: Session = context.obj
    done = restored(session.catalogue, path, SystemClock())
    session.tell(Remark("ledger.restored", facts={"path": str(path)}))
    if done.kept:
        session.tell(Remark("ledger.kept", facts={"path": str(done.kept)}))
    session.tell(*_found(done.adopted, session.catalogue.config.inbox.path / "accepted"))
    return 0


def _found(adopted: Adopted, folder: Path) -> list[Remark]:
    told = []
    if adopted.pictures:
        told.append(Remark("ledger.adopted", facts={"count": adopted.pictures}))
    if adopted.baskets:
        told.append(Remark("ledger.handed", facts={"count": adopted.baskets}))
    if adopted.unknown:
        told.append(Remark("ledger.unknown", facts={"jobs": list(adopted.unknown), "folder": str(folder)}))
    return told
