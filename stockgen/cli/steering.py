"""Commands about work that has been asked for: end it, make it once more, pause, go on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from stockgen.cli.desk import Session
from stockgen.domain.errors import UsageError
from stockgen.domain.times import duration, iso

if TYPE_CHECKING:
    from stockgen.pipeline.commands import Answer


def cancel(context: typer.Context, number: str) -> int:
    """End a job: what has not started is not made."""
    session: Session = context.obj
    return answered(session, session.act("cancel", job=number.lower()))


def retry(context: typer.Context, number: str) -> int:
    """Make what a job lacks once more."""
    session: Session = context.obj
    return answered(session, session.act("retry", job=number.lower()))


def pause(context: typer.Context, for_: Annotated[str, typer.Option("--for")] = "") -> int:
    """Start no more pictures until `resume`, or for a while."""
    session: Session = context.obj
    until = _later(for_, time.time()) if for_ else None
    return answered(session, session.act("pause", until=iso(until) if until is not None else None))


def resume(context: typer.Context) -> int:
    """Go on after `pause`."""
    session: Session = context.obj
    return answered(session, session.act("resume"))


def answered(session: Session, answer: Answer) -> int:
    """Say what came of a command; return the exit code."""
    session.tell(*answer.told)
    return 1 if answer.result == "refused" else 0


def _later(text: str, now: float) -> float:
    try:
        return now + duration(text)
    except ValueError as error:
        raise UsageError("no_duration", found=text) from error
