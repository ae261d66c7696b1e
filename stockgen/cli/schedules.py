"""Commands about what comes by itself."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from stockgen.cli.desk import Session
from stockgen.cli.steering import answered
from stockgen.domain.errors import JobFileError
from stockgen.domain.words import Remark

Json = Annotated[bool, typer.Option("--json")]


def schedules(context: typer.Context, as_json: Json = False) -> None:
    """Every schedule: when it comes next, what came of it last, and what waits for its markets."""
    if context.invoked_subcommand is not None:
        return
    session: Session = context.obj
    told = _standing(session)
    if as_json:
        session.json(told)
    elif not told:
        session.tell(Remark("schedule.none"))
    else:
        rows = [(one["name"], _next(session, one), _when(session, one["last"]), _came(session, one), _lying(one))
                for one in told]  # fmt: skip
        session.table(("name", "next", "last", "came", "lying"), rows)


def run(context: typer.Context, schedule: Annotated[str, typer.Argument()]) -> int:
    """Have a schedule's job made now."""
    session: Session = context.obj
    return answered(session, session.act("schedule", schedule=schedule))


def brief(session: Session, live: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    """How the schedules stand, as `status --json` tells it; reasons are sentences. `live`: what the daemon says of when
    they come. Raises UsageError, LedgerRefused.
    """
    from stockgen.pipeline.schedules.facts import standing

    config = session.catalogue.config
    if not config.schedules:
        return []
    known = {one["name"]: one["next"] for one in live}
    told = standing(session.reading(), config.schedules, config.timezone, time.time(), known)
    return [one | {"last_reason": session.say.tell(one["last_reason"]) if one["last_reason"] else None} for one in told]


def coming(session: Session, told: list[dict[str, Any]]) -> list[Remark]:
    """What `status` says of schedules: the next one, and each that made nothing when it was due last."""
    waiting = [one for one in told if one["next"]]
    first = min(waiting, key=lambda one: str(one["next"]), default=None)
    lines = []
    if first is not None:
        facts = {"name": first["name"], "when": _when(session, first["next"])}
        lines.append(Remark("status.schedule", facts=facts))
    for one in (one for one in waiting if one["last_reason"]):
        facts = {"name": one["name"], "when": _when(session, one["last"]), "why": one["last_reason"]}
        lines.append(Remark("status.schedule_last", facts=facts))
    return lines


def _standing(session: Session) -> list[dict[str, Any]]:
    from stockgen.pipeline.schedules.rules import Rules

    told = brief(session)
    if not told:
        return []
    catalogue = session.catalogue
    waiting = Rules(session.reading(), catalogue.markets, catalogue.quotas).waiting()
    return [one | {"waiting": _waiting(session, one["name"], waiting)} for one in told]


def _waiting(session: Session, name: str, waiting: Mapping[str, int]) -> dict[str, dict[str, int | None]]:
    """Market of the schedule's job → pictures that wait or will, and how many may; {} where the job can't be read."""
    from stockgen.pipeline.schedules.source import file_name, source_of

    schedule = session.catalogue.config.schedules[name]
    try:
        request = session.catalogue.read(source_of(schedule), file_name(name))
    except JobFileError:
        return {}
    most = schedule.max_waiting
    markets = sorted({market for order in request.orders for market in order.markets})
    return {
        market: {"pictures": waiting[market], "most": most.get(market) if isinstance(most, dict) else most}
        for market in markets
    }


def _next(session: Session, one: Mapping[str, Any]) -> str:
    return _when(session, one["next"]) if one["enabled"] else session.say("schedule.turned_off")


def _when(session: Session, moment: str | None) -> str:
    """A moment as the user's clock shows it."""
    from stockgen.domain.times import local, wall

    return f"{local(wall(moment), session.catalogue.config.timezone):%m-%d %H:%M}" if moment else ""


def _came(session: Session, one: Mapping[str, Any]) -> str:
    if one["last"] is None:
        return ""
    result = one["last_result"] or "fired"
    group = "schedule_result" if result in ("fired", "skipped", "missed") else "job_state"
    told = session.say(f"{group}.{result}")
    return f"{told}: {one['last_reason']}" if one["last_reason"] else told


def _lying(one: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{market} {now['pictures']}" + (f"/{now['most']}" if now["most"] else "")
        for market, now in one["waiting"].items()
    )
