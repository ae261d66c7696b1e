"""What there is can be found again, and a day be told, without a daemon."""

from __future__ import annotations

import pytest

from tests.cli.conftest import PICTURE


@pytest.fixture
def worked(desk):
    """A desk where one job was made."""
    here = desk()
    here.write("sea.yaml", PICTURE + "tags: 잔잔한 바다, harbour\ncount: 2\n")
    assert here("run", here.root / "sea.yaml").code == 0
    return here


def test_pictures_are_found_by_any_of_their_words(worked):
    for words in (("calm", "sea"), ("바다",), ("harbours",)):
        said = worked("find", *words)
        assert said.code == 0
        assert said.out.count("images/") == 2
    facts = worked("find", "sea", "--json", "-n", "1").json
    assert len(facts) == 1
    assert {"stem", "job_id", "number", "state", "title_en", "title_ko", "path", "markets"} <= facts[0].keys()


def test_where_nothing_is_found_it_says_what_to_try(worked):
    said = worked("find", "volcano")
    assert (said.code, "volcano" in said.out, "fewer words" in said.out) == (1, True, True)


def test_more_than_are_shown_is_told(worked):
    assert "-n 100" in worked("find", "sea", "-n", "1").out
    assert "-n 100" not in worked("find", "sea", "-n", "2").out


def test_the_last_day_is_told_and_written_where_somebody_wants_it(worked):
    said = worked("report")
    assert said.code == 0
    assert "Pictures made: 2. Jobs ended: 1." in said.out
    assert worked("report", "--json").json["made"] == 2
    page = worked.root / "day.html"
    assert worked("report", "--html", page).code == 0
    assert "base64," in page.read_text(encoding="utf-8")
    assert worked("report", "--html", worked.root / "no" / "day.html").code == 1
