"""A report for a phone: ten lines at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from stockgen.domain.times import local
from stockgen.messages import Messages
from stockgen.pipeline.closures import FAR
from stockgen.pipeline.eta import about, waiting
from stockgen.pipeline.marks.lessons import Common
from stockgen.pipeline.reports.facts import Idle, Report
from stockgen.pipeline.standing import why_closed

MOST_LINES = 10
MOST_NAMES = 3  # of files, reasons and markets in one line
GIB = 1 << 30


def text(report: Report, say: Messages, timezone: str = "local") -> str:
    """The report, a line for each thing that there is to tell."""
    lines = list(_lines(report, say, timezone))[:MOST_LINES]
    return "".join(f"{line}\n" for line in lines)


def reasons(counts: Mapping[str, int], say: Messages) -> str:
    """Counts by reason in words, the most frequent first; those that don't fit are counted."""
    in_words = Counter[str]()
    for code, count in counts.items():  # details differ where the words don't
        in_words[reason(code, say)] += count
    told = [f"{words}: {count}" for words, count in in_words.most_common(MOST_NAMES)]
    rest = in_words.total() - sum(count for _, count in in_words.most_common(MOST_NAMES))
    return ", ".join([*told, say("report.others", count=rest)] if rest else told)


def reason(code: str, say: Messages) -> str:
    """A reason as the ledger keeps it (`code` or `code: detail`) in words."""
    name, _, detail = code.partition(": ")
    return say(f"reason.{name}") if say.has(f"reason.{name}") else say("reason.other", reason=detail or name or "?")


def _lines(report: Report, say: Messages, timezone: str) -> Iterator[str]:
    yield say("report.head", when=f"{local(report.until, timezone):%Y-%m-%d %H:%M}")
    if report.quiet:
        yield say("report.quiet")
    if report.made or report.parted:
        yield " ".join([say("report.made", pictures=report.made, jobs=len(report.closed)), *_parted(report, say)])
    if report.sheets:
        others = len(report.sheets) - 1
        yield say("report.look_more" if others else "report.look", sheet=report.sheets[0], others=others)
    if report.review:
        yield say("report.review", pictures=sum(report.review.values()), reasons=reasons(report.review, say))
    if report.failed:
        yield say("report.failed", pictures=sum(report.failed.values()), reasons=reasons(report.failed, say))
    if report.refused or report.barren or report.idle or report.models:
        yield " ".join(_not_begun(report, say))
    if report.decided or report.sales[0]:
        yield _decided(report, say)
    if report.markets:
        yield say("report.markets", markets="; ".join(_markets(report, say)))
    if report.holds or report.shut:
        yield " ".join(_waiting(report, say, timezone))
    if report.left or report.free is not None or report.spent:
        yield _standing(report, say)
    if any(one.waiting for one in report.markets):
        yield say("report.next")


def _waiting(report: Report, say: Messages, timezone: str) -> Iterator[str]:
    """Why pictures wait, and what helps."""
    yield from say.each(waiting(report.holds, timezone)[:MOST_NAMES])
    for one in report.shut[:MOST_NAMES]:
        until, why = f"{local(one.until, timezone):%m-%d %H:%M}", why_closed(one, say)
        gone = one.until - report.until > FAR  # nobody waits for what is no more
        yield why if gone else say("status.closed", provider=one.provider, until=until, why=why)


def _decided(report: Report, say: Messages) -> str:
    """What the markets said since the last report, and the one lesson that it teaches."""
    told = [say(f"report.decided.{state}", count=count) for state, count in report.decided.items()]
    count, micros = report.sales
    told += [say("report.sold", count=count, usd=f"{micros / 1e6:.2f}")] if count else []
    line = say("report.decided_line", states=", ".join(told))
    lesson = shared(report.common[0], say) if report.common and report.decided.get("rejected") else ""
    return f"{line} {lesson}".strip()


def shared(one: Common, say: Messages) -> str:
    """What refused pictures have in common, as a sentence."""
    what = say(f"report.trait.{one.what}")
    return say("report.common", market=one.market, refused=one.refused, having=one.having, what=what, value=one.value)


def _names(names: Sequence[str], say: Messages) -> str:
    rest = len(names) - MOST_NAMES
    told = list(names[:MOST_NAMES])
    return ", ".join([*told, say("report.others", count=rest)] if rest > 0 else told)


def _parted(report: Report, say: Messages) -> Iterator[str]:
    """Jobs that did not wait for their last pictures, and the jobs that make those."""
    if report.parted:
        rests = _names([f"{job.job} → {job.rest}" for job in report.parted], say)
        yield say("report.parted", count=len(report.parted), rests=rests)


def _not_begun(report: Report, say: Messages) -> Iterator[str]:
    """Files that nobody could read, jobs without a picture, schedules that made nothing, the last ones first, and
    models that are no longer there, or not for long.
    """
    if report.refused:
        yield say("report.refused", count=len(report.refused), names=_names(report.refused, say))
    if report.barren:
        names = _names([one.name for one in report.barren], say)
        yield say("report.barren", count=len(report.barren), names=names, job=report.barren[-1].job)
    told = [_idle(one, say) for one in report.idle[::-1][:MOST_NAMES]]
    if told:
        yield say("report.schedules", told="; ".join(told))
    yield from (say.tell(one) for one in report.models[:MOST_NAMES])


def _idle(one: Idle, say: Messages) -> str:
    code = "report.schedule_times" if one.times > 1 else "report.schedule"
    return say(code, name=one.schedule, times=one.times, why=one.why)


def _markets(report: Report, say: Messages) -> Iterator[str]:
    for one in report.markets[:MOST_NAMES]:
        yield say("report.market", name=one.name, waiting=one.waiting, used=one.week_used, quota=one.per_week)


def _standing(report: Report, say: Messages) -> str:
    """What is still to do, whether there is room for it, and what was paid."""
    parts = []
    if report.left:
        code = "report.left" if report.seconds else "report.left_waiting"
        parts.append(say(code, pictures=report.left, time=about(report.seconds)))
    if report.free is not None:
        parts.append(say("report.disk", free=f"{report.free / GIB:.0f}"))
    parts += say.each(report.spent)
    return " ".join(parts)
