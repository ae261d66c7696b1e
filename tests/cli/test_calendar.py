"""What comes, by when pictures should be there, and what is lacking: without a daemon, and without a ledger."""

from __future__ import annotations

from datetime import date

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


def test_a_day_that_no_buyer_keeps_is_not_on_the_calendar(desk):
    here = desk(defaults=MARKETS | {"markets": ["miricanvas"]})
    facts = {one["key"]: one for one in here("calendar", "-m", "12", "--json").json}
    assert "chuseok" in facts
    assert "thanksgiving" not in facts
    assert all(list(one["upload_by"]) == ["miricanvas"] for one in facts.values())
