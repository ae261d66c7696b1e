"""Bought pictures as they came, byte for byte: with the provenance that a master, encoded anew, can't carry.

They lie in the state, `originals/<job>/<stem>.<ending>`. Nothing is copied: the raw file in the spool gets its second
name there before its shot ends, and loses the first one afterwards. So at any moment it has at least one of them, and
whatever was cut off is done again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from stockgen.data.catalog import Model
from stockgen.files import fsync_dir, make_folders, translated
from stockgen.ledger import Row
from stockgen.metadata.provenance import Provenance
from stockgen.pipeline.places import Places

FOLDER = "originals"
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})  # link(2); exFAT says EPERM


class Originals:
    """Where they are kept. `bought`: names of the catalogue's models that somebody else runs; `link`: as os.link."""

    def __init__(
        self, places: Places, bought: Collection[str], link: Callable[[Path, Path], None] = os.link
    ) -> None:  # fmt: skip
        self._places, self._bought, self._link = places, bought, link

    def path(self, shot: Row, attempt: Row, stem: str) -> str | None:
        """Where the original of a picture is kept, relative to the state; None = of this one none is: it was made here.

        `attempt`: the one that it came from.
        """
        if not (attempt["reserved_micros"] or attempt["model"] in self._bought):
            return None
        return f"{FOLDER}/{shot['job_id']}/{stem}{Path(shot['raw_path']).suffix}"

    def keep(self, raw: str, path: str) -> bool:
        """Give a raw picture its second name, durably. Safe to repeat. False = somebody took the file away.

        Raises StorageFull, StorageLost.
        """
        source, target = self._places.spool / raw, self._places.state / path
        with translated(target):
            if not source.exists():
                return target.exists()
        make_folders(target.parent)
        with translated(target):
            self._name(source, target)
        fsync_dir(target.parent)
        return True

    def withdraw(self, raw: str, path: str) -> None:
        """The picture gets another name after all: its first one alone is left. Raises StorageFull, StorageLost."""
        source, target = self._places.spool / raw, self._places.state / path
        with translated(target):
            if not target.exists():
                return
            if source.exists():
                target.unlink()
                return
        make_folders(source.parent)
        with translated(source):
            target.replace(source)
        fsync_dir(source.parent)

    def _name(self, source: Path, target: Path) -> None:
        """By a link; where the file system knows none, by renaming: then it has one name, the one or the other."""
        if target.exists() and not target.samefile(source):
            target.unlink()  # of a try that was given up: names are used once
        try:
            self._link(source, target)
        except FileExistsError:
            return
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            source.replace(target)


def original(state: Path, job: str, stem: str) -> Path | None:
    """Where the original of a picture lies; None = none was kept, or it is gone."""
    return next(iter(sorted((state / FOLDER / job).glob(f"{stem}.*"))), None)


def watermark(model: Model | None, found: Provenance) -> str:
    """The mark that no eye sees; "" = none is known of. It can't be found here: the catalogue knows whose models put
    one in, and Google says of its pictures that they are its.
    """
    known = model.cloud.watermark if model and model.cloud else ""
    return known or ("SynthID" if found.google else "")


def provenance_told(model: Model | None, found: Provenance, path: str | None, sha256: str) -> Mapping[str, Any]:
    """What a sidecar says of where a picture is from. `path`, `sha256`: of its original, None = none is kept."""
    return {
        "c2pa": found.c2pa, "watermark": watermark(model, found) or None, "source_type": found.source_type or None,
        "original": path, "original_sha256": sha256 if path else None,
    }  # fmt: skip
