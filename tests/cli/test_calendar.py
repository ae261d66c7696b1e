"""What comes, by when pictures should be there, and what is lacking: without a daemon, and without a ledger."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

MARKETS = {"count": 1, "markets": ["adobe_stock", "miricanvas"]}


def test_it_works_before_anything_was_made_and_says_what_to_do_next(desk):
    here = desk(language="ko", defaults=MARKETS)
    said = here("calendar", "--months", "12")
    assert said.code == 0
    assert {"설날", "추석", "크리스마스"} <= set(said.out.split())
    assert "시즌: " in said.out.splitlines()[-1]
    assert not (here.root / ".stockgen").exists()


def test_pictures_that_are_there_are_not_told_as_missing(desk):
    here = desk(defaults={"count": 1, "markets": []})
    here.write("a.yaml", "prompt: a calm tree\ntitle: Christmas tree\nsize: 96x64\n")
    assert here("run", here.root / "a.yaml").code == 0
    listed = here("calendar", "-m", "13", "--json").json
    facts = {one["key"]: one for one in listed}
    assert (facts["christmas"]["have"], facts["christmas"]["missing"]) == (1, facts["christmas"]["wanted"] - 1)
    assert facts["seollal"]["have"] == 0
    days = [date.fromisoformat(one["first"]) for one in listed]
    assert days == sorted(days)


@pytest.mark.parametrize(("today", "now", "gone", "auto"), [
    ("2026-11-26 09:00", "seollal", "christmas", "Season: Korean Lunar New Year (2027-02-07), 10 weeks away"),
    ("2027-07-20 09:00", "chuseok", "seollal", "(2027-09-15), 8 weeks away"),
    ("2028-11-26 09:00", "seollal", "chuseok", "Season: Korean Lunar New Year (2029-02-13), 11 weeks away"),
])  # fmt: skip
def test_what_is_advised_goes_by_the_day_on_which_it_is_asked(desk, today, now, gone, auto):
    """Through the real clock of the program, of which nothing was handed in."""
    here = desk(timezone="Asia/Seoul", defaults=MARKETS | {"markets": ["miricanvas"]}, writers={})
    here.write("a.yaml", "season: auto\nsize: 96x64\n")
    with time_machine.travel(datetime.fromisoformat(today).replace(tzinfo=ZoneInfo("Asia/Seoul")), tick=True):
        advice = {one["key"]: one["advice"] for one in here("calendar", "-m", "4", "--json").json}
        note = here("check", here.root / "a.yaml").out
    assert advice[now] == "now"
    assert advice.get(gone) in (None, "late")
    assert auto in note


def test_a_day_that_no_buyer_keeps_is_not_on_the_calendar(desk):
    here = desk(defaults=MARKETS | {"markets": ["miricanvas"]})
    facts = {one["key"]: one for one in here("calendar", "-m", "12", "--json").json}
    assert "chuseok" in facts
    assert "thanksgiving" not in facts
    assert all(list(one["upload_by"]) == ["miricanvas"] for one in facts.values())
