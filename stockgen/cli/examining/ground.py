"""What everything stands on: the config, folders and who owns them, disks, and what the kernel allows."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stockgen.cli.called import again, called
from stockgen.cli.desk import Session
from stockgen.cli.examining.findings import GIB, Finding
from stockgen.domain.words import Remark
from stockgen.filesystems import shared
from stockgen.lock import StateLock, holder

LOW_DISK = 2 << 30  # bytes; a night of pictures is about one GiB
KERNEL = Path("/proc/sys/fs/inotify")
INSTANCES = 128  # what kernels allow by default; two are needed, and other programs use them too
WATCHES = 8192  # the default of kernels before 5.11, which editors and file syncs use up


def config(session: Session) -> Iterator[Finding]:
    """Whether it can be read, and fits the data."""
    session.catalogue.check()
    _ = session.catalogue.say
    yield True, Remark("config.ok", facts={"path": str(session.path)})
    for told in session.catalogue.config.told:
        yield None, told


def daemon(session: Session) -> Iterator[Finding]:
    """Whether it runs."""
    pid = holder(session.state)
    yield (
        True,
        (
            Remark("doctor.running", facts={"pid": pid})
            if pid is not None
            else Remark("doctor.stopped", facts={"stockgen": again(session)})
        ),
    )


def folders(session: Session, may: Callable[[Path, int], bool] = os.access) -> Iterator[Finding]:
    """Whether pictures can be published: written, and linked into the outbox; whose the folders are."""
    from stockgen.pipeline.places import Places

    config = session.catalogue.config
    for path in (config.inbox.path, config.outbox.path):
        if path.exists() and not may(path, os.W_OK | os.X_OK):
            yield False, Remark("doctor.not_writable", facts=_owned(path))
            return
    if holder(config.state) is None:
        places = Places(config.state, config.outbox.staging, config.outbox.path)
        places.make()
        places.prove_link()
        StateLock(config.state).release()  # whoever works here must be able to take it
    yield True, Remark("doctor.folders", facts={"outbox": str(config.outbox.path)})


def state(session: Session, lies_on: Callable[[Path], str] = shared) -> Iterator[Finding]:
    """The folder of the ledger: on a disk of this computer, and one's own. That it is closed to others is seen to by
    each start.
    """
    folder = session.state
    if not folder.exists():
        return
    kind = lies_on(folder)
    if kind:
        yield False, Remark("doctor.state_shared", facts=_owned(folder) | {"kind": kind, "stockgen": called()})
    if folder.stat().st_uid != os.getuid():
        yield False, Remark("doctor.state_foreign", facts=_owned(folder))


def disk(session: Session) -> Iterator[Finding]:
    """Room for pictures, for the ledger, and for models where there are any; each disk once."""
    config = session.catalogue.config
    seen: set[int] = set()
    for folder in (config.outbox.path, config.state, *_of_models(session)):
        there = next(path for path in (folder, *folder.parents) if path.exists())
        if there.stat().st_dev in seen:
            continue
        seen.add(there.stat().st_dev)
        free = shutil.disk_usage(there).free
        told: dict[str, Any] = {"free": f"{free / GIB:.1f}", "path": str(folder)}
        yield free >= LOW_DISK, Remark("doctor.disk" if free >= LOW_DISK else "doctor.disk_low", facts=told)


def inotify(session: Session, kernel: Path = KERNEL) -> Iterator[Finding]:
    """The kernel's limits of watching folders; where it has none, nobody is told by it anyway."""
    if not kernel.exists():
        return
    fine = True
    for name, least, command in (("max_user_instances", INSTANCES, 512), ("max_user_watches", WATCHES, 524288)):
        limit = int((kernel / name).read_text("ascii"))
        if limit < least:
            fine = False
            facts = {"limit": limit, "name": f"fs.inotify.{name}", "better": str(command)}
            yield False, Remark("doctor.inotify_low", facts=facts)
    if fine:
        yield True, Remark("doctor.inotify")


def _of_models(session: Session) -> list[Path]:
    """Where models are kept, only where one could be used."""
    if not session.catalogue.devices or find_spec("huggingface_hub") is None:
        return []
    from stockgen.gpu.hub import Hub

    return [Hub("stockgen doctor").cache]


def _owned(path: Path) -> dict[str, Any]:
    return {"path": str(path), "quoted": shlex.quote(str(path))}
