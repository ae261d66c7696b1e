"""Pictures that jobs are given beside their words, kept in the state under the sha256 of their bytes.

Equal pictures are one file, so that storing is safe to repeat after a kill: it comes before the job is in the ledger.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from warnings import catch_warnings, simplefilter

from stockgen.domain.errors import JobFileError
from stockgen.domain.names import is_reference
from stockgen.domain.words import JobRequest, Order, Remark
from stockgen.files import make_folders, write_durably
from stockgen.jobfile.pictures import PICTURES
from stockgen.jobfile.typography import plain
from stockgen.ledger import Ledger

MOST_BYTES = 64 << 20
MOST_PIXELS = 89_478_485  # above that many Pillow takes it for a decompression bomb (its Image.MAX_IMAGE_PIXELS)
GRACE = 86_400.0  # seconds for which a picture that no job names is kept: its job may be about to be written down
CONTROL = "control"  # the folder of `my/` with pictures for many jobs and for schedules
USED = "reference.used"  # told of each picture that was taken for a job; its name stands in `picture`
_ENDINGS: Mapping[str, str] = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}  # what Pillow calls them


class References:
    """The folder of such pictures."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def store(self, data: bytes, name: str) -> str:
        """Keep a picture's bytes durably; return the name under which they lie. `name`: as people know it.

        Raises JobFileError where it can't be used, StorageFull, StorageLost.
        """
        stored = f"{hashlib.sha256(data).hexdigest()}.{examined(data, name)}"
        path = self._folder / stored
        if not self.renew(stored):  # what is there is complete: it came by rename
            make_folders(self._folder)
            write_durably(path, data)
        return stored

    def renew(self, name: str) -> bool:
        """Begin the grace of a kept picture anew, because a job is about to name it; False = it is not there."""
        with suppress(OSError):
            os.utime(self.find(name))
            return True
        return False

    def find(self, name: str) -> Path:
        """Where a kept picture lies."""
        return self._folder / name

    def sweep(self, kept: Collection[str], now: float) -> list[str]:
        """Remove what is older than a day and not in `kept`, and half-written files; return the names. `now` wall
        seconds. What can't be removed stays.
        """
        gone = []
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            ours = is_reference(path.name.removeprefix(".").removesuffix(".tmp"))
            with suppress(OSError):
                if ours and path.name not in kept and path.stat().st_mtime < now - GRACE:
                    path.unlink()
                    gone.append(path.name)
        return gone


def named(ledger: Ledger) -> frozenset[str]:
    """The pictures that are still needed: of jobs that have not ended, and of those that lack pictures, which `retry`
    makes.
    """
    rows = ledger.query(
        """SELECT orders FROM jobs WHERE (state <> 'closed' OR result <> 'done')
           AND (orders LIKE '%"control": {%' OR orders LIKE '%"like": {%')"""
    )
    orders = [Order.from_json(one) for row in rows for one in json.loads(row["orders"])]
    images = [part.image for order in orders for part in (order.control, order.like) if part]
    return frozenset(filter(is_reference, images))


def examined(data: bytes, name: str) -> str:
    """The ending of a picture by what it is, whatever it is called. Its pixels are not decoded. Raises JobFileError."""
    from PIL import Image, UnidentifiedImageError

    if len(data) > MOST_BYTES:
        raise unusable("too_large", name, most=MOST_BYTES >> 20)
    try:
        with catch_warnings():
            simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[*_ENDINGS]) as image:
                return _ENDINGS.get(str(image.format), "jpg")  # MPO: several JPEGs in one file, as phones make them
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise unusable("too_many_pixels", name, most=MOST_PIXELS // 1_000_000) from error
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError) as error:
        raise unusable("no_picture", name) from error


def unusable(code: str, name: str, **facts: object) -> JobFileError:
    """Why a picture that a job file names is not taken."""
    return JobFileError("job_file", [Remark(f"reference.{code}", facts={"picture": name, **facts})])


def wanted(request: JobRequest) -> tuple[str, ...]:
    """The pictures that a job file names and that were not taken yet, each once."""
    images = [order.control.image for order in request.orders if order.control is not None]
    return tuple(dict.fromkeys(image for image in images if not is_reference(image)))


def given(request: JobRequest, stored: Mapping[str, str]) -> JobRequest:
    """The job with the kept pictures in place of the names that it has; `stored`: name → where it is kept."""
    orders = tuple(
        replace(order, control=replace(order.control, image=stored[order.control.image]))
        if order.control and order.control.image in stored else order
        for order in request.orders
    )  # fmt: skip
    told = [Remark(USED, facts={"picture": name}) for name in stored]
    return replace(request, orders=orders, remarks=(*request.remarks, *told))


def is_picture(name: str) -> bool:
    """Whether a file is called like a picture that `control` may name."""
    return name[-5:].lower().endswith(PICTURES)


def folded(name: str) -> str:
    """A picture's name as it is compared: composed, in any case, with the signs that phones and editors change."""
    return " ".join(plain(unicodedata.normalize("NFC", name)).split()).casefold()


def matching(name: str, there: Iterable[str]) -> str:
    """The one of several files that is meant by a name: the same, else one that reads the same; "" = none."""
    alike = sorted(one for one in there if folded(one) == folded(name))
    return name if name in alike else next(iter(alike), "")


class Beside:
    """Pictures in folders in which nobody is writing: beside a file that is read where it lies, or in `my/control/`."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders

    def find(self, name: str) -> Path | None:
        """The first of that name."""
        for folder in self._folders:
            with suppress(OSError):
                found = matching(name, (entry.name for entry in os.scandir(folder)))
                if found and (folder / found).is_file():
                    return folder / found
        return None

    def read(self, name: str) -> bytes | None:
        """Its bytes, as many as matter; None = it is not there, or can't be read."""
        path = self.find(name)
        if path is None:
            return None
        with suppress(OSError), path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
        return None


def furnished(request: JobRequest, beside: Beside, references: References) -> JobRequest:
    """The job with all of its pictures, of a file that nothing is waited for. Raises JobFileError with every fault,
    StorageFull, StorageLost.
    """
    stored: dict[str, str] = {}
    faults: list[Remark] = []
    for name in wanted(request):
        data = beside.read(name)
        try:
            if data is None:
                raise unusable("not_here", name)
            stored[name] = references.store(data, name)
        except JobFileError as error:
            faults += error.remarks
    if faults:
        raise JobFileError("job_file", faults)
    return given(request, stored) if stored else request
