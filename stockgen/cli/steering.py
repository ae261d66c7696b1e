"""Commands about work that has been asked for: end it, make it once more, pause, go on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from stockgen.cli.desk import Session
from stockgen.domain.errors import UsageError
from stockgen.domain.times import duration, iso
from stockgen.lock import holder

if TYPE_CHECKING:
    from stockgen.domain.words import Remark
    from stockgen.pipeline.commands import Answer

MORE = "command.more"  # what is told of the new job
UNMADE = "job_file.note.cost_unmade"


def cancel(context: typer.Context, number: str) -> int:
    """End a job: what has not started is not made."""
    session: Session = context.obj
    return answered(session, session.act("cancel", job=number.lower()))


def retry(context: typer.Context, number: str) -> int:
    """Make what a job lacks once more."""
    session: Session = context.obj
    return answered(session, session.act("retry", job=number.lower()))


def more(
    context: typer.Context,
    original: Annotated[list[str], typer.Argument()],
    limit: Annotated[int | None, typer.Option("--count", "-n", min=1)] = None,
    model: Annotated[str, typer.Option("--model")] = "",
    markets: Annotated[str, typer.Option("--markets")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Make other pictures that look like one."""
    session: Session = context.obj
    answer = session.act("more", picture=" ".join(original), count=limit, model=model, markets=markets)
    if not as_json:
        session.tell(*answer.told, *_cost(session, answer))
        return 1 if answer.result == "refused" else 0
    made = next((dict(one.facts) for one in answer.told if one.code == MORE), {})
    told = [{"code": one.code, "text": session.say.tell(one)} for one in answer.told if one.code != MORE]
    session.json({"result": answer.result, **made, "told": told})
    return 1 if answer.result == "refused" else 0


def _cost(session: Session, answer: Answer) -> Sequence[Remark]:
    """What the new job may cost, as the note of a file would say it. Whether anybody can make it is not said where a
    daemon will: it may have keys that this shell has not.
    """
    from stockgen.app.outlook import Outlooks
    from stockgen.domain.words import JobRequest

    job = next((one.facts["job"] for one in answer.told if one.code == MORE), "")
    if not job:
        return ()
    with closing(session.reading()) as ledger:
        request = JobRequest(orders=tuple(ledger.jobs.orders(job)))
        cost = Outlooks(ledger, session.catalogue.clock)(session.catalogue, request, job=job, queued=True).cost
    running = holder(session.state) is not None
    return [one for one in cost if not (running and one.code == UNMADE)]


Numbers = Annotated[list[str], typer.Argument()]
Job = Annotated[str, typer.Option("--job", "-j")]


def keep(context: typer.Context, numbers: Numbers, job: Job = "last") -> int:
    """These pictures of a contact sheet are good."""
    session: Session = context.obj
    return answered(session, session.act("keep", numbers=" ".join(numbers), job=job.lower()))


def drop(context: typer.Context, numbers: Numbers, job: Job = "last") -> int:
    """These pictures of a contact sheet go into no basket."""
    session: Session = context.obj
    return answered(session, session.act("drop", numbers=" ".join(numbers), job=job.lower()))


def pause(
    context: typer.Context,
    for_: Annotated[str, typer.Option("--for")] = "",
    until: Annotated[str, typer.Option("--until")] = "",
) -> int:
    """Start no more pictures until `resume`, for a while, or until a moment."""
    session: Session = context.obj
    if for_ and until:
        raise UsageError("for_and_until")
    return answered(session, session.act("pause", until=_end(session, for_, until)))


def resume(context: typer.Context) -> int:
    """Go on after `pause`."""
    session: Session = context.obj
    return answered(session, session.act("resume"))


def answered(session: Session, answer: Answer) -> int:
    """Say what came of a command; return the exit code."""
    session.tell(*answer.told)
    return 1 if answer.result == "refused" else 0


def _end(session: Session, for_: str, until: str) -> str | None:
    """When a pause ends by itself, as commands tell it; None = it does not. Raises UsageError."""
    from stockgen.jobfile import moment

    known = session.catalogue.known
    if for_:
        try:
            return iso(known.now + duration(for_))
        except ValueError as error:
            raise UsageError("no_duration", found=for_) from error
    if not until:
        return None
    found = moment(until, known)
    if found is None or found <= known.now:
        raise UsageError("no_moment", found=until)
    return iso(found)
