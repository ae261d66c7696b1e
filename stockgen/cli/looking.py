"""Commands that look back: what there is, and what the night brought."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stockgen.cli.desk import Session
from stockgen.domain.words import Remark
from stockgen.lock import holder

if TYPE_CHECKING:
    from stockgen.ledger import Row

Json = Annotated[bool, typer.Option("--json")]


def find(
    context: typer.Context, sought: Annotated[list[str], typer.Argument()],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 20, as_json: Json = False,
) -> int:  # fmt: skip
    """Pictures by words of their titles, tags and prompts. Exit code 1 = there is none."""
    session: Session = context.obj
    wanted = " ".join(sought)
    rows = session.reading().finding.pictures(wanted, limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    if as_json:
        session.json([_facts(row) for row in rows])
    elif not rows:
        session.tell(Remark("find.none", facts={"words": wanted}))
    else:
        lines = [(row["job_id"], row["number"], row[f"title_{session.say.language}"], _state(session, row), row["path"])
                 for row in rows]  # fmt: skip
        session.table(("job", "number", "title", "state", "where"), lines)
        if more:
            session.tell(Remark("find.more", facts={"shown": limit}))
        session.tell(Remark("find.like", facts={"job": rows[0]["job_id"], "number": rows[0]["number"]}))
    return 0 if rows else 1


def _facts(row: Row) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "id"}


def _state(session: Session, row: Row) -> str:
    """What became of a picture: here, and in each market that has it."""
    say = session.say
    given = [pair.rpartition(" ") for pair in (row["markets"] or "").split(", ") if pair]
    told = [say(f"submission.{state}", market=market) for market, _, state in given]
    return ", ".join(told) or say(f"asset_state.{row['state']}")


def report(
    context: typer.Context, html: Annotated[Path | None, typer.Option("--html")] = None, as_json: Json = False
) -> int:
    """What the last day brought, as the morning report tells it; `--html FILE` also writes it with its pictures."""
    from stockgen.files import write_softly
    from stockgen.pipeline.places import Places
    from stockgen.pipeline.reports.facts import DAY, Shelf, gathered
    from stockgen.pipeline.reports.page import page
    from stockgen.pipeline.reports.text import text
    from stockgen.pipeline.status import held_at

    session: Session = context.obj
    config, now = session.catalogue.config, time.time()
    places = Places(config.state, config.outbox.staging, config.outbox.path)
    catalogue, money = session.catalogue, config.money
    shelf = Shelf(
        catalogue.markets, catalogue.quotas, lambda: catalogue.departures, money.warn_at, money.krw_per_usd
    )  # fmt: skip
    rejected = config.inbox.path / "rejected"
    running = holder(config.state) is not None
    holds = held_at(config.state) if running else ()
    told = gathered(session.reading(), places, shelf, rejected, (now - DAY, now), config.timezone, holds)
    told = told if running else replace(told, seconds=0.0)  # nobody works at what is left
    if as_json:
        session.json(told.to_json())
    else:
        session.write(text(told, session.say, config.timezone))
    if html is not None:
        write_softly(html, page(told, session.say, places.outbox, config.timezone))
        session.tell(Remark("report.written", facts={"path": str(html)}))
    return 0
