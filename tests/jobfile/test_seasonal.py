"""A season in a job file, as an installation with its calendar, its markets and its ledger reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.config import Config
from stockgen.data.holidays import found
from stockgen.data.occasions import Occasions
from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest, Remark
from stockgen.jobfile import accepted
from stockgen.ledger import Ledger
from stockgen.ledger.jobs import Source
from tests.still import StillClock

TODAY = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)  # half past midnight of the 27th in Seoul


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Catalogue]:
    clock = StillClock()
    clock.now = TODAY.timestamp()
    root = tmp_path_factory.mktemp("here")
    made: dict[str, Catalogue] = {}

    def catalogue(language: str = "ko") -> Catalogue:
        if language not in made:
            config = Config.model_validate(
                {"language": language, "timezone": "Asia/Seoul", "providers": {"procedural": {}}}
            )
            made[language] = Catalogue(config.placed(root), root / "my", clock=clock)
            made[language].__dict__["occasions"] = Occasions(made[language].seasons, found)  # no process for each test
        return made[language]

    return catalogue


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.opened(tmp_path)
    yield made
    made.close()


def season(request: JobRequest) -> list[tuple[str, str]]:
    return [(order.mode, order.season) for order in request.orders]


def told(request: JobRequest) -> Remark:
    (remark,) = [one for one in request.remarks if one.code.startswith("plan.season")]
    return remark


@pytest.mark.parametrize(
    ("written", "key"),
    [("설", "seollal"), ("한가위", "chuseok"), ("Xmas", "christmas"), ("빼빼로데이", "stick_snack_day"),
     ("블프", "black_friday"), ("fall", "autumn"), ("July 4", "independence_day_us"), ("oktoberfest", "beer_festival"),
     ("여름방학", "summer_holiday"), ("복날", "chobok"), ("수능", "college_exam"), ("st patricks day", "st_patricks")],
)  # fmt: skip
def test_a_season_is_found_as_people_call_it(catalogue, written, key):
    assert season(catalogue().read(f"시즌: {written}\n개수: 2\n".encode(), "a.txt")) == [("dynamic", key)]


def test_a_slip_is_answered_with_the_season_and_an_unknown_one_with_where_to_look(catalogue):
    said = []
    for written in ("크리스머스", "김치의 날"):
        with pytest.raises(JobFileError) as caught:
            catalogue().read(f"시즌: {written}\n".encode(), "a.txt")
        said.append(catalogue().say.tell(caught.value.remarks[0]))
    assert "혹시 '크리스마스'" in said[0]
    assert "stockgen calendar" in said[1]


def test_auto_is_what_is_wanted_next_and_says_why(catalogue, ledger):
    request = catalogue().read("시즌: 자동\n개수: 20\n".encode(), "a.txt", ledger=ledger)
    assert season(request) == [("dynamic", "seollal")]
    assert catalogue().say.tell(told(request)).startswith("1번째 줄: 시즌: 설날 (2027-02-07), 10주 전.")
    assert "새 아이디어: 설날" in accepted(request, "k7m2q", "a.txt", (), catalogue().say).decode("utf-8-sig")


def test_auto_goes_on_to_the_next_season_once_there_is_enough_of_one(catalogue, ledger):
    for round_, expected in enumerate(["seollal", "valentine", "carnival", "graduation_kr", "daeboreum", "seollal"]):
        request = catalogue().read(b"season: auto\ncount: 10\n", "a.yaml", ledger=ledger)
        assert season(request) == [("dynamic", expected)], round_
        source = Source(kind="schedule", name="nightly", sha256=str(round_), data=b"")
        ledger.jobs.add(f"job0{round_}", request, source, f"2026-11/{round_}", TODAY.timestamp())


def test_two_orders_for_auto_in_one_file_are_not_both_for_the_same(catalogue):
    request = catalogue().read(b"- season: auto\n- season: auto\n  markets: miricanvas\n", "a.yaml")
    assert season(request) == [("dynamic", "seollal"), ("dynamic", "valentine")]


def test_an_answer_is_kept_with_the_order_because_tomorrow_it_would_be_another(catalogue, ledger):
    request = catalogue().read(b"season: auto\n", "a.yaml", ledger=ledger)
    ledger.jobs.add("aaaaa", request, Source(kind="file", name="a.yaml", sha256="0", data=b""), "f", TODAY.timestamp())
    assert [order.season for order in ledger.jobs.orders("aaaaa")] == ["seollal"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("season: christmas", "season_late"), ("season: seollal", "season"), ("season: autumn", "season_now"),
     ("season: easter\nmarkets: miricanvas", "season_elsewhere")],
)  # fmt: skip
def test_when_it_is_too_late_or_nobody_looks_for_it_is_told_beforehand(catalogue, text, code):
    for language in ("ko", "en"):
        request = catalogue(language).read(text.encode(), "a.yaml")
        assert told(request).code == f"plan.{code}"
        assert "2026" in catalogue(language).say.tell(told(request)) or "2027" in catalogue(language).say.tell(
            told(request)
        )


def test_a_brand_in_a_theme_costs_the_order_before_a_model_is_asked(catalogue):
    request = catalogue().read("- theme: 스타벅스 감성 카페\n- theme: 아늑한 카페\n".encode(), "a.yaml")
    assert [order.theme for order in request.orders] == ["아늑한 카페"]
    assert [one.code for one in request.remarks if one.code.startswith("lint.")] == ["lint.brands"]


def test_what_should_not_be_seen_is_put_into_english_because_no_model_reads_korean(catalogue):
    first = "{keywords: sea, negative_prompt: '사람, 글자, 벚꽃, blurry, 붕붕이'}"
    text = f"- {first}\n- {{keywords: sea, negative_prompt: text}}"
    request = catalogue().read(text.encode(), "a.yaml")
    assert [order.negative_prompt for order in request.orders] == ["people, text, cherry blossom, blurry", "text"]
    told = [(one.code, one.line) for one in request.remarks if "negative" in one.code]
    assert told == [("plan.translated_negative", 1), ("plan.unknown_negative", 1)]


def test_a_season_of_ones_own_without_a_day_is_known_by_its_name(tmp_path):
    (tmp_path / "my" / "vocabulary").mkdir(parents=True)
    (tmp_path / "my" / "vocabulary" / "seasons.yaml").write_text("fair: {en: Fair, ko: 박람회}\n", encoding="utf-8")
    one = Catalogue(Config.model_validate({"providers": {"procedural": {}}}).placed(tmp_path), tmp_path / "my")
    request = one.read("시즌: 박람회\n".encode(), "a.txt")
    assert (season(request), told(request).code) == ([("dynamic", "fair")], "plan.season_undated")
