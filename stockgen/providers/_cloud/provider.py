"""The plugin's side of a service that sells pictures: what would be bought, what is missing, and the purchase."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from stockgen.config.secrets import lacking, secret
from stockgen.data.catalog import load_catalog
from stockgen.data.cloud import Cloud
from stockgen.data.prompting import load_prompting
from stockgen.domain.errors import Cancelled, NotConfigured, Retired, Unfit
from stockgen.domain.protocols import Fit, Outcome, Reporter, Shot
from stockgen.domain.words import Look, Place
from stockgen.lanes.spec import Tools
from stockgen.providers._cloud.delivery import outcomes
from stockgen.providers._cloud.purchase import Answer, Order
from stockgen.providers._cloud.reading import FOR_GOOD, Reading, Sold, also, paid
from stockgen.providers._cloud.service import Offer, Service
from stockgen.providers._cloud.sizes import TOLD, Size, Wanted, chosen, highest

if TYPE_CHECKING:
    from stockgen.providers._cloud.recording import Recorder

LOOK_AGAIN = 1.0  # seconds for which an answer to `missing` is good: planning asks for every picture
REMEMBERED = 256  # sizes with what is bought for them: a shot that waits is asked about at every turn
_NOT_HONOURED = ("negative_prompt", "steps", "guidance")


@dataclass(frozen=True, slots=True)
class _Line:
    """A client, the transport that records for it, and the key that it was made with."""

    key: str
    recorder: Recorder
    client: Any


class Bought:
    """Any provider whose pictures are bought from a service; see `Provider`."""

    look: Look = "diffusion"
    place: Place = "net"

    def __init__(self, offer: Offer, service: Service, tools: Tools, environment: Mapping[str, str]) -> None:
        self._offer, self._service, self._tools, self._environment = offer, service, tools, environment
        models = load_catalog(tools.shelf)
        listed = {name: one.cloud for name, one in models.items() if one.provider == offer.provider and one.cloud}
        self._own = offer.own and offer.model not in listed and offer.unlisted is not None
        if self._own and offer.unlisted is not None:
            listed = {offer.model: offer.unlisted}
        self._models: Mapping[str, Cloud] = MappingProxyType(listed)
        self._prompting = load_prompting(tools.shelf)
        self._size = lru_cache(REMEMBERED)(self._chosen)
        self._looked: dict[str, tuple[float, NotConfigured | None]] = {}
        self._line: _Line | None = None
        own = listed.get(offer.model)
        self.terms = replace(offer.terms, paid=own is None or _priced(own))
        self.batch = offer.most

    # -- before ------------------------------------------------------------------------------------------------

    def missing(self, model: str = "") -> NotConfigured | None:
        """Packages, the model, a key: whatever is missing first. An answer is good for a second."""
        now = self._tools.monotonic()
        until, answer = self._looked.get(model, (float("-inf"), None))
        if now >= until:
            answer = self._missing(model)
            self._looked[model] = (now + LOOK_AGAIN, answer)
        return answer

    def fit(self, shot: Shot) -> Fit:
        """What would be bought. Raises NotConfigured for a model that isn't this provider's, Retired for one that is no
        more, Unfit for shapes and words that it can't draw, and for shots that need a reference picture or a LoRA.
        `alpha` of the request: it leaves the background away itself.
        """
        who = self._offer.provider
        if shot.needs:
            raise Unfit("unfit", provider=who, needs=sorted(shot.needs))
        name, cloud = self._model(shot.wish.get("models", {}).get(who, ""))
        transparent = bool(shot.wish.get("transparent")) and cloud.transparent
        prompt = self._words(shot, transparent)
        size = self._size(name, shot.width, shot.height)
        if size is None:
            raise Unfit("cloud_shape", provider=who, width=shot.width, height=shot.height)
        named = {"ratio": size.ratio, "resolution": size.resolution} if size.ratio else {}
        request = {
            "width": size.width, "height": size.height, "model": cloud.id, "prompt": prompt, "negative_prompt": "",
            "alpha": transparent,
            **named, **self._service.wishes(_priced(cloud), transparent),
        }  # fmt: skip
        return Fit(
            shot=shot, provider=who, model=name, stack=self._stack(name, request), request=request,
            dropped=_dropped(shot, size), quote=highest(cloud, size, prompt) if _priced(cloud) else 0,
        )  # fmt: skip

    def _words(self, shot: Shot, transparent: bool) -> str:
        """What it is told: something that is to be cut out afterwards stands alone on a plain ground. Raises Unfit."""
        prompt = shot.prompt.strip()
        if shot.wish.get("transparent") and not shot.wish.get("exact"):
            prompt = self._prompting.alone(prompt, ground=not transparent)
        if not any(sign.isalnum() for sign in prompt):
            raise Unfit("unfit_words", provider=self._offer.provider)
        if len(prompt) > self._offer.longest:
            raise Unfit("cloud_prompt", provider=self._offer.provider, found=len(prompt), most=self._offer.longest)
        return prompt

    def _chosen(self, name: str, width: int, height: int) -> Size | None:
        wanted = Wanted(width, height, self._offer.pixels, self._offer.resolution)
        return chosen(self._models[name], wanted, self._offer.quality)

    def _stack(self, model: str, request: Mapping[str, Any]) -> str:
        """Shots of one stack share a request, so all that it says is part of it, also the words."""
        said = json.dumps(request, sort_keys=True, ensure_ascii=False).encode()
        size = f"{request['width']}x{request['height']}"
        quality = f"/{self._offer.quality}" if self._offer.quality else ""
        return f"{self._offer.provider}/{model}/{size}{quality}/{hashlib.sha256(said).hexdigest()[:12]}"

    # -- buying ------------------------------------------------------------------------------------------------

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        """Buy the pictures of one stack with one request; what nobody wants any more is left out of it.

        Raises NotConfigured, StorageFull, StorageLost before anything is bought.
        """
        began = self._tools.monotonic()
        wanted: list[Fit] = []
        for fit in batch:
            try:
                report(fit.shot.id, 0, 1)
            except Cancelled as error:
                yield Outcome(shot=fit.shot.id, seconds=0.0, error=error)
            else:
                wanted.append(fit)
        if not wanted:
            return
        line = self._connected(wanted[0].model)
        order = Order.of(wanted)
        order.write(spool)
        reading = self._answered(line, order, spool)
        seconds = (self._tools.monotonic() - began) / len(order.shots)
        yield from outcomes(order, reading, spool, seconds)

    def redeem(self, spool: Path) -> Sequence[Outcome]:
        """What lies in `spool`, where a whole answer of the service does: pictures, or why there are none."""
        order, answer = Order.read(spool), Answer.read(spool)
        if order is None or answer is None or order.provider != self._offer.provider:
            return ()
        return tuple(outcomes(order, self._read(order, answer), spool, 0.0))

    def release(self) -> None:
        """End the connections."""
        line, self._line = self._line, None
        if line is not None:
            line.recorder.close()

    def _answered(self, line: _Line, order: Order, spool: Path) -> Reading:
        """What came, however the SDK took it: what was recorded whole counts."""
        from stockgen.providers._cloud.recording import trouble

        failure: Exception | None = None
        line.recorder.begin(spool, self._offer.timeout, line.key)
        try:
            self._service.ask(line.client, order.request, len(order.shots))
        except Exception as error:  # noqa: BLE001  an SDK may raise anything; the answer tells what it means
            failure = error
        finally:
            line.recorder.end()
        answer = Answer.read(spool)
        if answer is not None:
            return self._read(order, answer)
        sold = self._sold(order.model)
        cost = paid(sold, None) if line.recorder.sent else 0
        if failure is None:
            failure = RuntimeError("the SDK returned without an answer")
        return Reading(error=trouble(failure, sold.provider, self._offer.timeout, line.key), cost=cost)

    def _read(self, order: Order, answer: Answer) -> Reading:
        cloud = self._models.get(order.model)
        reading = self._service.read(answer, self._sold(order.model), self._key(cloud) if cloud else "")
        facts: dict[str, Any] = {"versions": self._versions()}
        if identity := answer.headers.get("x-request-id", ""):
            facts["request_id"] = identity[:120]
        return also(reading, **facts)

    def _connected(self, model: str) -> _Line:
        """The client, made anew where the key is another. Raises NotConfigured, Retired."""
        from stockgen.providers._cloud.recording import recording

        _, cloud = self._model(model)
        lack = self._missing(model)
        if lack is not None:
            raise lack
        key = self._key(cloud)
        if self._line is None or self._line.key != key:
            self.release()
            recorder, http = recording(self._offer.url, self._tools.monotonic)
            self._line = _Line(key, recorder, self._service.client(self._offer.url, key, http))
        return self._line

    def _versions(self) -> dict[str, str]:
        try:
            return {self._service.distribution: version(self._service.distribution)}
        except PackageNotFoundError:
            return {}

    # -- models and keys ---------------------------------------------------------------------------------------

    def _model(self, name: str) -> tuple[str, Cloud]:
        """A model of this provider. Raises NotConfigured, Retired."""
        name = name or self._offer.model
        who, found = self._offer.provider, self._models.get(name)
        if found is None or (_priced(found) and not self.terms.paid):
            raise NotConfigured("no_model", provider=who, model=name or "-")
        if found.gone_for_good:
            raise Retired("cloud_retired", provider=who, model=name, closed_for=FOR_GOOD)
        qualities = sorted(found.qualities)
        if _priced(found) and qualities and self._offer.quality not in qualities:
            raise NotConfigured("cloud_quality", provider=who, model=name, found=self._offer.quality, known=qualities)
        return name, found

    def _sold(self, name: str) -> Sold:
        cloud = self._models.get(name)
        prices = cloud.prices if cloud and _priced(cloud) else None
        return Sold(self._offer.provider, name, prices)

    def _key(self, cloud: Cloud) -> str:
        """A key of the user's own name goes wherever they say; the service's own only to what costs money."""
        own = self._offer.own_key
        names = (own,) if own else self._offer.keys if _priced(cloud) else ()
        found = (secret(one, self._environment, self._tools.secrets) for one in names)
        return next((key for key in found if key), "")

    def _missing(self, name: str) -> NotConfigured | None:
        if not (_there("httpx2") and _there(self._service.package)):
            return NotConfigured("cloud_packages", provider=self._offer.provider)
        try:
            _, cloud = self._model(name)
        except NotConfigured as error:
            return error
        except Retired:  # told by `fit`, with its own sentence
            return None
        return self._keyless(cloud)

    def _keyless(self, cloud: Cloud) -> NotConfigured | None:
        who, key, own = self._offer.provider, self._key(cloud), self._offer.own_key
        if not key and (own or _priced(cloud)):
            names = (own,) if own else self._offer.keys
            return lacking(who, names, self._environment, self._tools.secrets, own=bool(own))
        if not (key.isascii() and key.isprintable()) or " " in key:  # a header can't carry it, and errors would show it
            return NotConfigured("cloud_key_garbled", provider=who)
        return None


def _priced(cloud: Cloud) -> bool:
    return any((cloud.prices.text, cloud.prices.image, cloud.prices.out))


def _dropped(shot: Shot, size: Size) -> dict[str, str]:
    told = {key: f"dropped.cloud.{key}" for key in _NOT_HONOURED if shot.wish.get(key) not in (None, "")}
    if size.off(Wanted(shot.width, shot.height)) > TOLD:
        told["size"] = "dropped.cloud.size"
    if "like" in shot.wish:
        told["like"] = "dropped.like"
    return told


def _there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # not even what it is a part of
        return False
