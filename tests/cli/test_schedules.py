"""Somebody asks what comes by itself, and has it now."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from stockgen.domain.times import wall
from stockgen.domain.words import Remark
from stockgen.ledger import Ledger
from stockgen.ledger.schedules import Run
from tests.cli.conftest import Desk
from tests.house import DaemonProcess

MANY = {"prompt": "a calm sea", "size": "1600x1600", "count": "2", "markets": ["adobe_stock"]}
PLANS = {
    "nightly": {"cron": "30 23 * * *", "jitter": "5m", "max_waiting": 300, "job": MANY},
    "weekly": {"cron": "0 9 * * mon", "enabled": False, "job": {"mode": "random", "markets": ["miricanvas"]}},
}
ENOUGH = Remark("schedule.enough", facts={"market": "adobe_stock", "waiting": 312, "most": 300})


@pytest.fixture
def skipped(desk: Callable[..., Desk]) -> Iterator[Desk]:
    """A desk whose nightly job was not needed last night."""
    here = desk(schedules=PLANS, timezone="Asia/Seoul")
    assert here("schedules", "run", "nightly").code == 0
    ledger = Ledger.opened(here.root / ".stockgen")
    due = wall("2036-11-25T14:30:00.000Z")
    ledger.schedules.record([Run(schedule="nightly", due=due, result="skipped", reason=ENOUGH)], due)
    ledger.close()
    yield here


def test_without_a_schedule_it_says_where_to_read_how_to_write_one(desk: Callable[..., Desk]) -> None:
    here = desk()
    here("run", here.write("job.yaml"))
    assert "docs/schedules.md" in here("schedules").out
    assert here("schedules", "--json").json == []
    assert here("status", "--json").json["schedules"] == []


def test_a_job_that_is_asked_for_now_is_there_also_where_no_daemon_runs(desk: Callable[..., Desk]) -> None:
    here = desk(schedules=PLANS)
    said = here("schedules", "run", "weekly")  # it is off by itself only
    assert (said.code, "from the schedule weekly: 1 pictures" in said.out) == (0, True)
    (job,) = here("jobs", "--json").json
    assert (job["source_name"], job["kind"]) == ("weekly", "command")


def test_a_daemon_that_runs_makes_it(desk: Callable[..., Desk]) -> None:
    here = desk(schedules={"sea": {"cron": "0 0 1 1 *", "job": {"prompt": "a calm sea", "size": "64x64"}}})
    with DaemonProcess(here.root) as one:
        one.wait_for("daemon.ready")
        assert here("schedules", "run", "sea").code == 0
        assert one.wait_for("job.closed")["result"] == "done"
        assert here("schedules", "--json").json[0]["last_result"] == "done"


def test_an_unknown_name_is_answered_with_those_that_there_are(desk: Callable[..., Desk]) -> None:
    said = desk(schedules=PLANS)("schedules", "run", "nigtly")
    assert (said.code, said.out) == (1, "There is no schedule nigtly. There are: nightly, weekly\n")


def test_a_job_that_can_not_be_made_is_told_with_the_reason(desk: Callable[..., Desk]) -> None:
    here = desk(schedules={"a": {"cron": "0 0 * * *", "job": {"keywords": "Disney castle"}}})
    said = here("schedules", "run", "a")
    assert said.code == 1
    assert "The schedule a made nothing: its job can't be made:" in said.out
    assert here("schedules", "--json").json[0]["last_result"] == "failed"


def test_the_list_tells_when_what_came_of_it_and_what_waits(skipped: Desk) -> None:
    lines = skipped("schedules").out.splitlines()
    (nightly,) = [line for line in lines if "nightly" in line]
    assert " 23:3" in nightly  # by the user's clock
    assert "not needed: enough waits for adobe_stock already (312, and 300 is the limit)" in nightly
    assert "adobe_stock 2/300" in nightly
    (weekly,) = [line for line in lines if "weekly" in line]
    assert ("off" in weekly, "miricanvas 0" in weekly) == (True, True)


def test_scripts_get_the_same_as_facts(skipped: Desk) -> None:
    nightly, weekly = skipped("schedules", "--json").json
    assert nightly["waiting"] == {"adobe_stock": {"pictures": 2, "most": 300}}
    assert (nightly["last"], nightly["last_result"]) == ("2036-11-25T14:30:00.000Z", "skipped")
    assert (weekly["enabled"], weekly["next"], weekly["last"]) == (False, None, None)


def test_status_tells_the_next_one_and_why_the_last_one_made_nothing(skipped: Desk) -> None:
    said = skipped("status").out
    assert "Next by itself: nightly, " in said
    assert "The schedule nightly made nothing on 11-25 23:30: enough waits for adobe_stock already" in said
    told = {one["name"]: one for one in skipped("status", "--json").json["schedules"]}
    assert {"name", "next", "last", "last_result"} <= told["nightly"].keys()
    assert told["nightly"]["next"].endswith("Z")
    assert told["weekly"]["next"] is None


def test_config_check_says_what_comes_when_and_finds_what_only_a_due_time_would(desk: Callable[..., Desk]) -> None:
    said = desk(schedules=PLANS, timezone="Asia/Seoul")("config", "check")
    assert " 23:3" in said.out
    assert "pictures each time: 2" in said.out
    assert "Schedule weekly is off" in said.out
    said = desk(schedules={"a": {"cron": "0 0 * * *", "job": {"keywords": "Disney castle"}}})("config", "check")
    assert said.code == 2
    assert "`schedules.a.job`: " in said.err
    assert "Disney" in said.err


def test_after_an_old_ledger_was_restored_no_night_is_made_a_second_time(skipped: Desk) -> None:
    state = skipped.root / ".stockgen"
    ledger = Ledger.opened(state)
    ledger.schedules.hear("nightly", "30 23 * * * Asia/Seoul", wall("2026-11-20T14:30:00.000Z"))
    ledger.close()
    copy = skipped.root / "copy.db"
    assert skipped("ledger", "backup", copy).code == 0
    assert skipped("ledger", "restore", copy).code == 0
    ledger = Ledger.reading(state)
    assert ledger.schedules.heard("nightly") is None
    ledger.close()
