"""What markets say is found in any text, noted once, and learnt from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stockgen.domain.words import Remark
from stockgen.ledger import Row
from stockgen.messages import Messages
from stockgen.pipeline.commands import Answer, Command
from stockgen.pipeline.marks.lessons import common, rates
from stockgen.pipeline.marks.money import day, micros
from stockgen.pipeline.marks.origin import origin, page
from stockgen.pipeline.marks.reading import Given, found, state_of, table
from tests.house import House
from tests.lanes.harness import HandClock
from tests.pipeline.stage import command

Build = Callable[..., House]
SEAS = [
    Given(1, "k7m2q", 1, ("Calm sea at dawn",)),
    Given(2, "k7m2q", 2, ("Rough sea, at night",)),
    Given(3, "abcde", 1, ("Pine forest", "소나무 숲")),
    Given(4, "abcde", 2, ("Pine forest",)),
]
NAMES = "- {{prompt: {0}, title: '{0}', tags: '{1}', size: 64x64, markets: [adobe_stock]}}\n"
# Titles and tags as unlike as different pictures' are, so that nothing else keeps them out of a basket.
THINGS = [
    ("Calm sea", "water, wave"),
    ("Pine forest", "tree, wood"),
    ("Red kite", "sky, toy"),
    ("Old clock", "time, brass"),
]


def seen(text: str) -> list[int]:
    return [mention.asset for mention in found(text, SEAS).mentions]


# -- finding ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "assets"),
    [
        ("calm-sea-k7m2q-001.jpg", [1]),
        ("Your file CALM-SEA-K7M2Q-001.JPG was refused", [1]),
        ("calm_sea_k7m2q_001.jpg\tSimilar content", [1]),
        ("https://site/x/calm-sea-k7m2q-001-preview.png?w=3", [1]),
        ("rough-sea-k7m2q-002\ncalm-sea-k7m2q-001", [2, 1]),
        ("a-k7m2q-001.jpg, b-abcde-002.jpg", [1, 4]),
        ("calm sea AT dawn", [1]),
        ("  소나무 숲\t승인  ", [3]),
        ("Filename,Status\ncalm-sea-k7m2q-001.jpg,no\n", [1]),
        ('"fileName";"elementName"\n"";"소나무 숲"\n', [3]),
        ("번호\t제목\t사유\n1\tRough sea at night\t비슷함\n", [2]),
    ],
)
def test_a_picture_is_found_by_its_name_anywhere_or_by_its_own_title(text, assets):
    assert seen(text) == assets


@pytest.mark.parametrize("text", ["", "sea", "a-k7m2q-003.jpg", "k7m2q", "12345-001", "calm-sea-k7m2q-0011.jpg"])
def test_nothing_else_is_taken_for_ours(text):
    assert seen(text) == []


def test_a_name_like_ours_and_a_title_of_two_pictures_are_told():
    told = found("sea-zzzzz-001.jpg\nPine forest\n", SEAS)
    assert (told.mentions, told.unknown, told.ambiguous) == ((), ("sea-zzzzz-001",), ("Pine forest",))


def test_a_table_gives_each_row_its_own_words():
    text = 'report of today\nFile name,Rejection reason,Royalty\na-k7m2q-001.jpg,"Similar, again",$0.33\n'
    (one,) = found(text, SEAS).mentions
    assert (one.cells["reason"], one.cells["amount"]) == ("Similar, again", "$0.33")
    assert table("nothing\nof the kind") == ((), [])


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Rejected", "rejected"),
        ("반려", "rejected"),
        ("승인", "accepted"),
        ("올림", "uploaded"),
        ("판매", "sold"),
        ("x", ""),
    ],
)
def test_decisions_have_names_in_both_languages(word, state):
    assert state_of(word) == state


@pytest.mark.parametrize(
    ("cell", "won", "usd"),
    [("$0.33", False, 330_000), ("0,33", False, 330_000), ("1,400원", True, 1_000_000), ("₩ 700", False, 500_000),
     ("2800", True, 2_000_000), ("US$ 1,234.50", True, 1_234_500_000), ("-0.10", False, -100_000),
     ("free", False, None)],
)  # fmt: skip
def test_amounts_are_read_as_they_are_written(cell, won, usd):
    assert micros(cell, won, 1400) == usd


def test_won_are_worth_what_the_config_says():
    assert [micros("1,400원", True, rate) for rate in (1400, 1000)] == [1_000_000, 1_400_000]


@pytest.mark.parametrize("cell", ["2026-11-24", "2026. 11. 24.", "2026/11/24 13:05", "11/24/2026"])
def test_days_are_read_as_they_are_written(cell):
    assert day(cell) == 1_795_521_600.0
    assert day("someday") is day("2026-13-40") is None


# -- noting ----------------------------------------------------------------------------------------------------


@pytest.fixture
def sold(shop: Build) -> House:
    """Four pictures in a basket of Adobe Stock."""
    one = shop()
    one.make("".join(NAMES.format(title, tags) for title, tags in THINGS))
    command(one, "basket")
    assert set(states(one).values()) == {"basket"}
    return one


def states(one: House) -> dict[str, str]:
    rows = one.app.ledger.query("SELECT stem, state FROM submissions ORDER BY asset_id")
    return {row["stem"]: row["state"] for row in rows}


def names(one: House) -> list[str]:
    return [row["stem"] for row in one.app.ledger.query("SELECT stem FROM assets ORDER BY id")]


def say(one: House, name: str, **arguments: str) -> Answer:
    number = one.app.ledger.query("SELECT count(*) AS n FROM commands")[0]["n"]
    return one.app.desk.apply(Command(id=f"m{number}", name=name, arguments={"market": "adobe_stock", **arguments}))


def mark(one: House, state: str, text: str = "", **more: str) -> Answer:
    return say(one, "mark", state=state, text=text, **more)


def codes(told: tuple[Remark, ...]) -> list[str]:
    return [remark.code for remark in told]


def test_each_row_of_a_pasted_table_is_noted_with_its_reason(sold):
    first, second, *_ = names(sold)
    answer = mark(sold, "거절", f"Filename,Reason\n{first}.jpg,Similar content\n{second}.jpg,\n", reason="see mail")
    assert (answer.result, codes(answer.told)) == ("done", ["mark.done"])
    rows = {row["stem"]: (row["state"], row["reason"]) for row in sold.app.ledger.query("SELECT * FROM submissions")}
    assert rows[first] == ("rejected", "Similar content")
    assert rows[second] == ("rejected", "see mail")
    assert list(states(sold).values()).count("basket") == 2


def test_a_list_of_what_was_uploaded_undoes_no_decision(sold):
    first, *_ = names(sold)
    mark(sold, "accepted", first)
    answer = mark(sold, "uploaded", "\n".join(names(sold)))
    assert list(states(sold).values()) == ["accepted", "uploaded", "uploaded", "uploaded"]
    assert answer.told[0].facts["count"] == 3


def test_a_whole_basket_is_marked_by_its_name(sold):
    path = sold.app.ledger.query("SELECT path FROM baskets")[0]["path"]
    assert mark(sold, "uploaded", basket=Path(path).name).result == "done"
    assert set(states(sold).values()) == {"uploaded"}
    assert codes(mark(sold, "uploaded", basket="2020-01-01-a").told) == ["mark.no_basket"]
    assert mark(sold, "accepted", basket=path).result == "done"


def test_where_nothing_is_found_it_is_told_and_nothing_changes(sold):
    before = states(sold)
    answer = mark(sold, "rejected", "hello\nsea-zzzzz-001.jpg\n")
    assert (answer.result, codes(answer.told)) == ("refused", ["mark.unknown", "mark.none"])
    assert codes(mark(sold, "grumbled", "x").told) == ["error.mark_state"]
    assert states(sold) == before


def test_a_picture_that_was_uploaded_without_a_basket_is_given_to_that_market(shop: Build):
    one = shop()
    one.make(NAMES.format(*THINGS[0]))
    mark(one, "accepted", names(one)[0])
    assert list(states(one).values()) == ["accepted"]
    command(one, "basket")
    assert list(states(one).values()) == ["accepted"]


def test_a_sale_that_is_pasted_twice_is_noted_once(sold):
    first, second, *_ = names(sold)
    twice = f"2026-11-01,{first}.jpg,$0.50\n"
    text = f"Date,Filename,Royalty\n{twice}{twice}2026-11-02,{second}.jpg,$2\n"
    assert mark(sold, "sold", text).told[0].facts["count"] == 3
    assert mark(sold, "판매", text).told[0].facts["count"] == 0
    assert sold.app.ledger.marks.earned(0.0) == (3, 3_000_000)
    other = f"Sale date;Asset name;Amount;Buyer\n2026. 11. 1.;{first};0.5;A\n2026. 11. 1.;{first};0.50;B\n"
    assert mark(sold, "sold", other).told[0].facts == {"market": "adobe_stock", "count": 0, "usd": "0.00", "known": 2}
    best = sold.app.ledger.marks.best_sellers(0.0, 5)
    assert [(row["stem"], row["sales"], row["micros"]) for row in best] == [
        (second, 1, 2_000_000),
        (first, 2, 1_000_000),
    ]


def test_a_sale_whose_amount_cannot_be_read_is_told(sold):
    first, second, *_ = names(sold)
    told = mark(
        sold, "sold", f"Date,Filename,Royalty\n2026-11-01,{first}.jpg,a dollar\n2026-11-02,{second}.jpg,$2\n"
    ).told
    assert [(one.code, one.facts["count"]) for one in told] == [("mark.sold", 2), ("mark.no_amount", 1)]
    assert told[1].facts["names"] == ["a dollar"]


def test_what_was_pasted_is_not_kept_whole_in_the_ledger(sold):
    mark(sold, "accepted", "x" * 100_000)
    kept = sold.app.ledger.query("SELECT arguments FROM commands WHERE command = 'mark'")[0]["arguments"]
    assert len(kept) < 2000


# -- learning --------------------------------------------------------------------------------------------------


def test_siblings_of_a_refused_picture_stay_out_of_the_next_basket_until_the_motif_has_cooled(shop: Build):
    clock = HandClock()
    clock.now = 1_790_000_000.0
    one = shop({"markets": {"adobe_stock": {"per_week": 1}}}, clock=clock)
    kite = (
        "- {prompt: a red kite, title: 'Red kite', tags: 'sky, toy', size: 64x64, markets: [adobe_stock], count: 2}\n"
    )
    one.make(kite)
    command(one, "basket")
    mark(one, "rejected", next(iter(states(one))))
    clock.now += 8 * 86400
    told = [remark.facts["why"].code for remark in command(one, "basket") if remark.code == "basket.left_out"]
    assert (told, len(states(one))) == (["basket.cooling"], 1)
    clock.now += 23 * 86400
    command(one, "basket", market="adobe_stock")
    assert len(states(one)) == 2


def decided(state: str, count: int, market: str = "adobe_stock", **of: str) -> list[Row]:
    base = {"reason": None, "kind": "background", "look": "diffusion", "mode": "keyword", "category": "plants",
            "tags_en": '["sea", "wave"]', "style": "", "model": "sdxl-base"}  # fmt: skip
    return [base | of | {"market": market, "state": state} for _ in range(count)]


def test_the_report_says_what_the_refused_have_in_common():
    rows = [*decided("accepted", 10), *decided("accepted", 2, model="flux-schnell"),
            *decided("rejected", 6, model="flux-schnell", reason="Similar content"), *decided("rejected", 2),
            ]  # fmt: skip
    told = [(one.what, one.value, one.having, one.refused) for one in common(rows)]
    assert told == [("reason", "Similar content", 6, 8), ("model", "flux-schnell", 6, 8)]


@pytest.mark.parametrize(
    "rows", [decided("accepted", 50), decided("rejected", 2), decided("accepted", 9) + decided("rejected", 9)]
)
def test_where_they_share_nothing_special_nothing_is_said(rows):
    assert common(rows) == []


def test_acceptance_is_told_for_each_model_mode_style_and_market():
    rows = [
        *decided("accepted", 3),
        *decided("rejected", 1, style="watercolor"),
        *decided("hidden", 1, "miricanvas", model="b"),
    ]
    told = {(one.what, one.value): (one.accepted, one.rejected) for one in rates(rows)}
    assert told == {
        ("market", "adobe_stock"): (3, 1), ("market", "miricanvas"): (0, 1), ("model", "sdxl-base"): (3, 1),
        ("model", "b"): (0, 1), ("mode", "keyword"): (3, 2), ("style", "watercolor"): (0, 1),
    }  # fmt: skip


# -- tables that come back, and origin -------------------------------------------------------------------------


def test_an_edited_table_changes_what_was_told_and_what_is_searched(sold):
    by_title = {row["title"]: row["stem"] for row in sold.app.ledger.query("SELECT stem, title FROM submissions")}
    first, second = by_title["Calm sea"], by_title["Pine forest"]
    text = (
        f'Filename,Title,Keywords,Category\n{first}.jpg,Glassy ocean,"ocean, glass",11\n{second}.jpg,Pine forest,,5\n'
    )
    answer = say(sold, "titles", text=text)
    assert (codes(answer.told), answer.told[0].facts) == (["titles.done"], {"count": 1, "same": 1})
    row = sold.app.ledger.query("SELECT title, keywords FROM submissions WHERE stem = :stem", stem=first)[0]
    assert (row["title"], row["keywords"]) == ("Glassy ocean", '["ocean", "glass"]')
    assert [one["stem"] for one in sold.app.ledger.finding.pictures("glassy", 9)] == [first]
    assert mark(sold, "accepted", "Glassy ocean").result == "done"


def test_a_text_without_a_column_of_titles_changes_nothing(sold):
    assert codes(say(sold, "titles", text=names(sold)[0]).told) == ["titles.no_table"]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_pictures_origin_fits_on_one_page(sold, language):
    stem = names(sold)[0]
    mark(sold, "rejected", stem, reason="Similar")
    told = origin(sold.app.ledger, sold.outbox, sold.app.catalogue.models, f"upload/x/{stem.upper()}.JPG",
                  sold.app.places.state)  # fmt: skip
    assert told is not None
    text = page(told, Messages(language))
    for part in (stem, "Calm sea", "scripted", "MIT", told.asset["sha256"], "Similar", "prompt: Calm sea", "job.yaml"):
        assert part in text
    assert len(text.splitlines()) < 60
    assert told.intact is True
    path = sold.outbox / told.asset["path"]
    path.write_bytes(path.read_bytes() + b"x")
    assert origin(sold.app.ledger, sold.outbox, {}, stem, sold.root).intact is False  # type: ignore[union-attr]
    path.unlink()
    assert origin(sold.app.ledger, sold.outbox, {}, stem, sold.root).intact is None  # type: ignore[union-attr]
    assert origin(sold.app.ledger, sold.outbox, {}, "sea-zzzzz-001", sold.root) is None
