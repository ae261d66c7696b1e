"""`scripted` with native alpha: each picture is one thing on a transparent ground."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from stockgen.domain.protocols import Fit, Outcome, Reporter, Shot
from stockgen.files import fsync_dir, write_new
from stockgen.lanes.spec import Tools
from tests.providers_for_tests import scripted


class Options(scripted.Options):
    """As `scripted`'s."""

    name: str = "cutter"
    misbehave: bool = False
    left: Literal["disc", "nothing", "all"] = "disc"


class Cutter(scripted.Scripted):
    """Cuts a disc out of what `scripted` paints; or says that nothing is to be seen of it, or all."""

    left: Literal["disc", "nothing", "all"] = "disc"

    def fit(self, shot: Shot) -> Fit:
        """As `scripted`'s, without a ground."""
        fit = super().fit(shot)
        return replace(fit, request={**fit.request, "alpha": True})

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        """One after another."""
        for outcome in super().render(batch, spool, report):
            if outcome.file is None:
                yield outcome
                continue
            file = spool / f"{outcome.shot}-cut.png"
            write_new(file, cut_out(outcome.file.read_bytes(), self.left))
            fsync_dir(spool)
            yield replace(outcome, file=file)


def cut_out(picture: bytes, left: str = "disc") -> bytes:
    """A PNG of the disc in the middle of a picture, with a soft rim; outside of it the colour is black. Or of all, or
    of nothing.
    """
    from PIL import Image, ImageDraw, ImageFilter

    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    width, height = whole.size
    disc = Image.new("L", whole.size)
    if left == "disc":
        ImageDraw.Draw(disc).ellipse((width * 0.1, height * 0.1, width * 0.9, height * 0.9), fill=255)
    elif left == "all":
        disc.paste(255, (0, 0, width, height))
    soft = disc.filter(ImageFilter.GaussianBlur(1))
    clear = Image.new("RGBA", whole.size)
    clear.paste(whole, mask=soft.point(lambda alpha: 255 if alpha else 0))
    clear.putalpha(soft)
    out = io.BytesIO()
    clear.save(out, "PNG", compress_level=1)
    return out.getvalue()


def build(options: Options, tools: Tools) -> Cutter:
    """As every plugin."""
    provider = Cutter(options, tools.host)
    provider.left = options.left
    return provider
