"""Commands that look say the same to people and to scripts, with and without a daemon."""

from __future__ import annotations

import json
import sqlite3

import pytest

from stockgen.lock import StateLock
from stockgen.pipeline.status import LIVE
from tests.cli.conftest import PICTURE
from tests.house import DaemonProcess

# What docs promise of `status --json`.
STATUS = {"schema", "daemon", "inbox", "jobs", "shots", "lanes", "providers", "holds", "done_by", "spend", "markets",
          "schedules", "disk", "models", "sync", "rests", "pauses"}  # fmt: skip
PARTS = {
    "daemon": {"state", "pid", "version", "since"},
    "inbox": {"path", "watch", "ok", "problem", "waiting", "rejected", "last_scan"},
    "jobs": {"planning", "open", "closed"},
    "shots": {"planned", "rendering", "rendered", "publishing", "done", "review", "failed", "cancelled"},
    "spend": {"day_usd", "month_usd", "day_cap_usd", "month_cap_usd"},
    "disk": {"free_bytes", "reserve_bytes"},
    "sync": {"last"},
}
LANE = {"name", "place", "state", "pid", "warm", "job", "step", "steps", "eta_seconds"}


@pytest.fixture
def worked(desk):
    """A desk where one job was made."""
    here = desk()
    here.write("바다 파일.yaml", PICTURE)
    assert here("run", here.root / "바다 파일.yaml").code == 0
    return here


def test_before_the_first_start_everybody_says_what_to_do(desk):
    for words in (("status",), ("jobs",), ("job",), ("status", "--json")):
        said = desk()(*words)
        assert (said.code, said.out) == (2, "")
        assert "Start with: stockgen daemon" in said.err


def test_status_for_scripts_has_every_key_without_a_daemon(worked):
    told = worked("status", "--json").json
    assert told.keys() == STATUS
    assert {name: told[name].keys() for name in PARTS} == PARTS
    assert told["daemon"] == {"state": "stopped", "pid": None, "version": None, "since": None}
    assert (told["shots"]["done"], told["jobs"]["closed"]) == (1, 1)
    assert [set(one) for one in told["providers"]] == [{"name", "state", "reason", "until"}] * 3
    assert [set(one) for one in told["markets"]] == [{"name", "waiting", "week_used", "week_quota"}] * 6


def test_status_for_people(worked):
    assert worked("status").out.splitlines()[:2] == [
        "Not running. Start it with: stockgen daemon",
        "Pictures: 1 made, 0 to do, 0 to look at, 0 failed.",
    ]


@pytest.mark.parametrize(("language", "line"), [
    ("en", "openai: it could not be reached; asked again at 23:00:15."),
    ("ko", "openai: 연결할 수 없음. 23:00:15에 다시 맡깁니다."),
])  # fmt: skip
def test_a_service_that_can_not_be_reached_is_told_though_it_is_asked_again_in_a_moment(desk, language, line):
    here = desk(language=language, timezone="UTC")
    assert here("run", here.write("a.yaml")).code == 0
    paused = [{"provider": "openai", "reason": "cloud_unreachable", "until": f"{year}-01-01T23:00:15.000Z"}
              for year in (2999, 1999)]  # fmt: skip
    lock = StateLock(here.root / ".stockgen")
    try:
        (here.root / ".stockgen" / LIVE).write_text(json.dumps({"pauses": paused}))
        assert here("status", "--json").json["pauses"] == paused[:1]
        assert [one for one in here("status").out.splitlines() if "openai" in one] == [line]
    finally:
        lock.release()


def test_nobody_reads_that_there_is_nothing_to_do_while_a_job_is_thought_of(desk, tmp_path):
    here = desk()
    assert here("run", here.write("a.yaml")).code == 0
    with sqlite3.connect(tmp_path / ".stockgen" / "ledger.db") as ledger:
        ledger.execute("UPDATE jobs SET state = 'planning', result = NULL, closed_at = NULL")
    ledger.close()
    assert "Jobs of which it is not decided yet what to draw: 1." in here("status").out.splitlines()


def test_people_read_of_their_own_markets_only(desk):
    here = desk(defaults={"count": 1, "markets": ["miricanvas"]})
    assert here("run", here.write("a.yaml", PICTURE + "markets: []\n")).code == 0
    told = here("status").out
    assert "miricanvas: " in told
    assert "vecteezy" not in told


def test_jobs_are_listed_newest_first_and_no_more_than_asked(worked):
    worked("run", worked.write("second.txt", "size: 96x64\nsea x2\n"))
    rows = worked("jobs", "--json").json
    assert [row["source_name"] for row in rows] == ["second.txt", "바다 파일.yaml"]
    assert {"id", "state", "result", "folder", "shots", "accepted_at", "closed_at"} <= rows[0].keys()
    assert len(worked("jobs", "-n", "1", "--json").json) == 1
    assert "바다 파일.yaml" in worked("jobs").out


def test_a_job_is_found_by_last_and_by_its_number_in_any_case(worked):
    number = worked("jobs", "--json").json[0]["id"]
    answers = [
        worked("job", *words, "--json").json for words in ((), ("last",), ("LAST",), (number,), (number.upper(),))
    ]
    assert [one["id"] for one in answers] == [number] * 5
    (picture,) = answers[0]["pictures"]
    assert (picture["state"], picture["stem"][-4:], len(picture["attempts"])) == ("done", "-001", 1)


def test_a_job_for_people_names_its_pictures(worked):
    out = worked("job").out
    assert "바다 파일.yaml" in out
    assert "-001" in out


def test_a_job_that_is_not_there_is_told(worked):
    said = worked("job", "zzzzz")
    assert (said.code, said.out) == (2, "")
    assert "There is no job zzzzz" in said.err


def test_a_picture_that_failed_says_why_in_words(desk):
    here = desk()
    here("run", here.write("bad.yaml", "prompt: undecodable\nsize: 96x64\n"))
    assert "the picture could not be read" in here("job").out


def test_an_empty_ledger_is_no_table_without_rows(desk):
    here = desk()
    here("pause")
    assert "There are no jobs yet" in here("jobs").out
    assert here("jobs", "--json").json == []
    assert "There are no jobs yet" in here("job").err


@pytest.mark.process
def test_a_running_daemon_is_told_with_its_lanes_and_inbox(desk):
    here = desk()
    with DaemonProcess(here.root) as daemon:
        daemon.wait_for("daemon.ready")
        daemon.drop("prompt: slow sea\nsize: 96x64\n")
        daemon.wait_for("shot.claimed")
        told = here("status", "--json").json
        assert told.keys() == STATUS
        assert told["daemon"]["pid"] == daemon.process.pid
        assert told["shots"]["rendering"] == 1
        assert f"Running (process {daemon.process.pid})." in here("status").out
        assert here("doctor", "--json").json[1]["told"] == f"The daemon runs (process {daemon.process.pid})."


@pytest.mark.parametrize("what", ["providers", "markets", "styles", "chains", "models"])
def test_lists_have_a_name_and_what_it_is(worked, what):
    rows = worked("list", what, "--json").json
    assert rows
    assert all(row.keys() == {"name", "what"} and row["name"] for row in rows)
    assert rows[0]["name"] in worked("list", what).out


def test_a_hold_is_told_in_a_sentence_with_how_many_wait(desk):
    here = desk()
    assert here("pause").code == 0
    here.write("job.yaml")
    assert here("run", here.root / "job.yaml").code == 1
    said = here("status").out
    assert "Waiting: paused; go on with stockgen resume (pictures that wait: 1)." in said
    assert here("status", "--json").json["holds"] == [
        {"hold": "pause", "place": "all", "reason": "command", "until": None, "shots": 1}
    ]


def test_a_jobs_pictures_have_the_numbers_of_their_contact_sheet(worked):
    told = worked("job", "--json").json["pictures"]
    assert [one["number"] for one in told if one["stem"]] == [int(one["stem"][-3:]) for one in told if one["stem"]]
    assert any(one["number"] for one in told)


def test_who_looks_at_a_job_reads_for_whom_its_pictures_wait(desk):
    here = desk()
    with DaemonProcess(here.root) as daemon:
        daemon.wait_for("daemon.ready")
        daemon.drop("prompt: a sea denied\nmodel: scripted\nsize: 64x64\n")
        daemon.wait_for("provider.closed")
        daemon.wait_for("shot.requeued")
        said = here("job").out
    assert "waiting" in said
    assert "scripted is not asked before" in said
    assert "stockgen resume" in said
