"""Commands about what markets say: decisions, sales, edited tables, and where a picture came from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stockgen.cli.desk import Session
from stockgen.cli.steering import answered
from stockgen.domain.errors import UsageError
from stockgen.domain.words import Remark
from stockgen.files import why


def mark(
    context: typer.Context, market: str, state: str, basket: Annotated[str | None, typer.Argument()] = None,
    reason: Annotated[str, typer.Option("--reason")] = "",
) -> int:  # fmt: skip
    """Note what a market decided or sold; without a basket's name, of the pictures in a text that is pasted."""
    from stockgen.pipeline.marks.reading import state_of

    session: Session = context.obj
    name = known_market(session, market)
    if not state_of(state):
        raise UsageError("mark_state", found=state, known="uploaded, accepted, rejected, hidden, sold")
    text = "" if basket else _pasted(session)
    return answered(
        session, session.act("mark", market=name, state=state, basket=basket or "", reason=reason, text=text)
    )


def titles(context: typer.Context, file: Path, market: Annotated[str | None, typer.Option("--market")] = None) -> int:
    """Take an edited table of a basket back."""
    session: Session = context.obj
    text = _decoded(_bytes(file), file.name)
    name = known_market(session, market) if market else _market_of(session, file, text)
    return answered(session, session.act("titles", market=name, text=text))


def proof(context: typer.Context, picture: str, as_json: Annotated[bool, typer.Option("--json")] = False) -> int:
    """One page of a picture's origin: prompt, model, licence, dates, checks, markets."""
    from stockgen.pipeline.marks.origin import facts, origin, page

    session: Session = context.obj
    config, models = session.catalogue.config, session.catalogue.models
    told = origin(session.reading(), config.outbox.path, models, picture, config.state)
    if told is None:
        raise UsageError("no_such_picture", name=picture)
    if as_json:
        session.json(facts(told, session.say) | {"source": told.source})
    else:
        session.write(page(told, session.say))
    return 0


def known_market(session: Session, asked: str) -> str:
    """The market that somebody means. Raises UsageError."""
    from stockgen.jobfile.names import lookup

    known = session.catalogue.known
    found = lookup(known.markets, asked)
    if found in known.closed:
        raise UsageError("market_closed", market=found, reason=known.closed[found])
    if not found:
        raise UsageError("no_market", market=asked, known=", ".join(sorted(session.catalogue.markets)))
    return found


def _market_of(session: Session, file: Path, text: str) -> str:
    """The market whose name the file carries, or whose columns it has. Raises UsageError."""
    head = {cell.strip('"\ufeff ') for cell in text.partition("\n")[0].replace(";", ",").split(",")}
    for name, market in session.catalogue.markets.items():
        if name in file.name or (market.csv and set(market.csv.columns) <= head):
            return name
    raise UsageError("titles_market", file=file.name, known=", ".join(sorted(session.catalogue.markets)))


def _pasted(session: Session) -> str:
    if sys.stdin.isatty():
        session.tell(Remark("mark.paste"))
        sys.stdout.flush()
    return _decoded(sys.stdin.buffer.read(), "stdin")


def _decoded(data: bytes, name: str) -> str:
    """Text in UTF-8, UTF-16 or as Korean Excel saves it. Raises JobFileError for what is no text."""
    from stockgen.jobfile.findings import Findings
    from stockgen.jobfile.text import decode

    return decode(data, Findings(name))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError("no_file", path=str(file), detail=why(error)) from error
