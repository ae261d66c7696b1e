"""Commands that make something, or change what is made."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Annotated

import typer

from stockgen.app import App
from stockgen.cli.desk import Session
from stockgen.domain.errors import JobFileError, UsageError
from stockgen.domain.names import folder_name
from stockgen.domain.words import JobRequest, Remark
from stockgen.files import write_softly
from stockgen.jobfile import accepted, refused
from stockgen.ledger.jobs import Source
from stockgen.pipeline.commands import Answer
from stockgen.pipeline.places import job_folder

Json = Annotated[bool, typer.Option("--json")]
TICK = 0.05  # seconds between turns of `run`
NAME_BYTES = 40  # of a job file that is made from words


def check(context: typer.Context, file: Path, as_json: Json = False) -> int:
    """How a job file would be read; nothing is made."""
    session: Session = context.obj
    request = _understood(session, file)
    if isinstance(request, JobFileError):
        if as_json:
            session.json({"ok": False, "faults": [session.say.tell(one) for one in request.remarks]})
        else:
            session.write(_text(refused(request, file.name, session.say)))
        return 1
    if as_json:
        session.json({"ok": True, "orders": [order.to_json() for order in request.orders]})
    else:
        session.write(_text(accepted(request, "-----", file.name, (), session.say)))
    return 0


def submit(context: typer.Context, what: Annotated[list[str], typer.Argument(metavar="FILE|WORDS")]) -> int:
    """Drop a file, or words, into the inbox."""
    session: Session = context.obj
    given = Path(what[0])
    if len(what) == 1 and given.is_file():
        name, data = given.name, given.read_bytes()
    else:
        words = " ".join(what)
        name, data = f"{_file_name(words)}.txt", words.encode()
    request = _read(session, name, data)
    if isinstance(request, JobFileError):
        session.write(_text(refused(request, name, session.say)))
        return 1
    inbox = session.catalogue.config.inbox.path
    inbox.mkdir(parents=True, exist_ok=True)
    target = _free(inbox, name)
    write_softly(target, data)
    session.tell(Remark("submit.dropped", facts={"name": target.name, "pictures": request.pictures}))
    return 0


def run(context: typer.Context, file: Path) -> int:
    """Make one job file's pictures here and now, without a daemon."""
    session: Session = context.obj
    request = _understood(session, file)
    if isinstance(request, JobFileError):
        session.write(_text(refused(request, file.name, session.say)))
        return 1
    app = session.open()
    try:
        job = _add(app, file, request)
        _turn_until_closed(session, app, job)
        row = app.ledger.jobs.get(job)
        counts = app.ledger.jobs.counts(job)
    except KeyboardInterrupt:
        session.tell(Remark("run.interrupted"))
        raise
    finally:
        app.engine.parts.dispatcher.interrupt()
        app.close(app.clock.monotonic() + 5.0)
    made = counts.get("done", 0) + counts.get("review", 0)
    folder = app.places.outbox / row["folder"]
    session.tell(Remark("run.done", facts={"made": made, "asked": request.pictures, "folder": str(folder)}))
    return 0 if row["result"] == "done" else 1


def cancel(context: typer.Context, job: str) -> int:
    """End a job: what has not started is not made."""
    return _answered(context, context.obj.act("cancel", job=job))


def pause(context: typer.Context) -> int:
    """Start no more pictures until `resume`."""
    return _answered(context, context.obj.act("pause"))


def resume(context: typer.Context) -> int:
    """Go on after `pause`."""
    return _answered(context, context.obj.act("resume"))


def basket(
    context: typer.Context, market: Annotated[str | None, typer.Argument()] = None, as_json: Json = False
) -> int:
    """Put what is ready into a folder for upload."""
    session: Session = context.obj
    name = _market(session, market) if market else None
    answer = session.act("basket", market=name)
    if as_json:
        session.json({"result": answer.result, "told": [{"code": one.code, **one.facts} for one in answer.told]})
        return 0 if answer.result == "done" else 1
    return _answered(context, answer)


def _answered(context: typer.Context, answer: Answer) -> int:
    context.obj.tell(*answer.told)
    return 1 if answer.result == "refused" else 0


def _market(session: Session, asked: str) -> str:
    found = session.catalogue.known.markets.get(asked.lower())
    if found is None:
        known = ", ".join(sorted(session.catalogue.markets))
        raise UsageError("no_market", market=asked, known=known)
    return found


def _understood(session: Session, file: Path) -> JobRequest | JobFileError:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError("no_file", path=str(file), detail=error.strerror) from error
    return _read(session, file.name, data)


def _read(session: Session, name: str, data: bytes) -> JobRequest | JobFileError:
    try:
        return session.catalogue.read(data, name)
    except JobFileError as error:
        return error


def _add(app: App, file: Path, request: JobRequest) -> str:
    data, now = file.read_bytes(), app.clock.wall()
    job = app.ledger.jobs.new_id(app.rng)
    folder = job_folder(file.name, job, now, app.catalogue.config.timezone)
    source = Source(kind="command", name=file.name, sha256=hashlib.sha256(data).hexdigest(), data=data)
    app.ledger.jobs.add(job, request, source, folder, now)
    return job


def _turn_until_closed(session: Session, app: App, job: str) -> None:
    from rich.console import Console
    from rich.progress import track

    done, wanted = 0, app.ledger.jobs.get(job)
    total = sum(order.count for order in app.ledger.jobs.orders(wanted["id"]))
    bar = iter(track(range(total), session.say("progress.pictures"), console=Console(stderr=True)))
    while app.ledger.jobs.get(job)["state"] != "closed":
        if not app.engine.step(app.clock.monotonic()):
            time.sleep(TICK)
        counts = app.ledger.jobs.counts(job)
        ended = sum(counts.get(state, 0) for state in ("done", "review", "failed", "cancelled"))
        while done < ended:
            next(bar, None)
            done += 1
    next(bar, None)


def _text(note: bytes) -> str:
    return note.decode("utf-8-sig").replace("\r\n", "\n")


def _file_name(words: str) -> str:
    return folder_name(words, NAME_BYTES)


def _free(folder: Path, name: str) -> Path:
    path, number = folder / name, 2
    while path.exists():
        path = folder / f"{Path(name).stem}~{number}{Path(name).suffix}"
        number += 1
    return path
