"""Which season pictures should be made for now: what buyers will look for by the time they are on sale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from stockgen.data.market import Market
from stockgen.data.occasions import Occasion

LEAD_WEEKS = 8  # for pictures that no market gets: the least that markets recommend
EARLY_WEEKS = 4  # before the last sensible day: Adobe names two to three months
AHEAD = timedelta(days=400)  # by then, every occasion has come once
Phase = Literal["early", "now", "late"]


@dataclass(frozen=True, slots=True)
class Plan:
    """An occasion as some markets' contributors see it. `by`: market → the last sensible day of uploading pictures for
    it, in markets whose buyers keep it. `starts`: the day from which making them is not too early.
    """

    occasion: Occasion
    by: dict[str, date]
    starts: date
    last: date

    def phase(self, today: date) -> Phase:
        """Whether it is time for pictures: `late` = the last sensible day of every market is over."""
        return "early" if today < self.starts else "late" if today > self.last else "now"


@dataclass(frozen=True, slots=True)
class Choice:
    """The occasion that pictures are made for, and how many there are of it."""

    occasion: Occasion
    have: int


def plan(occasion: Occasion, markets: Sequence[Market]) -> Plan | None:
    """Given an occasion and the markets that pictures go to, return when they should be there; None = it is kept where
    none of their buyers lives.
    """
    kept = set(occasion.season.kept)
    buying = [market for market in markets if not kept or not market.buyers or kept & set(market.buyers)]
    if markets and not buying:
        return None
    leads = [market.lead_weeks for market in buying] or [LEAD_WEEKS]
    by = {market.name: occasion.first - timedelta(weeks=market.lead_weeks) for market in buying}
    starts = occasion.first - timedelta(weeks=max(leads) + EARLY_WEEKS)
    return Plan(occasion, by, starts, occasion.first - timedelta(weeks=min(leads)))


def chosen(
    coming: Iterable[Occasion], markets: Sequence[Market], today: date, have: Callable[[Occasion], int]
) -> Choice:
    """Of the occasions that it is time for, the one covered least, for what is worth having of it; of equal ones
    that of which most is wanted, then the earliest. Where it is time for none, the next. Raises LookupError where
    nothing comes.
    """
    plans = [one for occasion in coming if (one := plan(occasion, markets))]
    ahead = [one for one in plans if one.phase(today) != "late"]
    if not ahead:
        raise LookupError("nothing comes")
    timely = [one for one in ahead if one.phase(today) == "now"] or [min(ahead, key=lambda one: one.starts)]
    choices = [Choice(one.occasion, have(one.occasion)) for one in timely]
    return min(choices, key=_covered)


def _covered(one: Choice) -> tuple[float, int, date]:
    wanted = one.occasion.season.wanted
    return one.have / wanted, -wanted, one.occasion.first
