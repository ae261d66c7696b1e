"""Commands that change something. They enter as small files; whoever holds the lock applies them with `Desk.apply`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

from stockgen.data.catalog import Model
from stockgen.data.market import Market, Quota
from stockgen.domain.errors import StockgenError, UsageError
from stockgen.domain.protocols import Clock
from stockgen.domain.times import local, wall
from stockgen.domain.words import Remark
from stockgen.files import write_softly
from stockgen.ledger import Ledger
from stockgen.pipeline.basket import Baskets
from stockgen.pipeline.describe import described
from stockgen.pipeline.engine import Engine
from stockgen.pipeline.pausing import pause, resume
from stockgen.pipeline.places import job_folder

LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What somebody asks for. `id` is unique; the answer is kept under it."""

    id: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """`done`, `refused`, or `stored` where only a daemon can do it; and what is said."""

    result: str
    told: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a command may touch."""

    ledger: Ledger
    engine: Engine
    baskets: Baskets
    markets: Mapping[str, Market]
    quotas: Mapping[str, Quota]
    catalog: Mapping[str, Model]
    clock: Clock
    rng: Random
    timezone: str

    def apply(self, command: Command) -> Answer:
        """Carry out a command once and keep the answer. A command of an id that was answered is not repeated."""
        known = self.ledger.answer(command.id)
        if known is not None:
            return Answer(known[0], tuple(known[1]))
        try:
            answer = COMMANDS[command.name](self, command.arguments)
        except StockgenError as error:
            answer = Answer("refused", (error.remark,))
        now = self.clock.wall()
        self.ledger.record_command(command.id, command.name, command.arguments, answer.result, answer.told, now)
        return answer

    def job(self, asked: str) -> str | None:
        """The job that somebody means: an id in any case, or `last`; None = there is no such job."""
        try:
            return self.ledger.jobs.latest() if asked == LAST else str(self.ledger.jobs.get(asked.lower())["id"])
        except LookupError:
            return None


def _cancel(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    asked = str(arguments.get("job", ""))
    job = desk.job(asked)
    if job is None:
        return Answer("refused", (Remark("command.no_job", facts={"job": asked}),))
    if desk.ledger.jobs.get(job)["state"] == "closed":
        return Answer("refused", (Remark("command.job_closed", facts={"job": job}),))
    desk.engine.cancel(job)
    return Answer("done", (Remark("command.cancelled", facts={"job": job}),))


def _retry(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    asked = str(arguments.get("job", ""))
    job = desk.job(asked)
    if job is None:
        return Answer("refused", (Remark("command.no_job", facts={"job": asked}),))
    job = desk.ledger.retries.last(job)  # asked twice, it must not make the same pictures twice
    number, row = desk.ledger.jobs.new_id(desk.rng), desk.ledger.jobs.get(job)
    if row["state"] != "closed" and desk.engine.parts.closer.closing(job):
        return Answer("refused", (Remark("command.closing", facts={"job": job}),))
    folder = job_folder(row["source_name"], number, desk.clock.wall(), desk.timezone)
    again = desk.engine.retry(job, number, folder)
    if not again.pictures:
        return Answer("refused", (Remark("command.nothing_lacks", facts={"job": job}),))
    code = "command.retried" if again.job == job else "command.retried_anew"
    return Answer("done", (Remark(code, facts={"job": again.job, "of": job, "pictures": again.pictures}),))


def _pause(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    given = arguments.get("until")
    until = None if given is None else wall(str(given))
    pause(desk.ledger, desk.clock.wall(), until)
    if until is None:
        return Answer("done", (Remark("command.paused"),))
    end = f"{local(until, desk.timezone):%m-%d %H:%M}"
    return Answer("done", (Remark("command.paused_until", facts={"until": end}),))


def _resume(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    resume(desk.ledger)
    return Answer("done", (Remark("command.resumed"),))


def _basket(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    asked = arguments.get("market")
    markets = desk.markets
    if asked and asked not in markets:
        raise UsageError("no_market", market=asked, known=", ".join(sorted(markets)))
    told: list[Remark] = []
    for name in [asked] if asked else sorted(markets):
        tell = {
            asset["id"]: described(
                desk.ledger, desk.ledger.shots.get(asset["shot_id"]), desk.engine.parts.dispatcher.chains.looks(),
                desk.catalog,
            )
            for asset in desk.ledger.baskets.candidates(name)
        }  # fmt: skip
        made, left_out = desk.baskets.make(markets[name], desk.quotas[name], tell)
        told += [Remark("basket.made", facts={"path": one.path, "count": one.pictures}) for one in made]
        told += [Remark("basket.left_out", facts={"stem": one.stem, "why": one.why}) for one in left_out]
        if not made:
            told.append(Remark("basket.none", facts={"market": name}))
    return Answer("done", tuple(told))


COMMANDS: Mapping[str, Callable[[Desk, Mapping[str, Any]], Answer]] = MappingProxyType(
    {"cancel": _cancel, "retry": _retry, "pause": _pause, "resume": _resume, "basket": _basket}
)


def write_command(control: Path, command: Command) -> Path:
    """Put a command where the holder of the lock finds it, by rename."""
    path = control / f"{command.id}.json"
    plain = {"id": command.id, "name": command.name, "arguments": dict(command.arguments)}
    write_softly(path, json.dumps(plain, ensure_ascii=False).encode())
    return path


def read_command(path: Path) -> Command:
    """The inverse of `write_command`. Raises ValueError for what is no command of ours."""
    plain = json.loads(path.read_bytes())
    if not isinstance(plain, dict) or plain.get("name") not in COMMANDS:
        raise ValueError(f"no command: {path.name}")
    return Command(id=str(plain["id"]), name=str(plain["name"]), arguments=dict(plain.get("arguments", {})))
