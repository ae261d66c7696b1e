"""Seasons come on the day on which people keep them, and are called what they are called."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from stockgen.data import Shelf
from stockgen.data.dates import Asked, ByHoliday, Holidays
from stockgen.data.holidays import found, looked_up
from stockgen.data.lint import load_lint
from stockgen.data.occasions import Occasions
from stockgen.data.seasons import load_seasons
from stockgen.data.vocabulary_files import load_vocabulary
from stockgen.domain.errors import ConfigError
from stockgen.jobfile.names import fold
from stockgen.modes.wording import has_hangul
from tests.house import ROOT

SEASONS = load_seasons(Shelf())
# From calendars of these years; Chuseok of 2025 fell into October, 설날 of 2027 and 2028 is a day after China's.
DAYS = {
    "seollal": ["2026-02-17", "2027-02-07", "2028-01-27"], "chuseok": ["2025-10-06", "2026-09-25", "2027-09-15"],
    "daeboreum": ["2026-03-03", "2027-02-21"], "buddhas_birthday": ["2025-05-05", "2026-05-24"],
    "dano": ["2025-05-31", "2026-06-19"], "dongji": ["2026-12-22", "2027-12-22"],
    "chobok": ["2024-07-15", "2025-07-20", "2026-07-15"], "jungbok": ["2024-07-25", "2025-07-30", "2026-07-25"],
    "malbok": ["2024-08-14", "2025-08-09", "2026-08-14"], "college_exam": ["2026-11-19"], "parents_day": ["2027-05-08"],
    "easter": ["2026-04-05", "2027-03-28"], "carnival": ["2026-02-17", "2027-02-09"],
    "advent": ["2025-11-30", "2026-11-29"],
    "thanksgiving": ["2025-11-27", "2026-11-26"], "black_friday": ["2025-11-28", "2026-11-27"],
    "mothers_day": ["2026-05-10"], "fathers_day": ["2026-06-21"], "memorial_day_us": ["2026-05-25"],
    "labor_day_us": ["2026-09-07"], "beer_festival": ["2025-09-20", "2026-09-19"], "halloween": ["2026-10-31"],
    "independence_day_us": ["2027-07-04"], "christmas": ["2027-12-25"], "all_saints": ["2026-11-01"],
}  # fmt: skip


@pytest.fixture(scope="module")
def occasions() -> Occasions:
    """The calendar, with the library in this process: that is faster for many days."""
    return Occasions(SEASONS, found)


@pytest.mark.parametrize(("key", "day"), [(key, day) for key, days in DAYS.items() for day in days])
def test_a_day_is_when_people_keep_it(occasions: Occasions, key: str, day: str) -> None:
    wanted = date.fromisoformat(day)
    there = occasions.next(key, wanted)
    assert there is not None
    assert there.first == wanted


def test_every_season_comes_within_a_year_in_its_order(occasions: Occasions) -> None:
    coming = occasions.coming(date(2026, 11, 26), date(2027, 11, 26))
    assert {one.key for one in coming} == SEASONS.keys()
    assert [one.first for one in coming] == sorted(one.first for one in coming)
    assert coming[0].first > date(2026, 11, 26)


def test_a_season_that_has_begun_is_not_next_years(occasions: Occasions) -> None:
    winter = occasions.next("winter", date(2027, 1, 15))
    assert winter is not None
    assert (winter.first, winter.last) == (date(2026, 12, 1), date(2027, 2, 28))
    assert "winter" not in {one.key for one in occasions.coming(date(2027, 1, 15), date(2027, 2, 1))}


def test_the_process_of_its_own_answers_as_the_library_does() -> None:
    asked = [season.begins.asked for season in SEASONS.values() if isinstance(season.begins, ByHoliday)]
    assert looked_up(asked, [2027]) == found(asked, [2027])
    assert {one for one, _ in found(asked, [2027])} == set(asked)
    assert found([("KR", "public", "Nobody's Day")], [2027]) == {}


def test_a_process_that_runs_for_months_does_not_keep_the_library() -> None:
    asking = "from stockgen.data.holidays import looked_up; looked_up([('KR', 'public', 'Chuseok')], [2027])"
    kept = f"{asking}; import sys; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", kept], check=False, cwd=ROOT).returncode == 0


def test_where_no_process_can_be_started_the_days_are_known_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert looked_up([("KR", "public", "Chuseok")], [2027])[("KR", "public", "Chuseok"), 2027] == date(2027, 9, 15)


def test_a_library_is_not_asked_for_a_fixed_day_nor_twice_for_a_year() -> None:
    years: list[list[int]] = []

    def look_up(asked: Iterable[Asked], when: Iterable[int]) -> Holidays:
        years.append(sorted(when))
        return found(asked, when)

    occasions = Occasions(SEASONS, look_up)
    occasions.next("parents_day", date(2026, 11, 26))
    assert years == []
    occasions.coming(date(2026, 11, 26), date(2027, 5, 1))
    occasions.coming(date(2026, 12, 26), date(2027, 6, 1))
    assert years == [[2025, 2026, 2027]]


def test_a_name_means_one_season() -> None:
    meant: dict[str, str] = {"auto": "", "자동": ""}
    for key, season in SEASONS.items():
        for name in {fold(word) for word in (key, season.en, season.ko, *season.words)}:
            assert meant.setdefault(name, key) == key, name


def test_what_pictures_are_of_is_in_the_vocabulary() -> None:
    subjects = load_vocabulary(Shelf()).subjects
    assert [(key, name) for key, season in SEASONS.items() for name in season.subjects if name not in subjects] == []
    assert min(len(season.subjects) for season in SEASONS.values()) >= 3


def test_themes_are_in_both_languages_and_name_nothing_that_can_not_be_sold() -> None:
    lint = load_lint(Shelf())
    for key, season in SEASONS.items():
        assert 3 <= len(season.themes_en) == len(season.themes_ko) <= 8, key
        assert all(map(has_hangul, (season.ko, *season.themes_ko))), key
        assert not any(map(has_hangul, (season.en, *season.themes_en))), key
        words = (season.en, season.ko, *season.themes_en, *season.themes_ko)
        assert [hit.name for word in words for hit in lint.found(word)] == [], key


def test_a_slip_in_ones_own_seasons_is_told_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "vocabulary").mkdir()
    own = tmp_path / "vocabulary" / "seasons.yaml"
    own.write_text("mine: {en: Mine, ko: 내 날, begins: {day: 05-01}}\nspring: {wanted: 9}\n", encoding="utf-8")
    seasons = load_seasons(Shelf(tmp_path))
    assert (seasons["mine"].said("ko"), seasons["spring"].wanted, seasons["spring"].ko) == ("내 날", 9, "봄")
    for wrong in ("{day: 02-30}", "{day: 13-01}", "{weekday: someday, nth: 1, from: 05-01}", "{when: 05-01}"):
        own.write_text(f"mine: {{en: Mine, ko: 내 날, begins: {wrong}}}\n", encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            load_seasons(Shelf(tmp_path))
        assert "mine.begins" in str(caught.value.remarks[0].facts["detail"])
