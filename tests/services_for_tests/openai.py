"""A service that is set up, and only tells which model it would ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from stockgen.domain.errors import NotConfigured
from stockgen.domain.protocols import Fit, Outcome, Reporter, Shot, Terms
from stockgen.domain.words import Look, Place
from stockgen.lanes.spec import Tools


class Options(BaseModel):
    """`model`: where a job names none. `key`: whether there is one."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str = "gpt-image-2"
    key: bool = True
    base_url: str = ""


class Service:
    """See `Provider`."""

    look: Look = "diffusion"
    place: Place = "net"
    batch = 1
    terms = Terms(paid=True)

    def __init__(self, options: Options, name: str) -> None:
        self._options, self._name = options, name

    def missing(self, model: str = "") -> NotConfigured | None:
        """The key."""
        return None if self._options.key else NotConfigured("no_key", provider=self._name)

    def fit(self, shot: Shot) -> Fit:
        """By the model that the shot names, else its own."""
        model = shot.wish.get("models", {}).get(self._name, self._options.model)
        request = {"width": shot.width, "height": shot.height}
        return Fit(shot=shot, provider=self._name, model=model, stack=model, request=request)

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        """Never."""
        raise NotImplementedError

    def redeem(self, spool: Path) -> Sequence[Outcome]:
        """Nothing."""
        return ()


def build(options: Options, tools: Tools) -> Service:
    """As every plugin."""
    return Service(options, "openai")
