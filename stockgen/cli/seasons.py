"""The calendar: which occasions come, by when pictures for them should be uploaded, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stockgen.cli.desk import Session
from stockgen.domain.errors import UsageError
from stockgen.domain.times import local
from stockgen.domain.words import Remark

if TYPE_CHECKING:
    from stockgen.data.market import Market
    from stockgen.ledger import Ledger

DAYS = 30.44  # of a month, on average
Json = Annotated[bool, typer.Option("--json")]


def calendar(
    context: typer.Context, months: Annotated[int, typer.Option("--months", "-m", min=1, max=24)] = 6,
    as_json: Json = False,
) -> int:  # fmt: skip
    """The occasions of the next months for the markets of `defaults.markets`."""
    session: Session = context.obj
    today = local(session.catalogue.clock.wall(), session.catalogue.config.timezone).date()
    ledger = None
    with suppress(UsageError):  # nothing was made here yet
        ledger = session.reading()
    markets = [session.catalogue.markets[name] for name in session.catalogue.config.defaults.markets]
    found = list(_found(session, markets, today, today + timedelta(days=round(months * DAYS)), ledger))
    if as_json:
        session.json(found)
        return 0
    session.table(("when", "season", "upload_by", "have", "lack", "advice"), (_row(session, one) for one in found))
    session.tell(Remark("calendar.counted"), Remark("calendar.order", facts={"season": _first(session, found)}))
    return 0


def _found(
    session: Session, markets: Sequence[Market], today: date, until: date, ledger: Ledger | None
) -> Iterator[dict[str, Any]]:
    from stockgen.app.seasonal import covered
    from stockgen.pipeline.seasons import plan

    for one in session.catalogue.occasions.coming(today, until):
        when = plan(one, markets)
        if when is not None:
            have = covered(ledger, one.key, one.season) if ledger else 0
            missing, phase = max(0, one.season.wanted - have), when.phase(today)
            yield {
                "key": one.key, "en": one.season.en, "ko": one.season.ko, "kept": list(one.season.kept),
                "first": one.first.isoformat(), "last": one.last.isoformat(), "begin": when.starts.isoformat(),
                "upload_by": {market: day.isoformat() for market, day in when.by.items()},
                "have": have, "wanted": one.season.wanted, "missing": missing,
                "advice": "enough" if phase == "now" and not missing else phase,
            }  # fmt: skip


def _row(session: Session, one: dict[str, Any]) -> Sequence[str]:
    language = session.say.language
    when = one["first"] if one["first"] == one["last"] else f"{one['first']} – {one['last'][5:]}"
    by = ", ".join(f"{session.catalogue.markets[name].titles.said(language)} {day[5:]}"
                   for name, day in one["upload_by"].items())  # fmt: skip
    advice = session.say(f"calendar.{one['advice']}", day=one["begin"][5:])
    return when, one[language], by, str(one["have"]), str(one["missing"] or ""), advice


def _first(session: Session, found: Sequence[dict[str, Any]]) -> str:
    """The season that the closing words take as their example."""
    named: list[str] = [one[session.say.language] for one in found if one["advice"] == "now"]
    return (named or [session.catalogue.seasons["spring"].said(session.say.language)])[0]
