"""What a job's author is told beside the reading: room in the markets, cost, and by when it will be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from daemon.letters import Letters
from stockgen.app.outlook import FRESH, Outlooks
from stockgen.domain.words import JobRequest, Order, Remark
from stockgen.jobfile import Outlook, Room, accepted
from stockgen.ledger.baskets import Entry
from stockgen.messages import Messages
from tests.house import House
from tests.still import NOW, StillClock, turned


def note(outlook: Outlook | None, count: int = 7, language: str = "en") -> str:
    request = JobRequest(orders=(Order(mode="keyword", count=count, subject="a", markets=("adobe_stock",)),))
    return accepted(request, "k7m2q", "a.txt", (), Messages(language), outlook).decode("utf-8-sig")  # type: ignore[arg-type]


def test_what_the_market_can_still_take_this_week_is_told() -> None:
    assert "adobe_stock: 7 of these pictures; it can take 40 more this week (60 of 100 used)" in note(
        Outlook(rooms=[Room("adobe_stock", 60, 100)])
    )
    assert "이번 주에 40장 더 올릴 수 있습니다" in note(Outlook(rooms=[Room("adobe_stock", 60, 100)]), language="ko")


def test_more_than_the_market_can_take_is_told_before_it_is_made() -> None:
    short = note(Outlook(rooms=[Room("adobe_stock", 99, 100)]))
    assert "it can take only 1 more this week" in short
    assert "it can take only 0 more" in note(Outlook(rooms=[Room("adobe_stock", 120, 100)]))


def test_a_market_that_the_job_does_not_name_is_no_matter() -> None:
    assert "miricanvas" not in note(Outlook(rooms=[Room("miricanvas", 0, 100)]))


def test_no_room_is_told_for_pictures_that_the_market_does_not_take() -> None:
    assert "adobe_stock: " not in note(Outlook(rooms=[Room("adobe_stock", 60, 100, kinds=("photo",))]))
    assert "adobe_stock: 7" in note(Outlook(rooms=[Room("adobe_stock", 60, 100, kinds=("photo", "background"))]))


def test_cost_and_time_are_told_where_they_are_known_and_never_invented() -> None:
    told = note(Outlook(done_by="2026-11-27 07:10", awaiting=True))
    assert "Cost: 0." in told
    assert "Done by about 2026-11-27 07:10" in told
    assert "Still being planned" in told
    assert "Done by" not in note(Outlook())
    assert "Nothing is paid" not in note(
        Outlook(cost=[Remark("job_file.note.cost_unless", facts={"most": "1.25 USD"})])
    )
    assert "Cost" not in note(None)


@pytest.fixture
def made(house: Callable[..., House]) -> Iterator[tuple[House, StillClock]]:
    """A house that has made one picture in ten seconds."""
    clock = StillClock()
    one = house({"defaults": {"count": 1, "markets": ["adobe_stock"]}}, thread=True, clock=clock)
    one.order("prompt: a calm sea\nmarkets: []\n")
    turned(one, clock, lambda: bool(one.app.ledger.query("SELECT 1 FROM attempts WHERE outcome = 'rendered'")))
    one.app.ledger._db.write("UPDATE attempts SET seconds = 10.0")
    yield one, clock


def test_by_when_it_is_done_counts_what_waits_and_the_jobs_own_time(made: tuple[House, StillClock]) -> None:
    one, clock = made
    clock.now = NOW
    outlooks, catalogue = Outlooks(one.app.ledger, clock), one.app.catalogue
    six = JobRequest(orders=(Order(mode="keyword", count=6, subject="a", markets=("adobe_stock",)),))
    later = JobRequest(orders=six.orders, not_before=NOW + 3600)
    zone = catalogue.config.timezone
    from stockgen.jobfile.moments import said

    assert outlooks(catalogue, six).done_by == said(NOW + 60, zone)
    assert outlooks(catalogue, later).done_by == said(NOW + 3660, zone)
    tried = JobRequest(orders=tuple(replace(order, best_of=3) for order in six.orders))
    assert outlooks(catalogue, tried).done_by == said(NOW + 180, zone)
    assert [room.quota for room in outlooks(catalogue, six).rooms] == [catalogue.quotas["adobe_stock"].per_week]


def test_a_job_that_waits_already_is_not_counted_twice(made: tuple[House, StillClock]) -> None:
    from stockgen.jobfile.moments import said

    one, clock = made
    job = one.order("prompt: a calm sea\ncount: 6\nmarkets: []\n")
    planned = one.app.engine.parts.planner
    while one.app.ledger.jobs.get(job)["state"] == "planning":
        planned.step(clock.monotonic())
    clock.now = NOW
    six = JobRequest(orders=tuple(one.app.ledger.jobs.orders(job)))
    outlook = Outlooks(one.app.ledger, clock)(one.app.catalogue, six, queued=True)
    assert outlook.done_by == said(NOW + 60, one.app.catalogue.config.timezone)


def test_what_a_job_has_reserved_itself_is_not_told_as_gone(house: Callable[..., House]) -> None:
    clock, services = StillClock(), {"scripted": {"place": "net", "quote": 50_000}}
    one = house({"providers": services, "money": {"per_month_usd": 0.2}}, thread=True, clock=clock)
    job = one.order("prompt: a calm sea\nsize: 96x64\ncount: 4\n")
    turned(one, clock, lambda: one.app.ledger.spend.job(job) > 0 and one.app.ledger.jobs.get(job)["state"] == "open")
    note = Letters(one.app).of_job(job).decode("utf-8-sig")
    assert "Cost: up to 0.20 USD" in note
    assert "may be spent now" not in note
    later = JobRequest(orders=tuple(one.app.ledger.jobs.orders(job)))
    (line,) = Outlooks(one.app.ledger, clock)(one.app.catalogue, later).cost[1:]
    assert line.code == "job_file.note.cost_short"  # another job has only what this one leaves


def test_what_went_to_a_market_meanwhile_is_counted_a_second_later(made: tuple[House, StillClock]) -> None:
    one, clock = made
    one.work(lambda: bool(one.app.ledger.query("SELECT 1 FROM assets")))
    outlooks, catalogue = Outlooks(one.app.ledger, clock), one.app.catalogue
    six = JobRequest(orders=(Order(mode="keyword", count=6, subject="a", markets=("adobe_stock",)),))
    before = [room.used for room in outlooks(catalogue, six).rooms]
    asset = one.app.ledger.query("SELECT id, stem FROM assets")[0]
    given = Entry(asset=asset["id"], stem=asset["stem"], title="a")
    basket = one.app.ledger.baskets.reserve("adobe_stock", "ai", "upload/a", [given], clock.wall())
    clock.now += FRESH
    after = [room.used for room in outlooks(catalogue, six).rooms]
    one.app.ledger.baskets.forget(basket)  # what a test provider drew is not sold
    assert (before, after) == ([0], [1])


def test_nothing_is_promised_before_a_picture_was_made(house: Callable[..., House]) -> None:
    one = house()
    six = JobRequest(orders=(Order(mode="keyword", count=6, subject="a"),))
    assert Outlooks(one.app.ledger, one.app.clock)(one.app.catalogue, six).done_by == ""


def test_an_exact_prompt_made_often_is_told_before_any_of_it_is_made(desk) -> None:
    here = desk(defaults={"count": 1, "markets": ["adobe_stock"]})
    here("basket")
    said = here("check", here.write("a.yaml", "- {prompt: a red fox, count: 30}\n- {prompt: a blue fox, count: 2}\n"))
    assert "Motifs in these 32 pictures: 2" in said.out
    assert "here at most: adobe_stock 5." in said.out
    assert "Motifs" not in here("check", here.write("b.yaml", "prompt: a red fox\ncount: 3\n")).out
    assert "Motifs" not in here("check", here.write("c.yaml", "- {prompt: a fox, count: 9}\n- {keywords: sea}\n")).out


def test_planning_knows_better_than_what_was_expected(house: Callable[..., House]) -> None:
    one = house({"defaults": {"count": 1, "markets": ["adobe_stock"]}}, thread=True)
    one.order("prompt: a red fox\ncount: 9\n")
    one.turn(3)
    again = one.order("prompt: a red fox\ncount: 9\n")
    one.turn(3)
    assert Letters(one.app).of_job(again).decode("utf-8-sig").count("Motifs in these") == 1


def test_check_tells_the_same_as_the_note(desk) -> None:
    here = desk()
    here("basket")  # makes the ledger
    said = here("check", here.write("a.txt", "바다 2장\n"))
    assert said.code == 0
    assert "바다 (sea waves) – pictures: 2" in said.out
    assert "Cost: 0" in said.out
