"""Draws backgrounds and patterns by arithmetic: no model, no key, no GPU; same seed, same bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from stockgen.data.palettes import Family, Palette, families, palettes
from stockgen.domain.errors import Cancelled, NotConfigured, Unfit
from stockgen.domain.protocols import OURS, Fit, Outcome, Reporter, Shot
from stockgen.domain.words import Look, Place
from stockgen.files import fsync_dir, write_new
from stockgen.lanes.spec import Tools
from stockgen.providers._procedural import FAMILIES
from stockgen.providers._procedural.wording import Wording

LEAST, MOST = 64, 10_000  # pixels a side
MOST_PIXELS = 64_000_000  # one picture of that size takes about 450 MB while it is written
_NOT_HONOURED = ("negative_prompt", "steps", "guidance", "style")


class Options(BaseModel):
    """`families`: which to draw from when the prompt names none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    families: tuple[str, ...] = FAMILIES

    @field_validator("families")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in names if name not in FAMILIES]
        if unknown or not names:
            raise ValueError(f"{', '.join(unknown) or 'nothing'}: known are {', '.join(FAMILIES)}")
        return names


def build(options: Options, tools: Tools) -> Procedural:
    """The provider for `options`; its shelf holds the user's own palettes. Raises ConfigError for faults."""
    return Procedural(options, families(tools.shelf), palettes(tools.shelf))


class Procedural:
    """Draws one picture at a time on one core; see `Provider`."""

    look: Look = "drawn"
    place: Place = "cpu"
    batch = 1
    terms = OURS

    def __init__(self, options: Options, known: Mapping[str, Family], colours: Mapping[str, Palette]) -> None:
        self._favourites = options.families
        self._known, self._colours = known, colours

    @cached_property
    def _wording(self) -> Wording:
        """Made for the first picture: its 500 patterns take a tenth of a second that a start does not need."""
        return Wording({name: self._known[name] for name in FAMILIES}, self._colours)

    def missing(self, model: str = "") -> NotConfigured | None:
        """Nothing, ever."""
        return None

    def fit(self, shot: Shot) -> Fit:
        """What would be drawn. Raises Unfit for photos, for things without a background, and for shots that need a
        reference picture or a LoRA.
        """
        if shot.wish.get("transparent"):
            raise Unfit("no_objects", provider="procedural")
        if shot.needs or shot.wish.get("kind") == "photo":
            raise Unfit("unfit", provider="procedural", needs=sorted(shot.needs))
        width, height = native_size(shot.width, shot.height)
        choice = self._wording.choose(shot.prompt, self._favourites, Random(shot.seed))
        return Fit(
            shot=shot,
            provider="procedural",
            model="procedural",
            stack="procedural",
            request={
                "width": width,
                "height": height,
                "family": choice.family,
                "variant": choice.variant,
                "palette": choice.palette,
                "colours": list(choice.colours),
            },
            dropped=_dropped(shot),
        )

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        """Draw each shot into `<shot id>.ppm`. Raises StorageFull, StorageLost for the whole batch."""
        for fit in batch:
            yield _rendered(fit, spool, report)

    def redeem(self, spool: Path) -> Sequence[Outcome]:
        """Nothing: what it draws costs nothing."""
        return ()


def native_size(width: int, height: int) -> tuple[int, int]:
    """The nearest size that can be drawn: ratio kept as far as 64…10,000 pixels a side and 64 MP allow."""
    width, height = max(1, width), max(1, height)
    grow = max(1.0, LEAST / min(width, height))
    shrink = min(1.0, MOST / (max(width, height) * grow), (MOST_PIXELS / (width * height)) ** 0.5 / grow)
    wide, high = (min(MOST, max(LEAST, int(side * grow * shrink + 1e-6))) for side in (width, height))
    return wide, high


def _dropped(shot: Shot) -> dict[str, str]:
    told = {key: f"dropped.procedural.{key}" for key in _NOT_HONOURED if _wished(shot.wish.get(key))}
    return told | ({"like": "dropped.like"} if "like" in shot.wish else {})


def _wished(value: Any) -> bool:
    return value is not None and value != ""


def _rendered(fit: Fit, spool: Path, report: Reporter) -> Outcome:
    started = time.monotonic()
    try:
        data = _drawn(fit, report)
    except Cancelled as error:
        return Outcome(shot=fit.shot.id, seconds=time.monotonic() - started, error=error)
    path = spool / f"{fit.shot.id}.ppm"  # 25 MB for 9 MP, but six times quicker to write and ten to read than PNG
    write_new(path, data)
    fsync_dir(spool)
    return Outcome(shot=fit.shot.id, seconds=time.monotonic() - started, file=path, facts=_facts(fit.request))


def _drawn(fit: Fit, report: Reporter) -> bytes:
    """The picture as a binary PPM file (Netpbm P6)."""
    import numpy as np

    from stockgen.providers._procedural.canvas import Drawing, collected
    from stockgen.providers._procedural.palette import full

    asked = fit.request
    rng = np.random.Generator(np.random.PCG64(fit.shot.seed))
    drawing = Drawing(asked["width"], asked["height"], asked["variant"], full(asked["colours"]), rng)
    bands = import_module(f"stockgen.providers._procedural.{asked['family']}").draw(drawing)
    pixels = collected(drawing, bands, lambda step, steps: report(fit.shot.id, step, steps))
    return b"".join((b"P6\n%d %d\n255\n" % (drawing.width, drawing.height), pixels.data))  # no second copy


def _facts(request: Mapping[str, Any]) -> dict[str, Any]:
    import numpy as np
    import PIL

    named = {key: request[key] for key in ("family", "variant", "palette")}
    return named | {"versions": {"numpy": np.__version__, "pillow": PIL.__version__}}
