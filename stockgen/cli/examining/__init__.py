"""`stockgen doctor`: what works, and what helps where it does not. One function for each check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from stockgen.cli.bought import services
from stockgen.cli.desk import Session
from stockgen.cli.examining import drawing, ground, helping, living, telling
from stockgen.cli.examining.findings import Check
from stockgen.domain.errors import StockgenError
from stockgen.messages import explained

Json = Annotated[bool, typer.Option("--json")]
MARKS: Mapping[bool | None, str] = {True: "✓", None: "!", False: "✗"}
CHECKS: Mapping[str, Check] = {
    "daemon": ground.daemon,
    "state": ground.state,
    "folders": ground.folders,
    "disk": ground.disk,
    "inotify": ground.inotify,
    "clock": living.clock,
    "service": living.service,
    "sync": living.sync,
    "markets": helping.markets,
    "secrets": helping.secrets,
    "notify": telling.notify,
    "writers": helping.writers,
    "local": drawing.packages,
    "cards": drawing.cards,
    "torch": drawing.torch,
    "providers": drawing.providers,
    "plans": drawing.plans,
    "memory": drawing.memory,
    "retouchers": drawing.retouchers,
    "services": services,
    "models": helping.leavers,
}
WITHOUT_CONFIG = frozenset({"inotify", "clock", "local"})


def doctor(context: typer.Context, as_json: Json = False) -> int:
    """What works, and for each thing that doesn't the one command that helps."""
    session: Session = context.obj
    findings = [("config", ok, told) for ok, told in _found(ground.config, session)]
    usable = not any(ok is False for _, ok, _ in findings)
    findings += [
        (name, ok, told)
        for name, check in CHECKS.items()
        if usable or name in WITHOUT_CONFIG
        for ok, told in _found(check, session)
    ]
    if as_json:
        session.json([{"check": name, "ok": ok, "told": told} for name, ok, told in findings])
    else:
        for _, ok, told in findings:
            session.write(f"{MARKS[ok]} {told}\n")
    return 1 if any(ok is False for _, ok, _ in findings) else 0


def _found(check: Check, session: Session) -> list[tuple[bool | None, str]]:
    """What a check finds, in words. An error of ours ends it, and is its last finding."""
    found: list[tuple[bool | None, str]] = []
    try:
        for ok, told in check(session):
            found.append((ok, session.say.tell(told)))
    except StockgenError as error:
        found.append((False, explained(error, session.say).rstrip()))
    return found
