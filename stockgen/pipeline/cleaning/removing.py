"""Throwing away what was found. The ledger says so first: whatever a kill leaves lying then has no row that needs it,
and the next start, or the next time, removes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from stockgen.domain.words import Remark
from stockgen.files import why
from stockgen.ledger import Ledger
from stockgen.pipeline.cleaning.finding import BLOCK, Found, Kind, freed
from stockgen.pipeline.originals import FOLDER as ORIGINALS
from stockgen.pipeline.places import Places


@dataclass(slots=True)
class Removed:
    """What became of one kind: files and bytes of the disk that are free now, and those that could not be removed."""

    kind: Kind
    files: int = 0
    bytes: int = 0
    left: list[tuple[Path, Remark]] = field(default_factory=list)


def remove(ledger: Ledger, places: Places, found: Sequence[Found], now: float) -> list[Removed]:
    """Throw away what was found; a file that the disk won't let go of stays, and is told. `now` wall
    seconds. Raises StorageFull, StorageLost where the ledger can't be written: then nothing was removed.
    """
    with ledger.atomic():
        for one in found:
            if one.kind == "baskets":
                ledger.baskets.cleaned(one.rows, now)
            elif one.rows:
                ledger.tries.cleaned(one.rows)
    roots = {places.spool, places.staging, places.state, places.spare, places.references, places.state / ORIGINALS}
    return [_removed(one, roots) for one in found]


def told(removed: Sequence[Removed]) -> tuple[Remark, ...]:
    """A remark for each kind, and for what stayed."""
    kinds = [_kind(one.kind, one.files, one.bytes) for one in removed]
    stayed = [each for one in removed for each in one.left]
    if stayed:
        path, reason = stayed[0]
        kinds.append(Remark("clean.left", facts={"files": len(stayed), "path": str(path), "why": reason}))
    return tuple(kinds)


def foretold(found: Sequence[Found]) -> tuple[Remark, ...]:
    """The same before anything is done."""
    return tuple(_kind(one.kind, len(one.files), freed(one.files)) for one in found)


def _kind(kind: Kind, files: int, size: int) -> Remark:
    return Remark(f"clean.kind.{kind}", facts={"files": files, "bytes": size})


def _removed(found: Found, roots: set[Path]) -> Removed:
    done = Removed(found.kind)
    for path in found.files:
        try:
            before = path.lstat()
            path.unlink()
        except FileNotFoundError:  # its owner was quicker
            continue
        except OSError as error:
            done.left.append((path, why(error)))
            continue
        done.files += 1
        done.bytes += before.st_blocks * BLOCK if before.st_nlink == 1 else 0
        with suppress(OSError):  # not empty yet
            _tidied(path.parent, roots)
    return done


def _tidied(folder: Path, roots: set[Path]) -> None:
    """Remove the folders that were emptied; never one of the places themselves. Raises OSError at one that is not. A
    basket's has its table.
    """
    while folder not in roots:
        folder.rmdir()
        folder = folder.parent
