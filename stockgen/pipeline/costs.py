"""What pictures have cost, and what they may cost at most, in both currencies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stockgen.data.market import Market
from stockgen.domain.protocols import Micros, Shot
from stockgen.domain.words import JobRequest, Order, Remark
from stockgen.ledger import Ledger
from stockgen.ledger.spend import MICROS, Caps
from stockgen.pipeline.chain import Chains
from stockgen.pipeline.plan import pictured
from stockgen.pipeline.sizing import final_size

LETTERS = 400  # of a prompt that is not written yet: longer than text models make them, because words are paid for, too


def amount(micros: Micros, krw_per_usd: float) -> Remark:
    """Money in both currencies; below a dollar to a tenth of a cent, because pictures cost so little."""
    usd = micros / MICROS
    exact = usd < 1 and micros % 10_000
    return Remark("money.amount", facts={"usd": f"{usd:.{3 if exact else 2}f}", "won": f"{usd * krw_per_usd:,.0f}"})


# -- what was spent --------------------------------------------------------------------------------------------------


def spend_facts(ledger: Ledger, now: float) -> dict[str, float | None]:
    """`spend` of `status --json`; a cap of None bounds nothing by itself, and where all are None nothing is spent."""
    spend, day = ledger.spend, ledger.spend.day_of(now)
    return {
        "day_usd": spend.day(day) / MICROS, "month_usd": spend.month(day) / MICROS,
        "day_cap_usd": _usd(spend.caps.day), "month_cap_usd": _usd(spend.caps.month),
    }  # fmt: skip


def told(facts: Mapping[str, float | None], warn_at: float, krw_per_usd: float) -> list[Remark]:
    """The same for people, and whether most of a cap is gone; nothing where nothing is bought."""
    spent, caps = _each(facts, "usd"), _each(facts, "cap_usd")
    if not any(spent.values()) and not any(caps.values()):
        return []
    sums = {period: of_cap(spent[period] or 0, caps[period], krw_per_usd) for period in spent}
    most = [
        Remark(f"status.spend_most.{period}", facts={"share": round(100 * (spent[period] or 0) / cap)})
        for period, cap in caps.items() if cap and (spent[period] or 0) >= warn_at * cap
    ]  # fmt: skip
    return [Remark("status.spend", facts=sums), *most]


def of_cap(spent: Micros, cap: Micros | None, krw_per_usd: float) -> Remark:
    """An amount, and the cap above it where there is one."""
    so_far = amount(spent, krw_per_usd)
    return Remark("money.of", facts={"spent": so_far, "cap": amount(cap, krw_per_usd)}) if cap else so_far


def _each(facts: Mapping[str, float | None], what: str) -> dict[str, Micros | None]:
    found = {period: facts[f"{period}_{what}"] for period in ("day", "month")}
    return {period: None if usd is None else round(usd * MICROS) for period, usd in found.items()}


def _usd(micros: Micros | None) -> float | None:
    return None if micros is None else micros / MICROS


# -- what will be ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Most:
    """What a job's pictures cost at most, in micro-USD: `sure`, those whose first provider charges; `perhaps`, those
    that somebody free is to make and only in his stead somebody who charges. `unmade`: pictures that nobody of their
    chain can make, whose cost nobody knows. `least`: what must be there for any of them to be bought, the quote of the
    cheapest; 0 = nobody charges.
    """

    sure: Micros = 0
    perhaps: Micros = 0
    unmade: int = 0
    least: Micros = 0


def most(orders: Sequence[Order], chains: Chains, markets: Mapping[str, Market]) -> Most:
    """Before anything is planned. Each picture is counted as often as it is tried, at the dearest of those who may come
    to make it: what fails comes on top.
    """
    sure = perhaps = unmade = 0
    charged: list[Micros] = []
    if any(provider.terms.paid for provider in chains.providers.values()):
        for order in orders:
            quotes = list(_quotes(order, chains, markets))
            charged += filter(None, quotes)
            paid = max(quotes, default=0)  # whoever is dear may come to it after whoever is cheap has failed
            if not quotes:
                unmade += order.count
            elif quotes[0]:
                sure += order.count * order.best_of * paid
            else:
                perhaps += order.count * order.best_of * paid
    return Most(sure, perhaps, unmade, min(charged, default=0))


def _quotes(order: Order, chains: Chains, markets: Mapping[str, Market]) -> Iterable[Micros]:
    """What each provider of an order's chain that can do its pictures asks for one of them, in turn."""
    resolved = chains.resolve(order.model)
    width, height = final_size(order, markets)
    words = order.prompt or f"{order.subject or order.theme or 'picture'} "
    wish: dict[str, Any] = {"kind": order.kind} | pictured(order)
    shot = Shot(
        id=0, job="", idea=0, prompt=order.prompt or words * (LETTERS // len(words) + 1), seed=0, width=width,
        height=height, wish=wish | ({"models": dict(resolved.models)} if resolved.models else {}), chain=resolved.chain,
    )  # fmt: skip
    for position in range(len(shot.chain)):
        placed = chains.place(replace(shot, chain_pos=position))
        if placed.fit is not None and placed.shot.chain_pos == position:
            yield placed.fit.quote


def expected(
    request: JobRequest, asked: Most, caps: Caps, left: Callable[[], Micros | None], krw_per_usd: float
) -> list[Remark]:
    """What the author of a job is told; `left`: what the month and the day still allow, None = no end.

    Nothing where nothing is paid for, which has a sentence of its own.
    """

    def line(code: str, **money: Micros) -> Remark:
        facts = {name: amount(micros, krw_per_usd) for name, micros in money.items()}
        return Remark(f"job_file.note.{code}", facts=facts)

    lines = [] if request.budget is None else [line("budget", budget=request.budget)]
    total = asked.sure + asked.perhaps
    if total and not caps.nothing:
        sure = "cost" if request.budget is None else "cost_budgeted"  # a budget is suggested to those who have none
        lines.append(line(sure if asked.sure else "cost_unless", most=total))
        own = min((one for one in (request.budget, caps.job) if one is not None), default=None)
        if own is not None and own < asked.least:
            lines.append(line(f"cost_none.{'job_budget' if own == request.budget else 'job_cap'}",
                              left=own, one=asked.least))  # fmt: skip
        elif own is not None and own < total:
            lines.append(line("cost_job", left=own))
        room = left()
        if room is not None and room < min(total, total if own is None else own):
            lines.append(line("cost_short", left=room))
        tries = max(order.best_of for order in request.orders)
        if tries > 1:
            lines.append(Remark("job_file.note.cost_tries", facts={"tries": tries}))
    if asked.unmade:
        lines.append(Remark("job_file.note.cost_unmade", facts={"pictures": asked.unmade}))
    return lines
