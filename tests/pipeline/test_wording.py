"""What a market is told of a picture: no word that it refuses, no byte that it can't read, no formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockgen.data import Shelf
from stockgen.data.market import Market, load_markets
from stockgen.data.palettes import families, palettes
from stockgen.data.vocabulary_files import load_vocabulary
from stockgen.domain.words import Idea, Look, Order
from stockgen.modes import material, modes
from stockgen.pipeline.wording import About, Worded, fitting, refusal, table, worded
from tests.data import tables
from tests.market_rules import wrong

MARKETS = load_markets(Shelf())
GOLDEN = Path(tables.__file__).parent / "golden"
each_market = pytest.mark.parametrize("name", MARKETS)


def idea(title: str = "Calm sea", tags: Sequence[str] = (), description: str = "", category: str = "landscapes",
         prompt: str = "") -> Idea:  # fmt: skip
    return Idea(prompt=prompt, title={"en": title, "ko": "고요한 바다"}, description={"en": description, "ko": ""},
                tags={"en": tuple(tags), "ko": ("바다",)}, category=category)  # fmt: skip


def said(name: str, one: Idea, look: Look = "diffusion") -> Worded:
    return worded(one, MARKETS[name], "a-k7m2q-001.jpg", about=About(look=look, model="M"))


def cells(row: Worded, market: Market) -> dict[str, str]:
    """One row as a spreadsheet reads it."""
    text = table([row], market).decode("utf-8-sig")
    (read,) = csv.DictReader(io.StringIO(text, newline=""), delimiter=market.csv.delimiter)
    return read


# -- whole tables ----------------------------------------------------------------------------------------------


@each_market
def test_the_table_is_byte_for_byte_the_one_that_was_looked_through(name: str) -> None:
    assert table(tables.rows(MARKETS[name]), MARKETS[name]) == (GOLDEN / f"{name}.csv").read_bytes()


@each_market
def test_the_table_that_was_looked_through_keeps_to_the_markets_own_pages(name: str) -> None:
    assert wrong(name, (GOLDEN / f"{name}.csv").read_bytes(), tables.DRAWN_FILES) == []


@pytest.fixture(scope="module")
def thousand() -> list[tuple[Idea, Look]]:
    """Ideas as jobs have them: three quarters for models, the others drawn."""
    shelf = Shelf()
    made = modes(material(load_vocabulary(shelf), palettes(shelf), families(shelf), {}))
    order = Order(mode="random", count=750)
    scenes = made["random"](order, "diffusion", 750, Random(7))
    drawings = made["random"](order, "drawn", 250, Random(7))
    return [*((one, "diffusion") for one in scenes), *((one, "drawn") for one in drawings)]


@each_market
def test_a_thousand_pictures_and_no_word_that_the_market_refuses(thousand: list[tuple[Idea, Look]], name: str) -> None:
    market, rows, drawn = MARKETS[name], [], set()
    for number, ((one, look), kind) in enumerate(zip(thousand, cycle(market.formats), strict=False)):
        about = About(kind=kind, look=look, model="Stable Diffusion XL 1.0")
        row = worded(one, market, f"picture-k7m2q-{number}.jpg", about=about)
        why = refusal(one, row, market, "en", about=about)
        if why is not None and why.code == "basket.refused":  # for what it shows, such as faces at Dreamstime
            continue
        assert why is None
        rows.append(row)
        drawn |= {row.file, row.file.removesuffix(".jpg")} if look == "drawn" else set()
    assert wrong(name, table(rows, market), frozenset(drawn)) == []
    assert len(rows) > 950


ODD = ["=1+1", "AI", "generated", "바다", "丹楓", "🍁", "\t", "\r\n", '"', ";", ",", "sea", "Sea", "é", "-", "x" * 60,
       "face", "\u200b", "'"]  # fmt: skip
TEXT = st.one_of(st.text(max_size=120), st.lists(st.sampled_from(ODD), max_size=30).map(" ".join))
IDEA = st.builds(
    Idea,
    prompt=TEXT,
    title=st.fixed_dictionaries({"en": TEXT, "ko": TEXT}),
    description=st.fixed_dictionaries({"en": TEXT, "ko": TEXT}),
    tags=st.fixed_dictionaries({one: st.lists(TEXT, max_size=60).map(tuple) for one in ("en", "ko")}),
    category=st.sampled_from(["people", "food", "culture", "no such category"]),
)


@settings(max_examples=40, deadline=None)
@given(ideas=st.lists(IDEA, min_size=1, max_size=3), look=st.sampled_from(["drawn", "diffusion"]))
def test_whatever_an_idea_says_the_market_can_read_it_or_it_is_left_out(ideas: list[Idea], look: Look) -> None:
    for name, market in MARKETS.items():
        about = About(look=look, model="M", prompt="p", kind=next(iter(market.formats)))
        rows = [worded(one, market, f"a-k7m2q-{number}.jpg", about=about) for number, one in enumerate(ideas)]
        kept = [
            row for one, row in zip(ideas, rows, strict=True) if refusal(one, row, market, "ko", about=about) is None
        ]
        drawn = (
            {row.file for row in kept} | {row.file.removesuffix(".jpg") for row in kept} if look == "drawn" else set()
        )
        faults = wrong(name, table(kept, market), frozenset(drawn))
        # Equal titles are kept apart by baskets, and whoever writes "AI" into a title of a drawing may do so.
        assert [one for one in faults if " twice: " not in one and "AI is False" not in one] == []


# -- the rules that watch --------------------------------------------------------------------------------------

BROKEN = [
    ("adobe_stock", b",14,", b",22,", "category"),
    ("adobe_stock", b"Mint low poly facets", b"Mint: low poly", "special character"),
    ("adobe_stock", b"Mint low poly facets", b"Mint AI facets", "says that AI"),
    ("adobe_stock", b"Mint low poly facets", b"Mint " * 15, "characters of Title"),
    ("adobe_stock", b'"mint, low poly,', b'"mint, Mint,', "twice"),
    ("adobe_stock", b"Mint low poly facets", b"=Mint", "formula"),
    ("adobe_stock", b"Mint low poly facets", b"\xeb\xaf\xbc\xed\x8a\xb8", "not English"),
    ("adobe_stock", b"Filename", b"\xef\xbb\xbfFilename", "BOM"),
    ("adobe_stock", b"\r\n", b"\n", "header"),
    ("adobe_stock", b"mint-low-poly-k7m2q-006.jpg", b"mint-low-poly-and-more-k7m2q-006.jpg", "file name"),
    ("miricanvas", b'"uniqueId",', b"", "header"),
    ("miricanvas", b"\xef\xbb\xbf", b"", "BOM"),
    ("miricanvas", b'k7m2q-006"', b'k7m2q-006.jpg"', "extension"),
    ("miricanvas", b"Mint low poly facets", b"Mint low-poly", "elementName"),
    ("miricanvas", b'"PNG element"', b'"Photo"', "contentType"),
    ("miricanvas", b'"Premium"', b"Premium", "quotes"),
    ("miricanvas", b",mint,low poly", b",mint,low.poly", "keywords"),
    ("magnific", b",_ai_generated", b"", "mark of AI"),
    ("magnific", b"File name;", b"Filename;", "header"),
    ("magnific", b'"Stable Diffusion XL 1.0"', b'""', "prompt and model"),
    ("vecteezy", b"AI generated ", b"", "AI is True"),
    ("vecteezy", b",pro", b",Premium", "licence"),
    ("dreamstime", b" (AI generated)", b"", "AI is True"),
    ("dreamstime", b",212,", b",163,", "AI is True"),
    ("dreamstime", b",25,12,", b",25,25,", "categories"),
    ("dreamstime", b"Sleeping cat sticker,", b"Face of a cat,", "a face"),
    ("dreamstime", b"0,1,1,0,0,0,0,0", b"1,1,1,0,0,0,0,0", "licences"),
    ("123rf", b'"",', b'"x",', "not empty"),
    ("123rf", b'"keyword 0,', b'"and,one,more,keyword 0,', "keywords"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "right", "broken", "told"), BROKEN)
def test_the_rules_find_what_they_are_there_for(name: str, right: bytes, broken: bytes, told: str) -> None:
    data = (GOLDEN / f"{name}.csv").read_bytes()
    assert right in data
    assert any(told in fault for fault in wrong(name, data.replace(right, broken), tables.DRAWN_FILES))


# -- single words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r\n@", "＝", " =-"])
@each_market
def test_no_cell_is_a_formula_whoever_made_the_row(name: str, start: str) -> None:
    evil = f"{start}cmd|' /C calc'!A0"
    row = Worded(file="a.jpg", title=evil, keywords=(evil, "sea"), description=evil, prompt=evil, model=evil)
    for cell in cells(row, MARKETS[name]).values():
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "'", "＝"))
        assert not {"\t", "\r", "\n"} & {*cell}


def test_the_mark_of_ai_is_never_altered() -> None:
    row = said("magnific", idea(tags=["sea", "_ai_generated", "wave", "a", "b", "c"]))
    assert cells(row, MARKETS["magnific"])["Keywords"].endswith(",_ai_generated")
    assert row.all_keywords.count("_ai_generated") == 1
    assert "_ai_generated" not in row.keywords  # by which pictures are compared


@pytest.mark.parametrize("name", ["magnific", "vecteezy", "dreamstime"])
def test_what_a_program_drew_is_not_called_ai(name: str) -> None:
    tags = ["one", "two", "three", "four", "five", "six", "seven"]
    row = said(name, idea(tags=tags, description="An abstract background of soft colours, made for layouts."), "drawn")
    told = " ".join(cells(row, MARKETS[name]).values()).lower()
    assert "ai" not in told.replace("_", " ").replace("(", " ").split()
    assert (row.prompt, row.model) == ("", "")
    assert "212" not in row.categories


def test_a_description_leaves_room_for_what_must_end_it() -> None:
    row = said("dreamstime", idea(description="word " * 400))
    assert row.description.endswith("word (AI generated)")
    assert len(row.description) <= 1000


def test_a_description_that_is_too_short_gets_its_title_or_is_told() -> None:
    assert said("dreamstime", idea("A long title of a calm sea", description="Calm.")).description == (
        "A long title of a calm sea. Calm. (AI generated)"
    )
    short = idea("A sea", [f"word {n}" for n in range(9)], "Calm.")
    row = said("dreamstime", short, "drawn")
    told = refusal(short, row, MARKETS["dreamstime"], "en", about=About(look="drawn"))
    assert told is not None
    assert told.code == "basket.short_description"


def test_a_title_that_is_put_behind_other_words_does_not_begin_like_a_sentence() -> None:
    assert said("vecteezy", idea("Calm sea", ["sea"], prompt="sea, calm mood")).title == "AI generated calm sea"
    row = said("vecteezy", idea("Seoul at night", prompt="Seoul, night"))
    assert (row.title, row.own_title) == ("AI generated Seoul at night", "Seoul at night")


def test_a_picture_without_any_usable_title_is_left_out() -> None:
    one = idea("🍁 丹楓", ["sea"] * 9)
    told = refusal(one, said("adobe_stock", one), MARKETS["adobe_stock"], "en")
    assert told is not None
    assert told.code == "basket.no_title"


def test_a_name_that_the_market_would_not_find_in_its_table_is_left_out() -> None:
    one, adobe = idea("Calm sea", ["sea", "b", "c", "d", "e"]), MARKETS["adobe_stock"]
    names = [f"{'x' * 15}-k7m2q-001.jpg", f"{'x' * 17}-k7m2q-001.jpg"]
    told = [refusal(one, worded(one, adobe, name), adobe, "en") for name in names]
    assert [remark and remark.code for remark in told] == [None, "basket.long_name"]


def test_a_korean_title_that_is_empty_leaves_the_english_one() -> None:
    one = replace(idea("Calm sea"), title={"en": "Calm sea", "ko": "丹楓 🍁"})
    assert said("miricanvas", one).title == "Calm sea"
    same = replace(idea("Sea"), title={"en": "Sea", "ko": "sea"})
    assert said("miricanvas", same).title == "sea"


def test_a_keyword_that_would_mean_something_else_without_its_foreign_letters_is_dropped() -> None:
    assert said("adobe_stock", idea(tags=["丹 maple leaf", "maple 🍁", "café"])).keywords == ("maple", "café")
    assert "cafe" in said("miricanvas", idea(tags=["café"])).keywords


def test_where_one_language_has_few_keywords_the_other_fills_up() -> None:
    one = replace(idea(), tags={"en": tuple(f"e{n}" for n in range(40)), "ko": ("바다", "파도")})
    words = said("miricanvas", one).keywords
    assert (words[:2], len(words), words[2:]) == (("바다", "파도"), 25, tuple(f"e{n}" for n in range(23)))
    both = replace(one, tags={"en": one.tags["en"], "ko": tuple(f"말{n}" for n in range(40))})
    words = said("miricanvas", both).keywords
    assert [len([word for word in words if word[0] == sign]) for sign in ("말", "e")] == [15, 10]


def test_a_category_of_ones_own_does_not_empty_the_column() -> None:
    assert said("adobe_stock", idea(category="my own")).categories == ("8",)


def test_no_more_categories_than_the_market_takes_and_its_own_is_among_them() -> None:
    two = MARKETS["dreamstime"].model_copy(update={"max_categories": 2})
    assert worded(idea(category="food"), two, "a.jpg").categories == ("127", "212")


@pytest.mark.parametrize(
    ("words", "seen"),
    [("an old woman by the sea", True), ("a clock, no people", False), ("empty beach without people", False),
     ("womanly forms", False), ("smiling faces", True), ("a calm sea", False)],
)  # fmt: skip
def test_no_generated_face_goes_to_dreamstime(words: str, seen: bool) -> None:
    tags = ["family", *(f"word {n}" for n in range(9))]  # a good tag of many pictures without anybody
    one = idea("Calm sea", tags, "A long sentence that says what is to be seen here, in fifty and more.", prompt=words)
    told = refusal(one, said("dreamstime", one), MARKETS["dreamstime"], "ko")
    assert (told is not None) is seen
    assert told is None or "드림스타임" in told.facts["why"]
    drawn = About(look="drawn")
    assert refusal(one, said("dreamstime", one, "drawn"), MARKETS["dreamstime"], "ko", about=drawn) is None


def test_a_tier_of_the_job_wins_over_that_of_the_market() -> None:
    vecteezy = MARKETS["vecteezy"].model_copy(update={"tier": "Standard"})
    assert worded(idea(), vecteezy, "a.jpg").tier == "free"
    assert worded(idea(), vecteezy, "a.jpg", about=About(tier="Premium")).tier == "pro"
    assert said("adobe_stock", idea()).tier == ""


# -- splits ----------------------------------------------------------------------------------------------------


def test_a_table_never_grows_beyond_what_the_market_reads() -> None:
    adobe = MARKETS["adobe_stock"]
    long = said("adobe_stock", idea("Calm sea", [f"{number} {'word ' * 9}" for number in range(49)]))
    rows = [long] * 500
    many = fitting(rows, adobe)
    assert len(table(rows[:many], adobe)) <= 1_000_000 < len(table(rows[: many + 1], adobe))
    assert fitting(rows[:3], adobe) == 3
    assert fitting([replace(long, keywords=("sea",))] * 5001, adobe) == 5000
    assert fitting([], adobe) == 0
    tiny = adobe.model_copy(update={"csv": adobe.csv.model_copy(update={"max_bytes": 10})})
    assert fitting(rows, tiny) == 1  # told by the market, not swallowed by us
    assert fitting(rows, MARKETS["miricanvas"]) == 500
