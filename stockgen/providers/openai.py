"""To be written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from stockgen.domain.errors import NotConfigured
from stockgen.domain.protocols import Fit, Outcome, Reporter, Shot, Terms
from stockgen.domain.words import Look, Place
from stockgen.lanes.spec import Tools


class Options(BaseModel):
    """`model`: of the catalogue, where a job names none."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str = "gpt-image-2"


class Cloud:
    """A placeholder."""

    look: Look = "diffusion"
    place: Place = "net"
    batch = 1
    terms = Terms(paid=True, parallel=4)

    def __init__(self, options: Options, tools: Tools) -> None:
        self._options, self._tools = options, tools

    def missing(self, model: str = "") -> NotConfigured | None:
        """The key."""
        return NotConfigured("no_key", provider="openai")

    def fit(self, shot: Shot) -> Fit:
        """Not yet."""
        raise NotConfigured("no_key", provider="openai")

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        """Not yet."""
        raise NotConfigured("no_key", provider="openai")

    def redeem(self, spool: Path) -> Sequence[Outcome]:
        """Not yet."""
        return ()


def build(options: Options, tools: Tools) -> Cloud:
    """The provider for `options`."""
    return Cloud(options, tools)
