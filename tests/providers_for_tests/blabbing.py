"""`scripted` as a plugin that is careless with its keys: whatever its words say, a key is part of what it tells."""

from __future__ import annotations

import logging
import os
import threading
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from stockgen.domain.errors import Refused
from stockgen.domain.protocols import Fit, Outcome, Reporter
from stockgen.keyring import secret
from stockgen.lanes.spec import Tools
from tests.providers_for_tests import scripted

NAMES = ("OPENAI_API_KEY", "MY_API_KEY")


class Options(scripted.Options):
    """As `scripted`'s, for a tenth of a cent."""

    name: str = "blabbing"
    quote: int = 1000
    misbehave: bool = False
    place: scripted.Place = "net"


class Blabbing(scripted.Scripted):
    """Tells its keys in every way that there is."""

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools.host)
        self._kept = tools.secrets

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        """One after another."""
        for fit in batch:
            yield from self._tells(fit, spool, report, self._keys())

    def redeem(self, spool: Path) -> Sequence[Outcome]:
        """Breaks."""
        raise RuntimeError(f"redeemed: {self._keys()}")

    def _keys(self) -> str:
        keys = [secret(name, os.environ, self._kept) for name in NAMES]
        assert all(keys), "nothing to tell"
        return f"used {keys[0]} and {keys[1]}"

    def _tells(self, fit: Fit, spool: Path, report: Reporter, text: str) -> Iterator[Outcome]:
        shot, words = fit.shot.id, fit.shot.prompt
        if "breaks" in words:
            try:
                int(f"inner: {text}")
            except ValueError as error:
                raise KeyError(f"{'x' * 150} {text}") from error
        if "refuses" in words:
            yield Outcome(shot=shot, seconds=0.0, error=Refused("refused", detail=text, headers={"x-api-key": text}))
            return
        while "waits" in words:
            report(shot, 0, 1)
            threading.Event().wait(0.05)
        if "warns" in words:
            logging.getLogger("careless").warning("warned: %s", text)
            thread = threading.Thread(target=int, args=(f"thread: {text}",))
            thread.start()
            thread.join()
        told = {
            "headers": [["authorization", f"Bearer {text}"]],
            "packed": b64encode(text.split()[1].encode()).decode(),
        }
        for outcome in super().render([fit], spool, report):
            yield replace(outcome, facts={**outcome.facts, **told, "versions": {"careless": text}})


def build(options: Options, tools: Tools) -> Blabbing:
    """As every plugin."""
    return Blabbing(options, tools)
