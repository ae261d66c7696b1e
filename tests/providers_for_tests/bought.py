"""`scripted` as somebody sells it: files of the kind that the words name, with Content Credentials and a comment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from stockgen.domain.protocols import Fit, Outcome, Reporter
from stockgen.files import fsync_dir, write_new
from stockgen.lanes.spec import Tools
from tests.clouds.pictures import encoded
from tests.providers_for_tests import scripted

KINDS = {"png": "png", "jpeg": "jpg", "webp": "webp"}
COMMENT = b"\xff\xfe\x00\x10made elsewhere"  # a segment of a JPEG


class Options(scripted.Options):
    """As `scripted`'s, at four cents a picture."""

    name: str = "bought"
    misbehave: bool = False
    quote: int = 40_000


class Bought(scripted.Scripted):
    """Sells what `scripted` would paint."""

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        """One after another."""
        prompts = {fit.shot.id: fit for fit in batch}
        for outcome in super().render(batch, spool, report):
            fit = prompts[outcome.shot]
            kind = next((kind for kind in KINDS if kind in fit.shot.prompt), "png")
            file = spool / f"{outcome.shot}-sold.{KINDS[kind]}"
            write_new(file, sold(fit, kind))
            fsync_dir(spool)
            yield replace(outcome, file=file)


def sold(fit: Fit, kind: str) -> bytes:
    """The file for one shot."""
    data = encoded(fit.shot.seed, (fit.request["width"], fit.request["height"]), kind, signed=True)
    return data[:2] + COMMENT + data[2:] if kind == "jpeg" else data


def build(options: Options, tools: Tools) -> Bought:
    """As every plugin."""
    return Bought(options, tools.host)
