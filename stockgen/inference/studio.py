"""One picture after the other is cut out and enlarged, with one model of each kind kept loaded."""

from __future__ import annotations

import io
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from stockgen.checks.sound import opened
from stockgen.domain.errors import BadPicture, OutOfMemory, PluginBroke, RenderError, StorageFull, StorageLost
from stockgen.domain.retouch import Retouched
from stockgen.files import translated, write_durably
from stockgen.finishes.alpha import lifted
from stockgen.inference.enlarging import crop, enlarged, needed
from stockgen.inference.matting import Matting
from stockgen.inference.upscaling import Upscaler
from stockgen.inference.words import Tool, Work

NATIVE = "native"  # who cut it out: whoever drew it
_DETAIL = 200  # characters of a foreign error


class Studio:
    """`home`: a folder of ours for rembg. Used by one thread."""

    def __init__(self, home: Path, monotonic: Callable[[], float]) -> None:
        self._home = home
        self._monotonic = monotonic
        self._matting: Matting | None = None
        self._upscaler: Upscaler | None = None

    def retouched(self, work: Work, beat: Callable[[], None]) -> Retouched:
        """Do a task; however it ends, it ends so. `beat` is called whenever something of it is done."""
        began, facts = self._monotonic(), dict[str, Any]()
        error: Exception | None = None
        try:
            self._do(work, beat, facts)
        except (RenderError, StorageFull, StorageLost) as ours:
            error = ours
        except MemoryError:
            error = OutOfMemory("onnx_memory", model=work.task.cutout or work.task.upscale)
        except Exception as foreign:  # noqa: BLE001  the wall around libraries: one picture must not end the others
            detail = traceback.format_exception_only(foreign)[-1].strip()[:_DETAIL]
            error = PluginBroke("retouch_broke", detail=detail)
            facts["traceback"] = "".join(traceback.format_exception(foreign))
        if isinstance(error, OutOfMemory):
            self._matting = self._upscaler = None
        return Retouched(shot=work.task.shot, seconds=self._monotonic() - began, error=error, facts=facts)

    def _do(self, work: Work, beat: Callable[[], None], facts: dict[str, Any]) -> None:
        task, spent = work.task, facts.setdefault("spent", {})
        with self._timed(spent, "read"):
            picture = _read(task.raw)
        if task.cutout:
            picture = self._cut(work, picture, facts)
            beat()
        size = needed(task, *picture.size)
        if size != picture.size:
            with self._timed(spent, "enlarge"):
                picture = self._enlarged(work, picture, size, beat, facts)
            beat()
        with self._timed(spent, "write"):
            _write(picture, task.into)
        facts |= {"width": picture.width, "height": picture.height}

    def _cut(self, work: Work, picture: Image.Image, facts: dict[str, Any]) -> Image.Image:
        """What the picture shows, on nothing. Whoever drew it on nothing has the last word on where that is."""
        spent = facts["spent"]
        with self._timed(spent, "matte"):
            alpha = np.asarray(picture.getchannel("A"), np.uint8) if picture.mode == "RGBA" else None
            if alpha is not None and alpha.min() < 255:
                matte, facts["cutout"] = alpha, NATIVE
            else:
                picture = picture.convert("RGB")
                matte, facts["cutout"] = self._matted(work.matting).matte(picture), work.task.cutout
        with self._timed(spent, "lift"):
            cut = lifted(picture, matte, work.task.margin)
        if not cut.measures["empty"]:
            raise BadPicture("cutout_nothing", model=str(facts["cutout"]))
        measures = {**cut.measures, "small": crop(work.task).factor(*cut.picture.size)}
        facts["measures"] = {name: round(float(value), 6) for name, value in measures.items()}
        return cut.picture

    def _enlarged(
        self, work: Work, picture: Image.Image, size: tuple[int, int], beat: Callable[[], None], facts: dict[str, Any]
    ) -> Image.Image:
        """By the model; where that fails and there is more to keep than its work, without."""
        if work.upscaler is None:
            facts |= {"upscale": "lanczos"} | ({"upscale_failed": work.lacking} if work.lacking else {})
            return enlarged(picture, size, None)
        try:
            large = enlarged(picture, size, self._upscaled(work.upscaler), beat)
        except RenderError as error:
            if not work.task.cutout:
                raise
            self._upscaler = None
            facts |= {"upscale": "lanczos", "upscale_failed": str(error)}
            return enlarged(picture, size, None)
        facts["upscale"] = work.upscaler.name
        return large

    def _matted(self, tool: Tool | None) -> Matting:
        if tool is None:
            raise PluginBroke("retouch_broke", detail="no model to cut out with")
        if self._matting is None or self._matting.tool != tool:
            self._matting = None  # its memory goes before the next one's comes
            self._matting = Matting(tool, self._home)
        return self._matting

    def _upscaled(self, tool: Tool) -> Upscaler:
        if self._upscaler is None or self._upscaler.tool != tool:
            self._upscaler = None
            self._upscaler = Upscaler(tool)
        return self._upscaler

    @contextmanager
    def _timed(self, spent: dict[str, float], what: str) -> Iterator[None]:
        began = self._monotonic()
        yield
        spent[what] = round(self._monotonic() - began, 3)


def _read(path: Path) -> Image.Image:
    """RGB or RGBA. Raises BadPicture, StorageLost."""
    with translated(path):
        data = path.read_bytes()
    return opened(data)


def _write(picture: Image.Image, into: Path) -> None:
    """As quickly as it can be read again: nobody keeps it. Raises StorageFull, StorageLost."""
    out = io.BytesIO()
    if picture.mode == "RGB":
        picture.save(out, "PPM")
    else:
        picture.save(out, "PNG", compress_level=1)
    write_durably(into, out.getvalue())
