"""Commands that change something. They enter as small files; whoever holds the lock applies them with `Desk.apply`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

from stockgen.data.catalog import Model
from stockgen.data.market import Market, Quota
from stockgen.domain.errors import JobFileError, StockgenError, UsageError
from stockgen.domain.protocols import Clock
from stockgen.domain.times import local, wall
from stockgen.domain.words import Remark
from stockgen.files import write_softly
from stockgen.ledger import Ledger
from stockgen.pipeline.baskets.choosing import LeftOut
from stockgen.pipeline.baskets.making import Baskets, Stall
from stockgen.pipeline.baskets.opinions import numbers, pictures, said
from stockgen.pipeline.cleaning.finding import Ground, spares_before
from stockgen.pipeline.cleaning.removing import remove, told
from stockgen.pipeline.engine import Engine
from stockgen.pipeline.likes.more import Wish, more
from stockgen.pipeline.marks.marking import Saying, mark
from stockgen.pipeline.marks.titles import edited
from stockgen.pipeline.pausing import pause, resume
from stockgen.pipeline.places import Places, job_folder
from stockgen.pipeline.schedules.firing import Firing
from stockgen.pipeline.wordings import refusals

LAST = "last"
CLOSING = "command.closing"  # why nothing is made again for a moment
AGAIN = ("command.retried", "command.retried_anew")  # what is told where pictures are made again
NOT_MEANT = "basket.not_meant"  # why a picture is left out that was never meant for the market


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What somebody asks for. `id` is unique; the answer is kept under it."""

    id: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


KEPT = 500  # characters of an argument that the ledger remembers: pasted tables may be long


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
    firing: Firing
    krw_per_usd: float
    places: Places

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
        kept = {key: value[:KEPT] if isinstance(value, str) else value for key, value in command.arguments.items()}
        self.ledger.record_command(command.id, command.name, kept, answer.result, answer.told, now)
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
    working = [one for one in desk.ledger.retries.line(job) if desk.ledger.jobs.get(one)["state"] != "closed"]
    if not working:
        return Answer("refused", (Remark("command.job_closed", facts={"job": job}),))
    for one in working:
        desk.engine.cancel(one)
    if job in working:
        return Answer("done", (Remark("command.cancelled", facts={"job": job}),))
    return Answer("done", (Remark("command.cancelled_rest", facts={"job": job, "rest": working[-1]}),))


def _retry(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    asked = str(arguments.get("job", ""))
    job = desk.job(asked)
    if job is None:
        return Answer("refused", (Remark("command.no_job", facts={"job": asked}),))
    makers = desk.ledger.retries.makers(job)  # asked twice, they must not make the same pictures twice
    told = [remark for one in makers for remark in _made_again(desk, one)]
    good = tuple(one for one in told if one.code != CLOSING)
    if good or told:
        begun = any(one.code in AGAIN for one in good)
        return Answer("done" if begun else "refused", good or tuple(told))
    return Answer("refused", (Remark("command.nothing_lacks", facts={"job": makers[-1]}),))


def _made_again(desk: Desk, job: str) -> list[Remark]:
    """Have what one job lacks made once more; what is told of it, nothing where it lacks none."""
    number, row = desk.ledger.jobs.new_id(desk.rng), desk.ledger.jobs.get(job)
    if row["state"] != "closed" and desk.engine.parts.closer.closing(job):
        return [Remark(CLOSING, facts={"job": job})]
    folder = job_folder(row["source_name"], number, desk.clock.wall(), desk.timezone)
    rephraser = desk.engine.parts.dispatcher.rephraser
    rewords = rephraser is not None and rephraser.on  # then other words are found for them
    refused = [] if rewords else refusals(desk.ledger, desk.ledger.retries.lacking(job))
    again = desk.engine.retry(job, number, folder)
    if not again.pictures:
        return refused
    return [Remark(AGAIN[again.job != job], facts={"job": again.job, "of": job, "pictures": again.pictures}), *refused]


def _more(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    """More pictures like one of ours. What is wrong with the wish is told without lines: it came in no file."""
    named = {key: str(arguments.get(key) or "") for key in ("picture", "model", "markets")}
    wish = Wish(**named, count=arguments.get("count"))
    try:
        made = more(desk.ledger, wish, desk.firing.read, desk.rng, desk.clock.wall(), desk.timezone)
    except JobFileError as error:
        return Answer("refused", tuple(replace(one, line=None) for one in error.remarks))
    order = made.request.orders[0]
    facts = {"job": made.job, "of": made.of, "pictures": made.request.pictures, "model": list(order.model)}
    return Answer("done", (Remark("command.more", facts=facts), *made.request.remarks))


def _pause(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    given = arguments.get("until")
    until = None if given is None else wall(str(given))
    pause(desk.ledger, desk.clock.wall(), until)
    if until is None:
        return Answer("done", (Remark("command.paused"),))
    end = f"{local(until, desk.timezone):%m-%d %H:%M}"
    return Answer("done", (Remark("command.paused_until", facts={"until": end}),))


def _resume(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    """Go on, and ask everybody again who was closed: whoever types this has mended something."""
    resume(desk.ledger)
    opened = desk.engine.parts.dispatcher.closed.reopen()
    told = [Remark("command.reopened", facts={"providers": opened})] if opened else []
    for one in desk.engine.holds("cpu"):
        if one.hold == "pause":  # a file in the inbox, which only its owner may delete
            return Answer("done", (Remark("command.resumed_not", facts={"file": one.reason}), *told))
    return Answer("done", (Remark("command.resumed"), *told))


def _keep(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    return _judged(desk, arguments, "kept")


def _drop(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    return _judged(desk, arguments, "dropped")


def _judged(desk: Desk, arguments: Mapping[str, Any], opinion: str) -> Answer:
    """All of the numbers, or none where one of them names no picture."""
    asked = str(arguments.get("job", LAST))
    job = desk.job(asked)
    if job is None:
        return Answer("refused", (Remark("command.no_job", facts={"job": asked}),))
    listed = numbers(str(arguments.get("numbers", "")))
    desk.baskets.look()  # else a picture that was just approved by hand would count as gone
    found, unknown = pictures(desk.ledger, job, listed)
    if unknown:
        return Answer("refused", (Remark("command.no_pictures", facts={"job": job, "numbers": said(unknown)}),))
    gone = desk.baskets.gone(found) if opinion == "kept" else []
    if gone:
        return Answer("refused", (Remark("command.pictures_gone", facts={"job": job, "numbers": said(gone)}),))
    with desk.ledger.atomic():
        for row in found:
            desk.ledger.assets.judge(row["id"], opinion, desk.clock.wall())
    told = [Remark(f"command.{opinion}", facts={"job": job, "numbers": said(listed), "count": len(listed)})]
    lying = desk.ledger.baskets.holding([row["id"] for row in found]) if opinion == "dropped" else []
    told += [Remark("command.in_baskets", facts={"paths": lying})] if lying else []
    return Answer("done", tuple(told))


def _basket(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    asked = arguments.get("market")
    if asked and asked not in desk.markets:
        raise UsageError("no_market", market=asked, known=", ".join(sorted(desk.markets)))
    return Answer("done", make_baskets(desk, str(asked) if asked else None))


def make_baskets(desk: Desk, asked: str | None = None, lain: float = 0.0) -> tuple[Remark, ...]:
    """Make baskets for one market, or for all; return what is told. `lain`: seconds for which contact sheets must have
    lain there. Where no market is named, one that no job names is not spoken of. Raises StorageFull, StorageLost.
    """
    desk.baskets.look()
    told: list[Remark] = []
    for name in [asked] if asked else sorted(desk.markets.keys() & desk.ledger.baskets.meant()):
        stall = Stall(desk.markets[name], desk.quotas[name], desk.catalog)
        made, left_out = desk.baskets.make(stall, lain)
        if asked is None:
            left_out = [one for one in left_out if one.why.code != NOT_MEANT]
        told += [Remark("basket.made", facts={"path": one.path, "count": one.pictures}) for one in made]
        told += _left_out(name, left_out)
        if not made and (asked or left_out):
            told.append(Remark("basket.none", facts={"market": name}))
    return tuple(told) or (Remark("basket.nothing"),)


def _left_out(market: str, left_out: Sequence[LeftOut]) -> list[Remark]:
    """A remark for each reason, with all pictures that it holds for."""
    by_reason: dict[str, tuple[Remark, list[str]]] = {}
    for one in left_out:
        by_reason.setdefault(str(one.why), (one.why, []))[1].append(one.stem)
    return [
        Remark("basket.left_out", facts={"market": market, "why": why, "count": len(stems), "stems": stems})
        for why, stems in by_reason.values()
    ]


def _mark(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    named = {key: str(arguments.get(key, "")) for key in ("state", "text", "basket", "reason")}
    found, told = mark(desk.ledger, Saying(market=_market(desk, arguments), **named), desk.clock.wall(),
                       desk.krw_per_usd)  # fmt: skip
    return Answer("done" if found else "refused", told)


def _titles(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    found, told = edited(desk.ledger, _market(desk, arguments), str(arguments.get("text", "")))
    return Answer("done" if found else "refused", told)


def _market(desk: Desk, arguments: Mapping[str, Any]) -> Market:
    asked = str(arguments.get("market", ""))
    if asked not in desk.markets:
        raise UsageError("no_market", market=asked, known=", ".join(sorted(desk.markets)))
    return desk.markets[asked]


def _schedule(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    run = desk.firing.now(str(arguments.get("schedule", "")))
    if run.job is None:
        return Answer("refused", (Remark("command.not_fired", facts={"schedule": run.schedule, "why": run.reason}),))
    pictures = sum(order.count for order in desk.ledger.jobs.orders(run.job))
    facts = {"schedule": run.schedule, "job": run.job, "pictures": pictures}
    return Answer("done", (Remark("command.fired", facts=facts),))


def _clean(desk: Desk, arguments: Mapping[str, Any]) -> Answer:
    now, after = desk.clock.wall(), desk.engine.parts.spares.after
    ground = Ground(desk.ledger, desk.places, now, spares_before(after, bool(arguments.get("spares")), now))
    return Answer("done", told(remove(desk.ledger, desk.places, ground.found(), now)))


COMMANDS: Mapping[str, Callable[[Desk, Mapping[str, Any]], Answer]] = MappingProxyType(
    {
        "cancel": _cancel,
        "retry": _retry,
        "more": _more,
        "pause": _pause,
        "resume": _resume,
        "basket": _basket,
        "mark": _mark,
        "titles": _titles,
        "keep": _keep,
        "drop": _drop,
        "schedule": _schedule,
        "clean": _clean,
    }
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
