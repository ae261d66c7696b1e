"""What has happened that somebody who is not here should know: found by comparing facts with what was told before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from stockgen.app.build import App
from stockgen.domain.times import iso, local, wall
from stockgen.domain.words import Remark
from stockgen.ledger import Row
from stockgen.ledger.notices import Notice
from stockgen.pipeline.costs import amount
from stockgen.pipeline.money import WARNED
from stockgen.pipeline.places import top_folder
from stockgen.pipeline.reports.facts import refused
from stockgen.pipeline.reports.morning import WRITTEN

BUNDLE = 60.0  # seconds in which jobs that end are told together, and for which something is over before that is told
NAMES = 5  # jobs and files that one message names
SHEETS = 5  # contact sheets that follow a report
LONGEST = 8000  # signs of a report that is told
SINCE = "notify.since"  # facts that survive a restart: up to when jobs were told,
REPORTED = "notify.report"  # which report,
_SWITCH = "notify.on."  # and since when a hold is told to be on
BAD = ("failed", "partial")


class News:
    """`lost`: why the inbox is not watched now, None = it is. Every look moves on, whatever is wanted."""

    def __init__(self, app: App, lost: Callable[[], str | None]) -> None:
        self._app, self._lost = app, lost
        self._told: set[str] = set()
        self._over: dict[str, float] = {}  # what has ended, and when (wall seconds); told once that has lasted

    def look(self, now: float) -> list[tuple[str, Notice]]:
        """Kind and words of all that is new; inside `atomic`, with what was told. `now` wall seconds."""
        kinds = chain(self._report(), self._ended(now), self._money(now), self._holds(now), self._retiring())
        return [(kind, one) for kind, one in kinds if one.news not in self._told]

    def told(self, news: list[tuple[str, Notice]]) -> None:
        """All of this is in the ledger now, and is not asked about again."""
        self._told |= {one.news for _, one in news}

    # -- the morning -------------------------------------------------------------------------------------------

    def _report(self) -> Iterator[tuple[str, Notice]]:
        """The day's report with the first sheet of what it is about; then the others, so that each can be answered."""
        ledger, catalogue = self._app.ledger, self._app.catalogue
        written, before = ledger.noted(WRITTEN), ledger.noted(REPORTED)
        if written == before:
            return
        ledger.note(REPORTED, written)
        folder = top_folder(ledger, catalogue.language, "reports")
        day = f"{local(wall(written), catalogue.config.timezone):%Y-%m-%d}"
        try:
            text = (self._app.places.outbox / folder / f"{day}.txt").read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):  # the first one is only a mark; or somebody took it away
            return
        if not before:
            return
        rows = [row for row in self._closed(before, written) if self._sheet(row)]
        first = rows[0] if rows else None
        yield "report", self._notice(f"report:{written}", text[:LONGEST].strip(), first)
        for row in rows[1:SHEETS]:
            yield "report", self._notice(f"report:{written}:{row['id']}", row["source_name"], row)

    # -- jobs --------------------------------------------------------------------------------------------------

    def _ended(self, now: float) -> Iterator[tuple[str, Notice]]:
        """Jobs that have ended and files that were refused, those of a minute together."""
        ledger = self._app.ledger
        since = ledger.noted(SINCE)
        if not since or wall(since) > now:  # all of this is new here; or the clock was wrong
            ledger.note(SINCE, iso(now))
            return
        if now - wall(since) < BUNDLE:
            return
        rows = self._closed(since, iso(now))
        rejected = self._app.catalogue.config.inbox.path / "rejected"
        names = [one for one in refused(rejected, wall(since), now) if not one.startswith("telegram-")]
        ledger.note(SINCE, iso(now))
        good, bad = [row for row in rows if row["result"] == "done"], [row for row in rows if row["result"] in BAD]
        if good:
            yield "done", self._notice(f"done:{iso(now)}", self._about("notify.done", good), good[-1])
        if bad or names:
            lines = [self._about("notify.failed", bad)] if bad else []
            lines += [self._named("notify.refused", names)] if names else []
            yield "failed", self._notice(f"failed:{iso(now)}", "\n".join(lines), bad[-1] if bad else None)

    def _about(self, code: str, rows: list[Row]) -> str:
        lines = [self._named(code, [row["source_name"] for row in rows])]
        for row in rows[:NAMES]:
            counts = self._app.ledger.jobs.counts(row["id"])
            made = counts.get("done", 0) + counts.get("review", 0)
            facts = {"job": row["id"], "made": made, "failed": counts.get("failed", 0), "name": row["source_name"]}
            lines.append(self._app.catalogue.say("notify.job", **facts))
        return "\n".join(lines)

    def _named(self, code: str, names: list[str]) -> str:
        return self._app.catalogue.say(code, count=len(names), names=names[:NAMES])

    def _closed(self, since: str, until: str) -> list[Row]:
        """Of a span without its end: what closes in this very moment, but after this look, is told with the next."""
        return self._app.ledger.query(
            """SELECT id, source_name, result FROM jobs WHERE state = 'closed' AND closed_at >= :since
               AND closed_at < :until AND NOT cancelled ORDER BY closed_at, id""",
            since=since, until=until,
        )  # fmt: skip

    def _sheet(self, row: Row) -> str:
        papers = self._app.ledger.assets.papers_of(row["id"])
        return next((str(one["path"]) for one in papers if one["role"] == "sheet"), "")

    def _notice(self, news: str, text: str, row: Row | None) -> Notice:
        return Notice(news=news, text=text, picture=self._sheet(row) if row else "", job=row["id"] if row else None)

    # -- the rest ----------------------------------------------------------------------------------------------

    def _money(self, now: float) -> Iterator[tuple[str, Notice]]:
        """Most of a cap, then all of it."""
        ledger, catalogue = self._app.ledger, self._app.catalogue
        spend = ledger.spend
        day, won = spend.day_of(now), catalogue.config.money.krw_per_usd
        for limit, period, cap in (("month", day[:7], spend.caps.month), ("day", day, spend.caps.day)):
            mark = ledger.noted(f"{WARNED}.{limit}")
            if not cap or mark != f"{period} {cap}":
                continue
            spent = spend.month(day) if limit == "month" else spend.day(day)
            step = "spent" if spent >= cap else "most"
            facts = {"spent": amount(spent, won), "cap": amount(cap, won), "share": round(100 * spent / cap)}
            text = catalogue.say.tell(Remark(f"notify.money_{limit}_{step}", facts=facts))
            yield "money", Notice(news=f"money:{limit}:{mark}:{step}", text=text)

    def _holds(self, now: float) -> Iterator[tuple[str, Notice]]:
        held = next((one.reason for _, one, _ in self._app.engine.held() if one.hold == "disk"), None)
        yield from self._switched("disk", held, now)
        yield from self._switched("watch", self._lost(), now)

    def _switched(self, kind: str, why: str | None, now: float) -> Iterator[tuple[str, Notice]]:
        """That something has begun, at once; that it is over, once that has lasted: else each flicker were two."""
        key, say = f"{_SWITCH}{kind}", self._app.catalogue.say
        since = self._app.ledger.noted(key)
        if why is not None:
            self._over.pop(kind, None)
            if not since:
                self._app.ledger.note(key, iso(now))
                yield kind, Notice(news=f"{kind}:{iso(now)}", text=say(f"notify.{kind}", why=why))
        elif since and now - self._over.setdefault(kind, now) >= BUNDLE:
            del self._over[kind]
            self._app.ledger.note(key, "")
            yield kind, Notice(news=f"{kind}:{since}:over", text=say(f"notify.{kind}_over"))

    def _retiring(self) -> Iterator[tuple[str, Notice]]:
        for one in self._app.catalogue.departures:
            news = f"retiring:{one.code}:{one.facts['where']}:{one.facts['model']}:{one.facts['date']}"
            yield "retiring", Notice(news=news, text=self._app.catalogue.say.tell(one))
