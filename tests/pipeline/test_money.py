"""What can't be paid for waits in sight, goes on where somebody is free, or ends with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.config import load
from stockgen.domain.protocols import Held
from tests.house import TEST_PLUGINS, House, write_config
from tests.still import NOW, StillClock, turned

CENT = 10_000  # micro-USD
QUOTE = 5 * CENT
MIDNIGHT = 1_796_050_800.0  # the next one in Seoul after NOW: a day and a month end there
PAID = {"scripted": {"place": "net", "quote": QUOTE}}


def over(money: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One provider that charges, and a free one behind it in the chain `auto`."""
    providers = PAID | {"second": {"place": "net"}}
    chains = {"auto": ["scripted", "second"], "paid": ["scripted"]}
    return {"providers": providers, "chains": chains, "timezone": "Asia/Seoul", "money": money} | more


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def shop(house: Callable[..., House], clock: StillClock) -> Callable[..., House]:
    def build(money: dict[str, Any], **more: Any) -> House:
        return house(over(money, **more), thread=True, clock=clock)

    return build


def holds(one: House) -> list[tuple[Held, int]]:
    return [(held, shots) for _, held, shots in one.app.engine.held() if held.hold == "money"]


def closed(one: House, job: str) -> Callable[[], bool]:
    return lambda: one.app.ledger.jobs.get(job)["state"] == "closed"


def quiet(one: House, made: int) -> Callable[[], bool]:
    """So many pictures are made and nobody does anything."""
    return lambda: one.states().get("done", 0) >= made and not one.app.engine.working and one.app.engine.idle


def makers(one: House, job: str) -> list[str]:
    return [shot["provider"] for shot in one.shots(job)]


def spent(one: House, job: str) -> int:
    return one.app.ledger.spend.job(job)


PAID_ONLY = "prompt: a calm sea\ncount: 5\nmodel: paid\n"


@pytest.mark.parametrize(
    ("money", "what", "until"),
    [({"per_month_usd": 0.12}, "this month's cap of 0.12 USD", MIDNIGHT),
     ({"per_month_usd": None, "per_day_usd": 0.12}, "today's cap of 0.12 USD", MIDNIGHT)],
)  # fmt: skip
def test_at_the_cap_the_rest_waits_in_sight_and_is_made_when_the_day_has_turned(
    shop: Callable[..., House], clock: StillClock, money: dict[str, Any], what: str, until: float
) -> None:
    one = shop(money)
    job = one.order(PAID_ONLY)
    turned(one, clock, quiet(one, 2))
    assert one.states() == {"done": 2, "planned": 3}
    ((held, shots),) = holds(one)
    assert (held.providers, held.until, shots) == ({"scripted"}, until, 3)
    assert what in held.reason
    assert [event["hold"] for event in one.events("hold.on")] == ["money"]
    clock.now = MIDNIGHT - 1
    one.turn(3)
    assert one.states() == {"done": 2, "planned": 3}
    clock.now = MIDNIGHT
    turned(one, clock, quiet(one, 4))
    assert one.states() == {"done": 4, "planned": 1}
    assert spent(one, job) == 4 * QUOTE


def test_at_a_days_cap_people_wait_until_tomorrow_and_at_a_months_until_the_next(
    shop: Callable[..., House], clock: StillClock
) -> None:
    clock.now = NOW + 3 * 86_400  # 3 December
    one = shop({"per_day_usd": 0.05, "per_month_usd": 0.10})
    one.order(PAID_ONLY)
    turned(one, clock, quiet(one, 1))
    assert [held.until for held, _ in holds(one)] == [MIDNIGHT + 3 * 86_400]
    clock.now = MIDNIGHT + 3 * 86_400
    turned(one, clock, quiet(one, 2))
    assert [held.until for held, _ in holds(one)] == [MIDNIGHT + 31 * 86_400]


def test_a_cap_that_is_raised_lets_the_rest_go_on_at_once(shop: Callable[..., House], clock: StillClock) -> None:
    one = shop({"per_month_usd": 0.05})
    job = one.order(PAID_ONLY)
    turned(one, clock, quiet(one, 1))
    write_config(one.root, over({"per_month_usd": 5}))
    one.app.reload(load(one.config_path))
    turned(one, clock, closed(one, job))
    assert (one.states(), holds(one)) == ({"done": 5}, [])


def test_a_cap_of_nothing_stops_all_spending_at_once_and_for_as_long_as_it_stands(
    shop: Callable[..., House], clock: StillClock
) -> None:
    one = shop({"per_month_usd": 5})
    one.order(PAID_ONLY)
    turned(one, clock, lambda: one.states().get("done", 0) >= 1)
    write_config(one.root, over({"per_month_usd": 0}))
    one.app.reload(load(one.config_path))
    turned(one, clock, lambda: not one.app.engine.working and one.app.engine.idle)
    ((held, shots),) = holds(one)
    assert (held.until, shots) == (None, one.states()["planned"])
    assert "no money may be spent" in held.reason


def test_what_somebody_free_of_the_same_look_can_make_does_not_wait_for_money(
    shop: Callable[..., House], clock: StillClock
) -> None:
    one = shop({"per_month_usd": 0.10})
    job = one.order("prompt: a calm sea\ncount: 5\n")
    waiting = one.order("prompt: a red kite\ncount: 2\nmodel: paid\n", "other.yaml")
    turned(one, clock, closed(one, job))
    bought = makers(one, job).count("scripted")
    assert (set(makers(one, waiting)), set(makers(one, job))) == ({"scripted"}, {"scripted", "second"})
    assert spent(one, job) + spent(one, waiting) == 2 * QUOTE
    assert bought == spent(one, job) // QUOTE
    assert not any(shot["degraded"] for shot in one.shots(job))
    told = one.app.ledger.jobs.get(job)["remarks"]
    assert told.count("money.moved") == 1, "told once, not for each picture"
    assert {event["reason"] for event in one.events("shot.requeued")} == {"money_cap"}


def test_a_free_provider_of_another_look_is_not_what_was_ordered(shop: Callable[..., House], clock: StillClock) -> None:
    one = shop({"per_month_usd": 0.05}, providers=PAID | {"second": {"place": "net", "look": "drawn"}})
    one.order("prompt: a calm sea\ncount: 3\n")
    turned(one, clock, quiet(one, 1))
    assert one.states() == {"done": 1, "planned": 2}


@pytest.mark.parametrize(
    ("money", "budget", "reason"),
    [({"per_month_usd": 5}, "budget: 0.10\n", "job_budget"), ({"per_month_usd": 5}, "예산: 150원\n", "job_budget"),
     ({"per_month_usd": 5, "per_job_usd": 0.10}, "", "job_cap"),
     ({"per_month_usd": 5, "per_job_usd": 0.10}, "budget: $2\n", "job_cap")],
)  # fmt: skip
def test_a_job_never_costs_more_than_it_may_and_says_why_the_rest_was_not_made(
    shop: Callable[..., House], clock: StillClock, money: dict[str, Any], budget: str, reason: str
) -> None:
    one = shop(money)
    job = one.order(PAID_ONLY + budget)
    turned(one, clock, closed(one, job))
    assert one.states() == {"done": 2, "failed": 3}
    assert {shot["reason"] for shot in one.shots(job) if shot["state"] == "failed"} == {reason}
    assert one.app.catalogue.say.has(f"reason.{reason}")
    assert spent(one, job) == 2 * QUOTE
    assert one.app.ledger.jobs.get(job)["result"] == "partial"


def test_behind_its_budget_a_job_goes_on_with_whoever_is_free_or_cheap_enough(
    shop: Callable[..., House], clock: StillClock
) -> None:
    providers = PAID | {"second": {"place": "net", "quote": CENT}, "third": {"place": "net", "look": "drawn"}}
    one = shop({"per_month_usd": 5}, providers=providers, chains={"auto": ["scripted", "second", "third"]})
    job = one.order("prompt: a calm sea\ncount: 4\nbudget: 0.07\n")
    turned(one, clock, closed(one, job))
    assert sorted(makers(one, job)) == ["scripted", "second", "second", "third"]
    assert [shot["degraded"] for shot in one.shots(job) if shot["provider"] == "third"] == [1]
    assert spent(one, job) == 7 * CENT


def test_a_job_waits_while_what_is_reserved_for_it_may_yet_come_back(
    shop: Callable[..., House], clock: StillClock
) -> None:
    """The first of a batch is refused and costs nothing: then there is money for the second after all."""
    one = shop({"per_month_usd": 5}, providers={"scripted": {"place": "net", "quote": QUOTE, "batch": 2}})
    job = one.order("prompt: refuse\nmodel: paid\nbudget: 0.05\n---\nprompt: a calm sea\nmodel: paid\n")
    ledger = one.app.ledger
    turned(one, clock, lambda: ledger.jobs.get(job)["state"] == "open")
    first, second = [shot["id"] for shot in one.shots(job)]
    turned(one, clock, closed(one, job))
    assert [ledger.shots.get(shot)["state"] for shot in (first, second)] == ["failed", "done"]
    assert spent(one, job) == QUOTE


def test_a_picture_that_no_day_could_ever_pay_for_does_not_wait_for_one(
    shop: Callable[..., House], clock: StillClock
) -> None:
    one = shop({"per_month_usd": 5, "per_day_usd": 0.04})
    alone, behind = one.order("prompt: a calm sea\nmodel: paid\n"), one.order("prompt: a red kite\n", "b.yaml")
    turned(one, clock, lambda: closed(one, alone)() and closed(one, behind)())
    assert [shot["reason"] for shot in one.shots(alone)] == ["picture_cap"]
    assert makers(one, behind) == ["second"]


def test_of_most_of_a_cap_people_are_told_once_and_not_again_after_a_restart(
    shop: Callable[..., House], clock: StillClock
) -> None:
    money = {"per_month_usd": 0.25, "warn_at": 0.8}
    one = shop(money)
    job = one.order("prompt: a calm sea\ncount: 3\nmodel: paid\n")
    turned(one, clock, closed(one, job))
    assert one.events("money.warned") == []
    one.order("prompt: a red kite\nmodel: paid\n", "b.yaml")
    turned(one, clock, quiet(one, 4))
    ((event),) = one.events("money.warned")
    assert (event["period"], event["spent_usd"], event["cap_usd"], event["level"]) == ("2026-11", 0.2, 0.25, "warning")
    one.again()
    one.order("prompt: a blue kite\nmodel: paid\n", "c.yaml")
    turned(one, clock, quiet(one, 5))
    assert len(one.events("money.warned")) == 1


def test_after_a_crash_nothing_is_bought_with_money_that_may_be_gone(
    house: Callable[..., House], clock: StillClock
) -> None:
    one = house(over({"per_month_usd": 0.05}), thread=True, clock=clock)
    job = one.order("prompt: a calm sea\nmodel: paid\n")
    turned(one, clock, lambda: one.app.ledger.jobs.get(job)["state"] == "open")
    ledger = one.app.ledger
    (candidate,) = ledger.claims.candidates(["scripted"], clock.wall(), 1, ())
    fit = one.app.engine.parts.dispatcher.chains.place(candidate.shot).fit
    assert fit and ledger.claims.claim([fit], "lost", clock.wall())
    one.app.engine.recover()
    turned(one, clock, lambda: bool(holds(one)))
    assert one.states() == {"planned": 1}
    assert spent(one, job) == QUOTE
    assert [(one["outcome"], one["billed"]) for one in ledger.shots.attempts(candidate.shot.id)] == [("lost", "maybe")]


def test_a_service_that_charges_more_than_it_said_is_named(shop: Callable[..., House], clock: StillClock) -> None:
    one = shop({"per_month_usd": 5})
    job = one.order("prompt: dear\nmodel: paid\n")
    turned(one, clock, closed(one, job))
    ((event),) = one.events("money.above_quote")
    assert (event["level"], event["cost_usd"], event["quote_usd"]) == ("warning", 0.1, 0.05)
    assert spent(one, job) == 2 * QUOTE


def test_money_means_the_config_that_is_read_last(shop: Callable[..., House]) -> None:
    one = shop({"per_month_usd": 5, "krw_per_usd": 1000})
    job = one.order("prompt: a calm sea\nbudget: 500원\n")
    assert one.app.ledger.jobs.get(job)["budget_micros"] == 500_000
    write_config(one.root, over({"per_month_usd": 5, "krw_per_usd": 2000}))
    one.app.reload(load(one.config_path))
    assert isinstance(one.app.catalogue, Catalogue) and TEST_PLUGINS
    other = one.order("prompt: a calm sea\nbudget: 500원\n")
    assert one.app.ledger.jobs.get(other)["budget_micros"] == 250_000
