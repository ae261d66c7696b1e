"""Commands that make something, or change what is made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stockgen.cli.beside import beside, drop_pictures, looked_at
from stockgen.cli.desk import Session
from stockgen.cli.marking import known_market
from stockgen.domain.errors import JobFileError, StockgenError, UsageError
from stockgen.domain.names import folder_name
from stockgen.domain.words import SHOT_ENDED, JobRequest, Remark
from stockgen.files import why, write_softly
from stockgen.lock import holder
from stockgen.messages import harmless

if TYPE_CHECKING:
    from stockgen.app.build import App

Json = Annotated[bool, typer.Option("--json")]
LEFT_OUT = "basket.left_out"
SHOWN = 3  # of each kind of reason, and of each reason's pictures
TICK = 0.05  # seconds between turns of `run`
END = 5.0  # seconds that what is being rendered gets to stop
NAME_BYTES = 40  # of a job file that is made from words
SIGNS = ".~$#"  # with them in its name, a file could look like somebody's temporary copy, which no daemon reads
ENDINGS = (".yaml", ".yml", ".txt", ".csv", ".tsv", ".json")  # a word that ends so is meant as a file


def check(context: typer.Context, file: Path, as_json: Json = False) -> int:
    """How a job file would be read; nothing is made."""
    session: Session = context.obj
    data = _bytes(file)
    request = _read(session, file.name, data, file)
    if isinstance(request, JobFileError):
        if as_json:
            faults = [{"line": one.line, "code": one.code, "text": session.say.tell(one)} for one in request.remarks]
            session.json({"ok": False, "faults": faults, "mended": _mended(session, file.name, data, request)})
        else:
            _tell_refused(session, file.name, data, request)
        return 1
    if as_json:
        told = [{"line": one.line, "code": one.code, "text": session.say.tell(one)} for one in request.remarks]
        session.json({"ok": True, "orders": [order.to_json() for order in request.orders], "told": told})
    else:
        session.tell(Remark("check.fine", facts={"name": file.name}))
        _tell_understood(session, request)
    return 0


def submit(context: typer.Context, what: Annotated[list[str], typer.Argument()]) -> int:
    """Drop a file, or words, into the inbox."""
    session: Session = context.obj
    name, data = _wanted(what)
    file = Path(what[0]) if _is_file(what) else None
    request = _read(session, name, data, file)
    if isinstance(request, JobFileError):
        _tell_refused(session, name, data, request, typed=file is None)
        return 1
    inbox = session.catalogue.config.inbox.path
    inbox.mkdir(parents=True, exist_ok=True)
    if file is not None:
        drop_pictures(file, request, inbox)
    target = _free(inbox, name)
    write_softly(target, data)
    session.tell(Remark("submit.dropped", facts={"name": target.name}))
    _tell_understood(session, request)
    if holder(session.state) is None:
        session.tell(Remark("status.stopped"))
    return 0


def run(context: typer.Context, file: Path) -> int:
    """Make one job file's pictures here and now, without a daemon."""
    session: Session = context.obj
    return make(session, file)


def make(session: Session, file: Path, *, where: bool = True) -> int:
    """The same for any session. `where`: whether it is told in which folder the pictures are."""
    from stockgen.pipeline.eta import waiting_for
    from stockgen.pipeline.references import References, furnished

    data = _bytes(file)
    request = _read(session, file.name, data, file)
    if isinstance(request, JobFileError):
        _tell_refused(session, file.name, data, request)
        return 1
    app = session.open()
    try:
        request = furnished(request, beside(session, file), References(app.places.references))
        job = _add(app, file.name, data, request)
        _turn_until_closed(session, app, job)
        row, counts = app.ledger.jobs.get(job), app.ledger.jobs.counts(job)
        held = [waiting_for(one.hold, one.reason, one.until, shots, app.catalogue.config.timezone)
                for _, one, shots in app.engine.held() if shots]  # fmt: skip
    except JobFileError as error:  # a picture that is not there: nothing waits for it here
        _tell_refused(session, file.name, data, error)
        return 1
    except KeyboardInterrupt:
        session.tell(Remark("run.interrupted"))
        raise
    finally:
        app.engine.parts.dispatcher.interrupt()
        app.close(app.clock.monotonic() + END)
    made = counts.get("done", 0) + counts.get("review", 0)
    folder = app.places.outbox / row["folder"]
    if where:
        session.tell(Remark("run.done", facts={"made": made, "asked": request.pictures, "folder": str(folder)}))
    if row["state"] != "closed":
        session.tell(*held, Remark("run.interrupted"))
    elif row["result"] != "done":
        session.tell(Remark("run.why", facts={"job": job}))
    return 0 if row["result"] == "done" else 1


def basket(
    context: typer.Context, market: Annotated[str | None, typer.Argument()] = None, as_json: Json = False
) -> int:
    """Put what is ready into a folder for upload."""
    session: Session = context.obj
    name = known_market(session, market) if market else None
    answer = session.act("basket", market=name)
    if as_json:
        told = [one.to_json()["facts"] | {"code": one.code} for one in answer.told]
        session.json({"result": answer.result, "told": told})
        return 0 if answer.result == "done" else 1
    others = [one for one in answer.told if one.code != LEFT_OUT]
    session.tell(*others, *_brief([one for one in answer.told if one.code == LEFT_OUT]))
    return 0 if answer.result == "done" else 1


def _brief(left_out: Sequence[Remark]) -> Iterator[Remark]:
    """What is left out, as much of it as people want to read: a few of each kind, a few names of each."""
    kinds: dict[tuple[str, str], list[Remark]] = {}
    for one in left_out:
        kinds.setdefault((one.facts["market"], one.facts["why"].code), []).append(one)
    for (market, _), alike in kinds.items():
        for one in alike[:SHOWN]:
            stems = one.facts["stems"]
            yield Remark(one.code, facts={**one.facts, "stems": [*stems[:SHOWN], *["…"][: len(stems) - SHOWN]]})
        more = sum(one.facts["count"] for one in alike[SHOWN:])
        if more:
            yield Remark("basket.left_out_more", facts={"market": market, "count": more})


# -- job files -------------------------------------------------------------------------------------------------


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except (OSError, ValueError) as error:
        detail = why(error) if isinstance(error, OSError) else str(error)
        raise UsageError("no_file", path=str(file), detail=detail) from error


def _wanted(what: Sequence[str]) -> tuple[str, bytes]:
    """Name and bytes of what is to be dropped: the file that was named, or a new one with the words in it."""
    if _is_file(what):
        return Path(what[0]).name, _bytes(Path(what[0]))
    words = " ".join(what)
    plain = "".join("_" if sign in SIGNS else sign for sign in words)
    return f"{folder_name(plain, NAME_BYTES)}.txt", words.encode(errors="replace")


def _is_file(what: Sequence[str]) -> bool:
    """Whether a file is named, not words."""
    return len(what) == 1 and what[0].lower().endswith(ENDINGS)


def _read(session: Session, name: str, data: bytes, file: Path | None) -> JobRequest | JobFileError:
    """How a job file would be read; `file`: where it lies, with its pictures beside it, None = it is typed."""
    ledger = None
    with suppress(StockgenError):  # nothing was made here yet, or it can't be read: nothing is there
        ledger = session.reading()
    try:
        request = session.catalogue.read(data, name, ledger=ledger)
        return looked_at(session, file, request) if file else request
    except JobFileError as error:
        return error
    finally:
        if ledger is not None:
            ledger.close()


def _tell_refused(session: Session, name: str, data: bytes, error: JobFileError, *, typed: bool = False) -> None:
    """The note that its author would get, and the mended copy that the inbox would lay beside it; nothing is laid.
    `typed`: words, of which no file is made.
    """
    from stockgen.jobfile import missing, refused

    session.write(_text(refused(error, "" if typed else name, session.say)))
    mended = session.catalogue.mended(data, name, error)
    if mended:
        lines = [f"    {harmless(line)}".rstrip() for line in _text(mended[1]).splitlines()]
        said = session.say("check.mended_words" if typed else "check.mended", name=mended[0])
        lost = () if typed else missing(data, mended[1])
        lines += ["", session.say("check.lost", lines=", ".join(map(str, lost)))] if lost else []
        session.write("\n".join(["", said, "", *lines]) + "\n")


def _mended(session: Session, name: str, data: bytes, error: JobFileError) -> dict[str, str] | None:
    found = session.catalogue.mended(data, name, error)
    return {"name": found[0], "text": _text(found[1])} if found else None


def _tell_understood(session: Session, request: JobRequest) -> None:
    """The note that its author would get, without its first and last words: it has no number yet."""
    from stockgen.app.outlook import Outlooks, without_ledger
    from stockgen.jobfile import accepted

    try:
        outlook = Outlooks(session.reading(), session.catalogue.clock)(session.catalogue, request)
    except StockgenError:  # nothing was made here yet, or the ledger can't be read
        outlook = without_ledger(session.catalogue, request)
    paragraphs = _text(accepted(request, "", "", (), session.say, outlook)).split("\n\n")
    session.write("\n\n".join(paragraphs[1:-1]) + "\n")


def _text(note: bytes) -> str:
    return note.decode("utf-8-sig").replace("\r\n", "\n")


def _free(folder: Path, name: str) -> Path:
    path, number = folder / name, 2
    while path.exists():
        path = folder / f"{Path(name).stem}~{number}{Path(name).suffix}"
        number += 1
    return path


# -- run -------------------------------------------------------------------------------------------------------


def _add(app: App, name: str, data: bytes, request: JobRequest) -> str:
    import hashlib

    from stockgen.ledger.jobs import Source
    from stockgen.pipeline.places import job_folder

    now = app.clock.wall()
    job = app.ledger.jobs.new_id(app.rng)
    folder = job_folder(name, job, now, app.catalogue.config.timezone)
    source = Source(kind="command", name=name, sha256=hashlib.sha256(data).hexdigest(), data=data)
    app.ledger.jobs.add(job, request, source, folder, now)
    return job


def _turn_until_closed(session: Session, app: App, job: str) -> None:
    """Turn the engine until the job is closed, or until only what somebody holds is left."""
    from stockgen.pipeline.eta import described
    from stockgen.pipeline.status import seconds_per_picture

    orders = app.ledger.jobs.orders(job)
    total, tries = sum(order.count for order in orders), sum(order.count * order.best_of for order in orders)
    with _bar(session.say("progress.pictures"), total) as show:
        while app.ledger.jobs.get(job)["state"] != "closed" and not app.engine.idle:
            if not app.engine.step(app.clock.monotonic()):
                time.sleep(TICK)
            if show is not None:
                counts = app.ledger.jobs.counts(job)
                ended = sum(counts.get(state, 0) for state in SHOT_ENDED)
                doing = [lane.progress() for lane in app.engine.parts.dispatcher.lanes()]
                unmade = tries - app.ledger.jobs.rendered(job)
                told = described(doing, ended, total, seconds_per_picture(app.ledger), unmade)
                show(ended, session.say.tell(told))


@contextmanager
def _bar(title: str, total: int) -> Iterator[Callable[[int, str], None] | None]:
    """A bar on standard error; what it yields moves it and says what stands before it. None where nobody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done, text: progress.update(task, completed=done, description=text)
