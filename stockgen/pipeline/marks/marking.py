"""Writes down what a market decided, or sold, of the pictures that a pasted text names."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stockgen.data.market import Market
from stockgen.domain.errors import UsageError
from stockgen.domain.words import Remark
from stockgen.ledger import Ledger
from stockgen.pipeline.marks.money import day, micros
from stockgen.pipeline.marks.reading import Found, Given, Mention, found, state_of, states

SOLD = "sold"
MOST_NAMES = 10  # names and titles in one sentence
MOST_REASON = 200  # characters of a reason that are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What somebody tells of a market: a state as people call it, a text that was pasted, or a basket's name; `reason`
    for all of them.
    """

    market: Market
    state: str
    text: str = ""
    basket: str = ""
    reason: str = ""


def mark(ledger: Ledger, saying: Saying, now: float, krw_per_usd: float) -> tuple[bool, tuple[Remark, ...]]:
    """Write it down; return whether a picture was found, and what is told. `krw_per_usd`: won of a dollar.

    Raises UsageError for an unknown state.
    """
    state = state_of(saying.state)
    if not state:
        words = ", ".join(dict.fromkeys(states().values()))
        raise UsageError("mark_state", found=saying.state, known=words)
    if saying.basket:
        return _basket(ledger, saying, state, now)
    seen: Found = found(saying.text, known(ledger, saying.market))
    told = (
        _sales(ledger, saying, seen, now, krw_per_usd)
        if state == SOLD
        else _decisions(ledger, saying, seen, state, now)
    )
    return bool(seen.mentions), (*told, *_doubts(saying.market, seen))


def known(ledger: Ledger, market: Market) -> Iterable[Given]:
    """All pictures by what the market may call them."""
    for row in ledger.marks.spoken_of(market.name):
        titles = [row["title"]] if row["title"] else [row["title_en"], row["title_ko"]]
        yield Given(row["id"], row["job_id"], row["number"], tuple(dict.fromkeys(titles)))


def _basket(ledger: Ledger, saying: Saying, state: str, now: float) -> tuple[bool, tuple[Remark, ...]]:
    name = saying.market.name
    assets = ledger.marks.in_basket(name, saying.basket)
    if not assets:
        return False, (Remark("mark.no_basket", facts={"basket": saying.basket, "market": name}),)
    if state == SOLD:
        return False, (Remark("mark.basket_sold"),)
    changed = ledger.marks.decide(assets, name, state, saying.reason or None, now)
    return True, (_counted(name, state, changed, len(assets)),)


def _decisions(ledger: Ledger, saying: Saying, seen: Found, state: str, now: float) -> list[Remark]:
    by_reason: dict[str, list[int]] = defaultdict(list)
    for mention in _first(seen.mentions):
        by_reason[(mention.cells.get("reason") or saying.reason)[:MOST_REASON]].append(mention.asset)
    changed = 0
    with ledger.atomic():
        for reason, assets in by_reason.items():
            changed += ledger.marks.decide(assets, saying.market.name, state, reason or None, now)
    count = sum(map(len, by_reason.values()))
    return [_counted(saying.market.name, state, changed, count)] if count else []


def _sales(ledger: Ledger, saying: Saying, seen: Found, now: float, krw_per_usd: float) -> list[Remark]:
    """Each row is a sale; the same row of a table that is pasted twice counts once."""
    repeated = Counter[str]()
    new = total = 0
    vague: list[str] = []
    with ledger.atomic():
        for mention in seen.mentions:
            written, when = mention.cells.get("amount", ""), day(mention.cells.get("date", ""))
            amount = micros(written, saying.market.language == "ko", krw_per_usd)
            if amount is None:
                vague.append(written or mention.line)
                amount = 0
            # The same sale may come again in a table of another form; one without a day is known by its row alone.
            told = f"{when:.0f} {amount}" if when else mention.line
            repeated[f"{mention.asset} {told}"] += 1
            number = repeated[f"{mention.asset} {told}"]
            key = hashlib.sha256(f"{told}\n{number}".encode()).hexdigest()[:16]
            if ledger.marks.sold(mention.asset, saying.market.name, amount, min(when or now, now), key):
                new, total = new + 1, total + amount
    facts = {"market": saying.market.name, "count": new, "usd": f"{total / 1e6:.2f}", "known": len(seen.mentions) - new}
    remarks = [Remark("mark.sold", facts=facts)] if seen.mentions else []
    return [*remarks, _listed("mark.no_amount", vague)] if vague else remarks


def _counted(market: str, state: str, changed: int, count: int) -> Remark:
    code = "mark.done" if changed == count else "mark.done_some"
    facts = {"market": market, "state": Remark(f"mark.state.{state}"), "count": changed, "known": count - changed}
    return Remark(code, facts=facts)


def _doubts(market: Market, seen: Found) -> list[Remark]:
    told = []
    if seen.unknown:
        told.append(_listed("mark.unknown", seen.unknown))
    if seen.ambiguous:
        told.append(_listed("mark.ambiguous", seen.ambiguous))
    if not seen.mentions:
        told.append(Remark("mark.none", facts={"market": market.name}))
    return told


def _listed(code: str, names: Sequence[str]) -> Remark:
    return Remark(code, facts={"count": len(names), "names": list(names[:MOST_NAMES])})


def _first(mentions: Sequence[Mention]) -> Iterable[Mention]:
    """Each picture once, with the first row that gives a reason."""
    best: dict[int, Mention] = {}
    for one in mentions:
        if one.asset not in best or (one.cells.get("reason") and not best[one.asset].cells.get("reason")):
            best[one.asset] = one
    return best.values()
