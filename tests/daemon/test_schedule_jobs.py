"""Whether a schedule's job is made when it is due, what it is, and who is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import yaml

from daemon.progress import Progress
from daemon.service import Queue, Service
from daemon.signals import Signals
from stockgen.domain.words import JobRequest, Remark
from stockgen.ledger.schedules import Run, reason_of
from stockgen.pipeline.reports.facts import Shelf, gathered
from stockgen.pipeline.reports.text import text
from stockgen.pipeline.schedules.facts import standing
from tests.daemon.nights import JOB, Nights
from tests.pipeline.stage import command

SOLD = {"prompt": "a calm sea", "title": "Sea", "tags": "sea, wave", "size": "64x64", "count": "2",
        "markets": ["adobe_stock"]}  # fmt: skip


def why(one: Nights) -> list[str]:
    """What due times without a job say for themselves, as a person reads it."""
    rows = one.house.app.ledger.schedules.without_job(0.0, one.clock.wall() + 1)
    return [one.house.app.catalogue.say.tell(told) for row in rows if (told := reason_of(row))]


def test_while_enough_waits_nothing_is_made_and_what_is_still_to_be_made_counts(nights: Callable[..., Nights]) -> None:
    one = nights(job=SOLD | {"count": "1"}, max_waiting=2)
    one.until("2026-11-26 23:30")
    one.until("2026-11-27 23:30")  # none of the two pictures was made yet
    assert one.until("2026-11-28 23:30")[-1] == ("11-28 23:30", "skipped")
    one.house.turn(3)  # planned
    one.until("2026-11-29 23:30")
    one.house.work()
    assert one.until("2026-11-30 23:30")[-3:] == [(f"11-{day} 23:30", "skipped") for day in (28, 29, 30)]
    assert why(one) == ["enough waits for adobe_stock already (2, and 2 is the limit)"]
    command(one.house, "drop", numbers="1", job="last")
    assert one.until("2026-12-01 23:30")[-1] == ("12-01 23:30", "fired")


def test_four_missed_nights_at_once_stop_where_enough_waits(nights: Callable[..., Nights]) -> None:
    one = nights(job=SOLD, max_waiting=4, catch_up="all")
    assert [result for _, result in one.until("2026-11-30 10:00")] == ["fired", "fired", "skipped", "skipped"]


def test_a_limit_for_one_market_is_none_for_another(nights: Callable[..., Nights]) -> None:
    one = nights(job=SOLD | {"markets": ["adobe_stock", "miricanvas"]}, max_waiting={"miricanvas": 1})
    one.until("2026-11-26 23:30")
    one.until("2026-11-27 23:30")
    assert why(one) == ["enough waits for miricanvas already (2, and 1 is the limit)"]
    one.reload(nightly={"cron": "30 23 * * *", "job": SOLD, "max_waiting": {"miricanvas": 1}})
    assert one.until("2026-11-28 23:30")[-1] == ("11-28 23:30", "fired")


def test_what_was_cancelled_or_failed_does_not_wait(nights: Callable[..., Nights]) -> None:
    one = nights(job=SOLD | {"prompt": "always fail"}, max_waiting=1)
    one.until("2026-11-26 23:30")
    command(one.house, "cancel", job="last")
    assert one.until("2026-11-27 23:30")[-1] == ("11-27 23:30", "fired")


def test_when_no_market_takes_more_this_week_nothing_is_made(nights: Callable[..., Nights]) -> None:
    one = nights({"markets": {"adobe_stock": {"per_week": 1}}}, job=SOLD)
    one.house.make(yaml.safe_dump(SOLD))
    command(one.house, "basket")
    one.until("2026-11-26 23:30")
    assert why(one) == ["this week's quota is used up (adobe_stock)"]
    assert one.until("2026-12-04 23:30")[-1] == ("12-04 23:30", "fired")


def test_a_pause_and_the_hours_of_the_card_are_no_reasons_to_skip(nights: Callable[..., Nights]) -> None:
    one = nights({"gpu": {"hours": "01:00-02:00", "devices": ["cpu"]}})
    command(one.house, "pause", until=None)
    assert one.until("2026-11-26 23:30") == [("11-26 23:30", "fired")]
    one.house.turn(3)
    assert one.house.states() == {"planned": 2}


def test_a_name_that_no_market_takes_is_told_and_the_daemon_lives_on(nights: Callable[..., Nights]) -> None:
    one = nights()
    blocked = one.house.root / "my" / "blocked.txt"
    blocked.write_text("Zorblax\n")
    one.reload(nightly={"cron": "30 23 * * *", "job": JOB | {"prompt": "a Zorblax in the sea"}})
    assert one.until("2026-11-26 23:30") == [("11-26 23:30", "failed")]
    (told,) = why(one)
    assert "its job can't be made" in told
    assert "Zorblax" in told
    assert [line["schedule"] for line in one.house.events("schedule.skipped")] == ["nightly"]


def test_the_job_is_a_schedules_and_knows_its_words(nights: Callable[..., Nights]) -> None:
    one = nights(job=JOB | {"size": "64x64", "title": "yes", "seed": "012"})
    one.until("2026-11-26 23:30")
    (row,) = one.house.app.ledger.query("SELECT id, kind, source_name, source, folder FROM jobs")
    assert (row["kind"], row["source_name"]) == ("schedule", "nightly")
    assert row["folder"].startswith("2026-11/26_nightly_")
    assert row["source"] == b"count: 2\nprompt: a calm sea\nseed: 012\nsize: 64x64\ntitle: yes\n"
    one.house.work()
    assert [path.name for path in one.house.folder(row["id"]).glob("info/nightly")] == ["nightly"]
    assert one.runs == [("11-26 23:30", "done")]  # what became of the job is what became of the due time
    assert one.house.app.ledger.query("SELECT DISTINCT rank FROM shots") == [{"rank": 1}]


def test_themes_take_turns_across_restarts_and_a_night_without_a_job_costs_none(nights: Callable[..., Nights]) -> None:
    one = nights()
    schedule = one.house.app.catalogue.config.schedules["nightly"].model_copy(update={"themes": ("spring", "rain")})
    read: list[str] = []

    def reader(data: bytes, name: str) -> JobRequest:
        read.append(yaml.safe_load(data)["theme"])
        return one.house.app.catalogue.read(data.partition(b"theme:")[0], name)

    def missed(night: int) -> Run:
        return Run(schedule="nightly", due=float(night), result="missed", reason=Remark("schedule.missed"))

    for night in range(3):
        one.house.app.ledger.schedules.record([missed(night)], 0.0)
        replace(one.house.app.firing, schedules={"nightly": schedule}, read=reader).at("nightly", 1e9 + night)
        one.again()
    assert read == ["spring", "rain", "spring"]


def test_each_theme_of_a_schedule_is_read_as_a_job_files_own_and_becomes_pictures(
    nights: Callable[..., Nights],
) -> None:
    one = nights(job={"count": "1", "size": "64x64", "avoid": ["rain"]}, themes=["cherry blossom", "조용한 바다"])
    one.until("2026-11-26 23:30")
    one.until("2026-11-27 23:30")
    assert [result for _, result in one.runs] == ["fired", "fired"]
    one.house.work()
    jobs = one.house.app.ledger.query("SELECT id FROM jobs ORDER BY rowid")
    assert [one.house.app.ledger.jobs.orders(row["id"])[0].theme for row in jobs] == ["cherry blossom", "조용한 바다"]
    prompts = [row["prompt"] for row in one.house.app.ledger.query("SELECT prompt FROM ideas ORDER BY job_id, id")]
    assert len(prompts) == 2
    assert any("cherry blossom" in prompt for prompt in prompts)
    assert any("sea" in prompt for prompt in prompts)


def test_the_season_that_a_schedule_leaves_to_us_is_settled_by_what_the_nights_before_made(
    nights: Callable[..., Nights],
) -> None:
    one = nights(job={"season": "auto", "count": "60", "size": "64x64", "markets": ["adobe_stock"]})
    for night in range(26, 31):
        one.until(f"2026-11-{night} 23:30")
    jobs = one.house.app.ledger.query("SELECT id FROM jobs ORDER BY rowid")
    seasons = [one.house.app.ledger.jobs.orders(row["id"])[0].season for row in jobs]
    assert "auto" not in seasons
    assert len(seasons) == 5
    assert seasons[0] != seasons[-1]  # without the ledger each night would find the first one lacking again


def test_a_ledger_that_can_not_be_written_is_tried_again_and_no_night_is_lost(nights: Callable[..., Nights]) -> None:
    one = nights()
    path = one.house.root / ".stockgen" / "ledger.db"
    other = sqlite3.connect(path, isolation_level=None)
    one.house.app.ledger._db._raw.execute("PRAGMA busy_timeout = 0")
    other.execute("BEGIN IMMEDIATE")
    assert one.until("2026-11-26 23:30") == []
    other.execute("ROLLBACK")
    other.close()
    assert one.turn() == []  # not at every turn
    assert one.until("2026-11-26 23:31") == [("11-26 23:30", "fired")]
    assert [line["hold"] for line in one.house.events("hold.on")] == ["disk"]


def test_the_report_tells_what_was_not_made_and_why(nights: Callable[..., Nights]) -> None:
    one = nights(job=SOLD, max_waiting=1)
    one.until("2026-11-26 23:30")
    one.until("2026-11-27 23:30")
    one.until("2026-11-30 10:00")
    house = one.house
    span = (one.moment("2026-11-26 00:00"), one.clock.wall())
    shelf = Shelf(house.app.catalogue.markets, house.app.catalogue.quotas)
    told = gathered(house.app.ledger, house.app.places, shelf, house.root / "inbox/rejected", span, "Asia/Seoul")
    lines = text(told, house.app.catalogue.say, "Asia/Seoul").splitlines()
    assert lines[-2] == (
        "Schedules that made nothing: nightly (2 times): nothing ran at that time; "
        "nightly: enough waits for adobe_stock already (2, and 1 is the limit)."
    )


def test_the_daemon_asks_at_every_turn_and_the_job_is_planned_at_once(nights: Callable[..., Nights]) -> None:
    one = nights({"inbox": {"watch": "polling"}})
    app = one.house.app
    turning = Service(app, one.house.config_path, Queue(), Signals(), Progress(app.catalogue.say, wanted=False))
    try:
        turning.step(one.clock.monotonic())
        one.clock.now += one.moment("2026-11-26 23:30") - one.clock.wall()
        turning.step(one.clock.monotonic())
        assert one.house.states() == {"planned": 2}
    finally:
        turning._schedules.close()


def test_status_has_the_next_moment_from_the_daemon_and_needs_no_library_for_it(nights: Callable[..., Nights]) -> None:
    one = nights(jitter="30m")
    schedules, ledger = one.house.app.catalogue.config.schedules, one.house.app.ledger
    (computed,) = standing(ledger, schedules, "Asia/Seoul", one.clock.wall())
    assert one.schedules.coming() == {"nightly": computed["next"]}
    (told,) = standing(ledger, schedules, "no zone that there is", one.clock.wall(), one.schedules.coming())
    assert told == computed


def test_somebody_who_asks_gets_the_job_at_once_and_the_night_comes_all_the_same(nights: Callable[..., Nights]) -> None:
    one = nights({"gpu": {"hours": "01:00-02:00", "devices": ["cpu"]}}, job=SOLD, max_waiting=3, enabled=False)
    assert [remark.code for remark in command(one.house, "schedule", schedule="nightly")] == ["command.fired"]
    command(one.house, "schedule", schedule="nightly")  # in the same millisecond
    assert [result for _, result in one.runs] == ["fired", "fired"]
    one.house.work()
    assert [result for _, result in one.runs] == ["done", "done"]
    one.reload(nightly={"cron": "30 23 * * *", "job": SOLD})
    assert one.until("2026-11-26 23:30")[-1] == ("11-26 23:30", "fired")
