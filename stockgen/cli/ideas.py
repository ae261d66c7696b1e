"""`stockgen ideas`: ideas of a theme, to look at or to keep as a job file. Nothing is rendered."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml

from stockgen.cli.desk import Session
from stockgen.domain.errors import JobFileError, StockgenError, UsageError
from stockgen.domain.words import Idea, Language, Order, Remark
from stockgen.files import write_softly
from stockgen.messages import harmless

if TYPE_CHECKING:
    from stockgen.domain.protocols import Past
    from stockgen.ledger import Ledger

Json = Annotated[bool, typer.Option("--json")]
WIDE = 100  # columns of text
INDENT = "    "
YAML = (".yaml", ".yml")


def ideas(  # noqa: PLR0913, PLR0917  typer makes an option of each
    context: typer.Context,
    theme: Annotated[str, typer.Option("--theme", "-t")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 10,
    season: Annotated[str, typer.Option("--season")] = "",
    avoid: Annotated[list[str] | None, typer.Option("--avoid")] = None,
    kind: Annotated[str, typer.Option("--kind")] = "",
    save: Annotated[Path | None, typer.Option("--save")] = None,
    as_json: Json = False,
) -> int:
    """Ideas by the text model, or by templates where there is none. Exit code 1 = there is none."""
    session: Session = context.obj
    if save is not None:
        _savable(save)
    wish = {"theme": theme, "season": season, "avoid": list(avoid or ()), "kind": kind, "count": limit}
    with _ledger(session) as ledger:
        order, told = _order(session, wish, ledger)
        thoughts = _thoughts(session, order, _past(session, ledger))
        found = _listed(session, thoughts, told) if as_json else _shown(session, thoughts, told)
    if not found and not as_json:
        session.tell(Remark("ideas.none"))
    if not found:
        return 1
    if save is not None:
        _save(session, save, found, order, quiet=as_json)
    return 0


def _savable(path: Path) -> None:
    """Raises UsageError for what can't be kept or dropped: told before a model has thought for minutes."""
    if path.exists():
        raise UsageError("save_exists", path=str(path))
    if path.suffix.lower() not in YAML:
        raise UsageError("save_name", path=str(path), name=f"{path.stem}.yaml")
    if not path.absolute().parent.is_dir():
        raise UsageError("save_folder", path=str(path), folder=str(path.parent))


@contextmanager
def _ledger(session: Session) -> Iterator[Ledger | None]:
    """What was made before; None = nothing, or it can't be read now."""
    ledger = None
    with suppress(StockgenError):
        ledger = session.reading()
    try:
        yield ledger
    finally:
        if ledger is not None:
            ledger.close()


def _order(session: Session, wish: dict[str, Any], ledger: Ledger | None) -> tuple[Order, Sequence[Remark]]:
    """The wish as a job file would be understood. Raises UsageError with every fault."""
    given = {key: value for key, value in wish.items() if value} | {"mode": "dynamic", "markets": []}
    text = yaml.safe_dump(given, allow_unicode=True, width=10_000)
    try:
        request = session.catalogue.read(text.encode(), "ideas.yaml", ledger=ledger)
    except JobFileError as error:
        raise UsageError("ideas_refused", [replace(one, line=None) for one in error.remarks]) from error
    return request.orders[0], [replace(one, line=None) for one in request.remarks]


def _past(session: Session, ledger: Ledger | None) -> Past:
    from stockgen.app.thinking import Fresh

    if ledger is None:
        return Fresh()
    from stockgen.logs import configure
    from stockgen.pipeline.novelty import Novelty

    # By titles alone: vectors would have to be written down, and this only reads.
    return Novelty(ledger, None, configure("error", "human", sys.stderr, session.catalogue.keyring.hide))


def _thoughts(session: Session, order: Order, past: Past) -> Iterator[Idea | Remark]:
    from stockgen.app.thinking import thought

    return thought(session.catalogue, order, past, SystemRandom())


def _shown(session: Session, thoughts: Iterator[Idea | Remark], told: Sequence[Remark]) -> list[Idea]:
    """Print each as it comes: a model takes a minute for the next ones."""
    session.tell(*told)
    found: list[Idea] = []
    for one in thoughts:
        if isinstance(one, Remark):
            session.tell(one)
            continue
        found.append(one)
        session.write("\n".join(_lines(session, one, len(found))) + "\n")
        sys.stdout.flush()
    return found


def _lines(session: Session, idea: Idea, number: int) -> Iterator[str]:
    language = session.say.language
    yield ""
    yield f"{number:2}. {harmless(idea.title[language])}"
    yield from _folded(idea.description[language])
    yield from _folded(session.say("ideas.prompt", prompt=idea.prompt))
    yield from _folded(session.say("ideas.tags", tags=list(idea.tags[language])))


def _folded(text: str) -> Iterator[str]:
    """Lines that fit a terminal, where a Korean letter is as wide as two others."""
    from rich.cells import cell_len

    line = ""
    for word in harmless(text).split():
        if line and cell_len(line) + 1 + cell_len(word) > WIDE:
            yield INDENT + line
            line = ""
        line = f"{line} {word}" if line else word
    if line:
        yield INDENT + line


def _listed(session: Session, thoughts: Iterator[Idea | Remark], told: Sequence[Remark]) -> list[Idea]:
    found = list(thoughts)
    ideas = [one for one in found if isinstance(one, Idea)]
    said = [*told, *(one for one in found if isinstance(one, Remark))]
    session.json({
        "ideas": [_facts(one) for one in ideas],
        "told": [{"code": one.code, "text": session.say.tell(one)} for one in said],
    })  # fmt: skip
    return ideas


def _facts(idea: Idea) -> dict[str, Any]:
    both: tuple[Language, ...] = ("en", "ko")
    named = {key: {one: getattr(idea, key)[one] for one in both} for key in ("title", "description", "tags")}
    return {"prompt": idea.prompt, **named, "category": idea.category, "writer": idea.writer}


def _save(session: Session, path: Path, found: Sequence[Idea], order: Order, *, quiet: bool) -> None:
    from stockgen.app.thinking import job_file

    text = job_file(found, order, session.say.language)
    head = session.say("ideas.file", count=len(found))
    write_softly(path, f"# {head}\n{text}".encode())
    if not quiet:
        session.write("\n")
        session.tell(Remark("ideas.saved", facts={"path": str(path), "count": len(found)}))
