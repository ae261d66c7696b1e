"""Models that their service switches off: what is used instead, and who is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from stockgen.data.catalog import Model
from stockgen.data.cloud import Cloud
from stockgen.domain.words import Order, Remark
from stockgen.jobfile.names import fold, known_key


@dataclass(frozen=True)
class Succession:
    """The models of the catalogue on the day that `today` says: it may change while the program runs."""

    models: Mapping[str, Model]
    today: Callable[[], date]

    @cached_property
    def _named(self) -> Mapping[str, str]:
        return {fold(word): one.name for one in self.models.values() if one.cloud and one.cloud.retires
                for word in (one.name, *one.aliases)}  # fmt: skip

    def named(self, word: str) -> str:
        """The name in the catalogue of a model that leaves or has left, however it is written; "" = none."""
        return self._named.get(fold(word), "")

    def current(self, name: str) -> str:
        """The model that is used today where a config or an order names `name`; itself for anything that is there."""
        seen = {""}
        while (cloud := self._leaver(name)) and name not in seen and cloud.retired(self.today()):
            seen.add(name)
            name = cloud.successor or name
        return name

    def options(self, options: Mapping[str, Any]) -> Mapping[str, Any]:
        """A provider's options with the model that is used today; a server of one's own has its own names."""
        model = None if options.get("base_url") else options.get("model")
        then = self.current(self.named(model) or model) if isinstance(model, str) else model
        return options if then == model else {**options, "model": then}

    def facts(self, name: str) -> dict[str, Any]:
        """What is told of a model that leaves or has left."""
        cloud = self._leaver(name)
        if cloud is None or cloud.retires is None:
            return {}
        days = (cloud.retires - self.today()).days
        return {"model": name, "date": f"{cloud.retires:%Y-%m-%d}", "successor": self._after(name), "days": days}

    def gone(self, name: str) -> bool:
        """Whether it is switched off."""
        cloud = self._leaver(name)
        return cloud is not None and cloud.retired(self.today())

    def leaving(self, name: str) -> bool:
        """Whether it will be, soon."""
        cloud = self._leaver(name)
        return cloud is not None and cloud.leaving(self.today())

    def _after(self, name: str) -> str:
        cloud = self._leaver(name)
        return self.current(cloud.successor) if cloud else name

    def _leaver(self, name: str) -> Cloud | None:
        model = self.models.get(name)
        return model.cloud if model and model.cloud and model.cloud.retires else None


def succeeded(order: Order, succession: Succession) -> tuple[Order, list[Remark]]:
    """An order with models that are there, and what its author is told of those that are not."""
    told = [Remark("plan.model_gone", order.line, succession.facts(name))
            for name in order.model if succession.gone(name)]  # fmt: skip
    if not told:
        return order, []
    return replace(order, model=tuple(dict.fromkeys(succession.current(name) for name in order.model))), told


def leaving(order: Order, used: Mapping[str, str], succession: Succession) -> list[Remark]:
    """What the author of an order is told of models that leave soon. `used`: provider → the model it draws with."""
    return [Remark("plan.model_leaving", order.line, succession.facts(name))
            for name in dict.fromkeys(used.values()) if succession.leaving(name)]  # fmt: skip


def departures(named: Iterator[tuple[str, str]], succession: Succession) -> list[Remark]:
    """What is told of models that the config names: (where, word) each."""
    told = []
    for where, word in named:
        name = succession.named(word)
        code = "model.gone" if succession.gone(name) else "model.leaving" if succession.leaving(name) else ""
        if code:
            told.append(Remark(code, facts={"where": where, **succession.facts(name), "model": word}))
    return told


def models_in(job: Mapping[str, Any]) -> Iterator[str]:
    """The models that the keys of a job name, as in a preset or a schedule."""
    for key, value in job.items():
        if known_key(str(key)) == "model":
            yield from (
                str(one).strip() for one in (value if isinstance(value, list | tuple) else str(value).split(","))
            )
