"""What a service must know for its pictures to be bought: how it is asked, and how its answers are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from stockgen.data.cloud import Cloud
from stockgen.domain.protocols import Terms
from stockgen.providers._cloud.purchase import Answer
from stockgen.providers._cloud.reading import Reading, Sold


@dataclass(frozen=True, slots=True)
class Offer:
    """The options of a provider that buys. `url`: where the service is; `own`: whether that is not its makers'.

    `keys`: names of its key, the first that is there counts; `own_key`: the name of one that its owner gave, in place
    of them. `unlisted`: the entry of a model that the catalogue doesn't know, None = only what it knows. `most`:
    pictures of one request; `longest`: letters of a prompt. `pixels`: that are bought at most, 0 = as many as an order
    takes; `resolution`: of those that have names, "" = any. `quality`: "" where there is no such thing.
    """

    provider: str
    model: str
    url: str
    keys: tuple[str, ...]
    timeout: float
    terms: Terms
    longest: int
    own: bool = False
    own_key: str = ""
    unlisted: Cloud | None = None
    most: int = 1
    pixels: int = 0
    resolution: str = ""
    quality: str = ""


class Service(Protocol):
    """One service. `package`: its SDK as Python imports it; `distribution`: as pip calls it."""

    package: str
    distribution: str

    def client(self, url: str, key: str, http: Any) -> Any:
        """Its SDK's client, which sends by the httpx2.Client `http` and never twice by itself."""
        ...

    def wishes(self, paid: bool, transparent: bool) -> Mapping[str, Any]:
        """What a request says besides model, prompt and size; plain data."""
        ...

    def ask(self, client: Any, request: Mapping[str, Any], count: int) -> None:
        """Send a request for `count` pictures and wait. Raises whatever the SDK does."""
        ...

    def read(self, answer: Answer, sold: Sold, key: str) -> Reading:
        """What an answer means; pure. `key`: must not be kept."""
        ...
