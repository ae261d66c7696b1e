"""`scripted`, but each picture is of a thing on a plain ground, by seed: to be cut out by somebody else."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from stockgen.domain.protocols import Fit, Outcome, Reporter, Shot
from stockgen.files import fsync_dir, write_new
from stockgen.lanes.spec import Tools
from tests.providers_for_tests import scripted


class Options(scripted.Options):
    """As `scripted`'s. `outline`: of bench/things.py; `side`: pixels of what it draws, whatever is wanted."""

    name: str = "plain"
    misbehave: bool = False
    outline: str = "cup"
    side: int = 256


class Plain(scripted.Scripted):
    """Draws one thing."""

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools.host)
        self._outline, self._side = options.outline, options.side

    def fit(self, shot: Shot) -> Fit:
        """As `scripted`, at a size of its own."""
        fit = super().fit(shot)
        return replace(fit, request={**fit.request, "width": self._side, "height": self._side})

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        """One after another; as `scripted`, which is asked first."""
        seeds = {fit.shot.id: fit.shot.seed for fit in batch}
        for outcome in super().render(batch, spool, report):
            if outcome.file is None:
                yield outcome
                continue
            file = spool / f"{outcome.shot}-plain.png"
            write_new(file, drawn(self._outline, seeds[outcome.shot], self._side))
            fsync_dir(spool)
            yield replace(outcome, file=file)


def drawn(outline: str, seed: int, side: int) -> bytes:
    """A PNG of a thing on light grey."""
    from bench.things import thing

    out = io.BytesIO()
    thing(outline, (170, 60, 40), side, seed % 1000).on((228, 228, 226), seed=seed % 1000).save(out, "PNG")
    return out.getvalue()


def build(options: Options, tools: Tools) -> Plain:
    """As every plugin."""
    return Plain(options, tools)
