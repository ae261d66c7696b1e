"""What comes by itself: every due time is accounted for once, whatever restarts, suspends and set clocks do."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from daemon.progress import Progress
from daemon.schedule_clock import BEAT, ScheduleClock
from daemon.schedules import GRACE, LOOK_BACK, SLICE, Schedules
from daemon.service import Queue, Service
from daemon.signals import Signals
from stockgen.config import load
from stockgen.domain.times import local, wall
from stockgen.domain.words import JobRequest, Remark
from stockgen.ledger.schedules import Run, reason_of
from stockgen.pipeline.reports.facts import Shelf, gathered
from stockgen.pipeline.reports.text import text
from stockgen.pipeline.schedules.facts import standing
from tests.daemon.door import HandClock
from tests.house import SOON, House, write_config
from tests.pipeline.stage import command, open_shop

Build = Callable[..., House]
JOB = {"prompt": "a calm sea", "size": "64x64", "count": "2"}


class Nights:
    """A house with one schedule, `nightly`, and a clock on the wall of its own zone."""

    def __init__(self, build: Build, over: dict[str, Any] | None, begin: str, **schedule: Any) -> None:
        self.over = {"timezone": "Asia/Seoul"} | (over or {})
        self.zone = ZoneInfo(self.over["timezone"])
        self.clock = HandClock()
        self.set(begin)
        self.plan: dict[str, Any] = {"nightly": {"cron": "30 23 * * *", "job": JOB} | schedule}
        self.house = build(self.over | {"schedules": self.plan}, thread=True, clock=self.clock)
        self.start()
        self.turn()

    def start(self) -> None:
        """What a start of the daemon does."""
        self.schedules = Schedules(self.house.app, ScheduleClock(lambda: None))

    def again(self) -> None:
        """The program ends and starts."""
        self.schedules.close()
        self.house.again()
        self.start()
        self.turn()

    def reload(self, **schedules: Any) -> None:
        """Another config, as after SIGHUP."""
        write_config(self.house.root, self.over | {"providers": {"scripted": {"place": "net"}}, "schedules": schedules})
        app = self.house.app
        app.reload(app.catalogue.config.model_copy(update={"schedules": load(self.house.config_path).schedules}))
        self.turn()

    def moment(self, text: str) -> float:
        return datetime.fromisoformat(text).replace(tzinfo=self.zone).timestamp()

    def set(self, text: str) -> None:
        """Somebody sets the clock on the wall."""
        self.clock.jump += self.moment(text) - self.clock.wall()

    def until(self, text: str) -> list[tuple[str, str]]:
        """Time passes, and the daemon turns then; return what became of all due times."""
        self.clock.now += self.moment(text) - self.clock.wall()
        return self.turn()

    def turn(self) -> list[tuple[str, str]]:
        while self.schedules.step():
            pass
        return self.runs

    @property
    def runs(self) -> list[tuple[str, str]]:
        """(local due time, result), oldest first."""
        rows = self.house.app.ledger.query("SELECT due_at, result FROM schedule_runs ORDER BY due_at")
        zone = self.over["timezone"]
        return [(f"{local(wall(row['due_at']), zone):%m-%d %H:%M}", row["result"]) for row in rows]

    @property
    def jobs(self) -> int:
        return int(self.house.app.ledger.query("SELECT count(*) AS n FROM jobs")[0]["n"])


@pytest.fixture
def nights(house: Build, tmp_path: Path) -> Iterator[Callable[..., Nights]]:
    built: list[Nights] = []
    open_shop(tmp_path / "house0")

    def build(over: dict[str, Any] | None = None, begin: str = "2026-11-26 12:00", **schedule: Any) -> Nights:
        built.append(Nights(house, over, begin, **schedule))
        return built[-1]

    yield build
    for one in built:
        one.schedules.close()


def test_a_job_is_made_when_it_is_due_and_once(nights: Callable[..., Nights]) -> None:
    one = nights()
    assert one.until("2026-11-26 23:29") == []
    assert one.until("2026-11-26 23:30") == one.until("2026-11-26 23:31") == [("11-26 23:30", "fired")]
    assert one.until("2026-11-27 23:30")[1:] == [("11-27 23:30", "fired")]
    assert one.jobs == 2


# -- the accidents that the reference lists ----------------------------------------------------------------------


@pytest.mark.parametrize(("catch_up", "came"), [
    ("none", ["missed", "missed", "missed", "missed"]),
    ("last", ["missed", "missed", "missed", "fired"]),
    ("all", ["fired", "fired", "fired", "fired"]),
])  # fmt: skip
def test_f1_four_nights_off(nights: Callable[..., Nights], catch_up: str, came: list[str]) -> None:
    one = nights(catch_up=catch_up)
    one.clock.now += one.moment("2026-11-30 10:00") - one.clock.wall()
    one.again()
    days = ["11-26 23:30", "11-27 23:30", "11-28 23:30", "11-29 23:30"]
    assert one.runs == list(zip(days, came, strict=True))
    one.again()
    assert one.jobs == came.count("fired")
    assert one.until("2026-11-30 23:30")[-1] == ("11-30 23:30", "fired")  # and it goes on as ever


@pytest.mark.parametrize(("catch_up", "came"), [("none", "missed"), ("last", "fired")])
def test_f2_asleep_for_eight_hours(nights: Callable[..., Nights], catch_up: str, came: str) -> None:
    one = nights(catch_up=catch_up)
    one.until("2026-11-26 23:00")
    one.set("2026-11-27 07:00")  # the monotonic clock stands still meanwhile
    assert one.turn() == one.turn() == [("11-26 23:30", came)]


def test_f3_set_forward_by_an_hour_it_comes_late_by_no_more_than_a_turn(nights: Callable[..., Nights]) -> None:
    one = nights(catch_up="last")
    one.until("2026-11-26 22:50")
    one.set("2026-11-26 23:50")
    assert one.turn() == [("11-26 23:30", "fired")]


def test_f3_set_back_by_an_hour_it_does_not_come_twice(nights: Callable[..., Nights]) -> None:
    one = nights()
    one.until("2026-11-26 23:40")
    one.set("2026-11-26 22:40")
    one.turn()
    one.again()
    assert one.until("2026-11-26 23:30") == one.until("2026-11-27 10:00") == [("11-26 23:30", "fired")]
    assert one.jobs == 1


def test_f4_a_time_that_the_clock_leaves_out_comes_when_it_goes_on(nights: Callable[..., Nights]) -> None:
    one = nights({"timezone": "Europe/Berlin"}, "2026-03-28 12:00", cron="15,30 2 * * *")
    one.until("2026-03-29 01:59")
    assert one.runs == []
    assert one.until("2026-03-29 03:00") == one.until("2026-03-29 12:00") == [("03-29 03:00", "fired")]
    assert one.until("2026-03-30 02:15")[1:] == [("03-30 02:15", "fired")]


def test_f4_in_the_hour_that_comes_twice_it_comes_once(nights: Callable[..., Nights]) -> None:
    one = nights({"timezone": "Europe/Berlin"}, "2026-10-24 12:00", cron="30 2 * * *")
    first = one.until("2026-10-25 02:30")
    assert first == [("10-25 02:30", "fired")]
    one.clock.now += 3600  # the same time once more
    assert one.turn() == one.until("2026-10-25 12:00") == first


def test_f4_in_another_time_zone_it_is_due_anew_and_nothing_is_made_up_for(nights: Callable[..., Nights]) -> None:
    one = nights()
    one.until("2026-11-26 23:30")
    write_config(one.house.root, one.over | {"timezone": "Europe/Berlin", "schedules": one.plan})
    one.again()
    one.until("2026-11-27 07:29")  # 23:29 in Berlin
    assert one.jobs == 1
    one.until("2026-11-27 07:30")
    assert one.jobs == 2


def test_f4_a_reload_goes_on_in_the_old_time_zone_and_names_the_new_one(
    nights: Callable[..., Nights], capsys: pytest.CaptureFixture[str]
) -> None:
    one = nights({"inbox": {"watch": "polling"}})
    app, signals = one.house.app, Signals()
    turning = Service(app, one.house.config_path, Queue(), signals, Progress(app.catalogue.say, wanted=False))
    try:
        turning.step(one.clock.monotonic())
        later = {"nightly": one.plan["nightly"] | {"cron": "0 23 * * *"}}
        over = {"providers": {"scripted": {"place": "net"}, "second": {"place": "net"}}, "timezone": "Europe/Berlin"}
        write_config(one.house.root, one.over | over | {"schedules": later})
        signals.reload = True
        turning.step(one.clock.monotonic())
        assert '"keys": ["timezone"], "event": "config.restart_needed"' in capsys.readouterr().out
        one.clock.now += one.moment("2026-11-26 23:00") - one.clock.wall()
        turning.step(one.clock.monotonic())
        assert one.runs == [("11-26 23:00", "fired")]
    finally:
        turning._schedules.close()


def test_f5_edited_while_it_is_due_only_the_new_time_counts(nights: Callable[..., Nights]) -> None:
    one = nights(jitter="6h")  # so that it is due, and has not come yet
    one.until("2026-11-26 23:30")
    one.reload(nightly={"cron": "0 22 * * *", "job": JOB})
    assert one.until("2026-11-27 21:59") == []
    assert one.until("2026-11-27 22:00") == [("11-27 22:00", "fired")]


def test_f5_removed_while_it_is_due_nothing_comes_and_back_again_nothing_is_made_up_for(
    nights: Callable[..., Nights],
) -> None:
    one = nights(catch_up="all")
    one.until("2026-11-26 23:00")
    one.reload()
    assert one.until("2026-11-28 12:00") == []
    one.reload(nightly={"cron": "30 23 * * *", "catch_up": "all", "job": JOB})
    assert one.until("2026-11-28 23:30") == [("11-28 23:30", "fired")]


def test_f5_turned_off_while_nobody_runs_nothing_is_made_up_for(nights: Callable[..., Nights]) -> None:
    one = nights(catch_up="all")
    off = one.plan["nightly"] | {"enabled": False}
    write_config(one.house.root, one.over | {"schedules": {"nightly": off}})
    one.again()
    one.until("2026-11-28 12:00")
    write_config(one.house.root, one.over | {"schedules": one.plan})
    one.again()
    assert one.until("2026-11-28 23:30") == [("11-28 23:30", "fired")]


def test_f5_another_job_for_the_same_times_loses_none_of_them(nights: Callable[..., Nights]) -> None:
    one = nights()
    one.reload(nightly={"cron": "30 23 * * *", "job": JOB | {"prompt": "a forest"}})
    one.until("2026-11-26 23:30")
    assert b"a forest" in one.house.app.ledger.query("SELECT source FROM jobs")[0]["source"]


def test_f6_a_computer_without_a_battery_starts_in_1970(nights: Callable[..., Nights]) -> None:
    one = nights(catch_up="all")
    one.until("2026-11-26 23:30")
    now = one.clock.wall()
    one.clock.jump -= now  # 1970
    one.again()
    for _ in range(5):
        one.clock.now += 30
        one.turn()
    assert one.jobs == 1
    one.clock.jump += now  # the network has told the time
    assert one.turn() == [("11-26 23:30", "fired")]
    assert one.until("2026-11-27 23:30")[1:] == [("11-27 23:30", "fired")]


def test_f6_a_first_start_in_1970_makes_up_for_no_half_century(nights: Callable[..., Nights]) -> None:
    one = nights(begin="1970-01-02 00:00", catch_up="all")
    one.set("2026-11-27 08:00")
    assert one.turn() == []
    assert one.until("2026-11-27 23:30") == [("11-27 23:30", "fired")]


# -- clocks ----------------------------------------------------------------------------------------------------


def test_a_clock_that_starts_nine_hours_ahead_costs_no_night(nights: Callable[..., Nights]) -> None:
    """Two systems on one computer, of which the other one keeps local time in its clock."""
    one = nights()
    one.set("2026-11-27 05:00")
    assert one.turn() == [("11-26 23:30", "missed")]
    one.set("2026-11-26 20:00")
    one.again()
    assert one.runs == []
    assert one.until("2026-11-26 23:30") == [("11-26 23:30", "fired")]


def test_a_clock_that_was_a_year_ahead_costs_no_year(nights: Callable[..., Nights]) -> None:
    one = nights()
    one.set("2027-11-26 20:00")
    one.turn()
    one.again()
    one.set("2026-11-26 20:05")
    one.turn()
    assert one.until("2026-11-26 23:30") == [("11-26 23:30", "fired")]


def test_a_restart_in_the_middle_is_not_a_night_lost(nights: Callable[..., Nights]) -> None:
    one = nights()
    one.until("2026-11-26 23:29")
    one.clock.now += 60 + GRACE
    one.again()
    assert one.runs == [("11-26 23:30", "fired")]


def test_later_than_the_grace_it_was_missed(nights: Callable[..., Nights]) -> None:
    one = nights()
    one.until("2026-11-26 23:29")
    one.clock.now += 60 + GRACE + 1
    one.again()
    one.again()  # what was told is not told again
    assert one.runs == [("11-26 23:30", "missed")]
    assert [(line["times"], line["schedule"]) for line in one.house.events("schedule.missed")] == [(1, "nightly")]


def test_all_makes_up_for_the_last_ten_only(nights: Callable[..., Nights]) -> None:
    one = nights(catch_up="all")
    assert [result for _, result in one.until("2026-12-08 12:00")] == ["missed"] * 2 + ["fired"] * 10


def test_what_was_due_before_a_long_time_is_not_written_down_one_by_one(nights: Callable[..., Nights]) -> None:
    one = nights(catch_up="last")
    one.clock.now += LOOK_BACK + 200 * 86400
    assert len(one.turn()) == LOOK_BACK / 86400
    assert one.jobs == 1
    assert "since" in one.house.events("schedule.missed")[0]


def test_a_rare_time_that_lies_too_far_back_is_let_go(nights: Callable[..., Nights]) -> None:
    one = nights(cron="0 0 1 1 *", catch_up="last")
    assert one.until("2027-10-01 12:00") == []
    assert one.until("2028-01-01 00:00") == [("01-01 00:00", "fired")]


def test_very_many_are_accounted_for_in_slices_so_that_nothing_else_waits(nights: Callable[..., Nights]) -> None:
    one = nights(cron="0 * * * *", catch_up="last")
    one.clock.now += 20 * 86400
    assert one.schedules.step()
    assert len(one.runs) == SLICE
    runs = one.turn()
    assert [len(runs), [result for _, result in runs].count("fired"), runs[-1][1]] == [480, 1, "fired"]


def test_it_comes_later_by_a_chance_that_no_restart_rolls_anew(nights: Callable[..., Nights]) -> None:
    one = nights(jitter="30m")
    came = []
    for night in ("26", "27", "28"):
        due = one.moment(f"2026-11-{night} 23:30")
        one.until(f"2026-11-{night} 23:30")
        rings = one.schedules._followed[0].rings
        one.again()
        assert one.schedules._followed[0].rings == rings
        while len(one.runs) == len(came):
            one.clock.now += 30
            one.turn()
        came.append(one.clock.wall() - due)
    assert all(0 < late <= 1830 for late in came)
    assert len({late // 60 for late in came}) > 1


def test_two_schedules_of_one_time_come_at_their_own_chance(nights: Callable[..., Nights]) -> None:
    one = nights(jitter="30m")
    one.reload(**{name: {"cron": "30 23 * * *", "jitter": "30m", "job": dict(JOB)} for name in ("aa", "bb")})
    one.until("2026-11-26 23:30")
    assert len({followed.rings for followed in one.schedules._followed}) == 2


# -- whether it is made ----------------------------------------------------------------------------------------

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


# -- around it -------------------------------------------------------------------------------------------------


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


# -- the alarm clock -------------------------------------------------------------------------------------------


def test_no_schedule_costs_no_thread_and_no_library(nights: Callable[..., Nights]) -> None:
    one = nights(enabled=False)
    before = {thread.name for thread in threading.enumerate()}
    one.turn()
    assert "APScheduler" not in before
    assert one.schedules._clock._scheduler is None
    one.reload(nightly={"cron": "30 23 * * *", "job": JOB})
    assert "APScheduler" in {thread.name for thread in threading.enumerate()}
    one.reload()
    assert "APScheduler" not in {thread.name for thread in threading.enumerate()}


def test_the_clock_wakes_at_the_moment_and_not_before() -> None:
    woken = threading.Event()
    clock = ScheduleClock(woken.set)
    try:
        clock.ring_at({"nightly": time.time() + 3600})
        assert not woken.wait(0.1)
        clock.ring_at({"nightly": time.time() + 0.2})
        assert woken.wait(SOON)
        clock.ring_at({"nightly": time.time() + 3600})  # what has rung is replaced
        clock.ring_at({})
    finally:
        clock.close()


def test_it_beats_so_that_a_jump_of_the_clock_costs_half_a_minute_at_most() -> None:
    clock = ScheduleClock(lambda: None)
    try:
        clock.ring_at({"nightly": time.time() + 3600})
        beat = clock._scheduler.get_job("beat")
        assert BEAT <= 30
        assert beat.trigger.interval.total_seconds() == BEAT
        before = beat.next_run_time
        clock.ring_at({"nightly": time.time() + 3600}, anew=True)
        assert clock._scheduler.get_job("beat").next_run_time > before
    finally:
        clock.close()
