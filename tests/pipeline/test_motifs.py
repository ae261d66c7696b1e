"""A reviewer's eye: what is one picture to them is one motif to us, whenever and by whatever job it was made."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from stockgen.pipeline.baskets.near import merged
from stockgen.pipeline.motifs import place, takes
from tests.house import House
from tests.ledger.book import NOW, Book
from tests.pipeline.stage import command

Build = Callable[..., House]
NAMES = count()
WALL = "Wild cherry blossoms along the old stone river wall"


@pytest.fixture
def book(tmp_path: Any) -> Book:
    return Book(tmp_path)


def motif(book: Book, prompt: str = "", title: str = "", root: str = "") -> int:
    """The motif of an idea; what isn't given is like nothing else."""
    unlike = f"unlike{next(NAMES)}"
    return place(book.ledger, 1, prompt or unlike, root, title or unlike, NOW)


def waiting(one: House) -> int:
    return one.app.ledger.baskets.waiting({"adobe_stock": 3})["adobe_stock"]


# -- which ideas are alike -------------------------------------------------------------------------------------


def test_the_same_prompt_is_the_same_motif_however_it_is_spaced(book: Book) -> None:
    first = motif(book, "a red fox in snow")
    assert motif(book, "A red  fox in snow") == first
    assert motif(book, "a red fox in rain") != first


def test_variants_of_one_root_are_one_motif_and_having_no_root_joins_nobody(book: Book) -> None:
    first = motif(book, root="template 7: tea")
    assert motif(book, root="template 7: tea") == first
    assert motif(book, root="template 7: coffee") != first
    assert motif(book) != motif(book)


def test_a_variant_whose_root_is_lost_keeps_its_motif_by_its_prompt(book: Book) -> None:
    motif(book, "tea at dawn", root="tea")
    second = motif(book, "tea at noon", root="tea")
    assert motif(book, "tea at noon") == second  # as a follow-up job reads it from the ledger


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Calm sea at pale dawn", "At pale dawn: calm seas", True),
        ("Ocean blue diagonal low poly facets background", "Ocean blue crystal low poly facets", False),
        (WALL, "Wild cherry blossoms along the new stone river wall", True),
        (WALL, "Wild cherry blossoms along the stone river wall", True),
        (WALL, "Wild plum blossoms along the new stone river wall", False),
        ("Sea", "Sea", False),  # too little said to tell
        ("Sea 2", "Tree 2", False),
    ],
)  # fmt: skip
def test_titles_are_alike_by_their_telling_words(book: Book, one: str, other: str, alike: bool) -> None:
    first = motif(book, title=one)
    assert (motif(book, title=other) == first) is alike


def test_small_steps_do_not_make_one_motif_of_everything(book: Book) -> None:
    words = ["amber", "brook", "cedar", "dune", "ember", "fjord", "grove", "haze"]
    found = [motif(book, title=" ".join([*words[step:], *(f"x{n}" for n in range(step))])) for step in range(8)]
    assert len(set(found)) >= 4


def test_a_motif_is_found_without_reading_all_of_them(book: Book) -> None:
    plan = book.ledger.query(
        """EXPLAIN QUERY PLAN SELECT k.motif_id FROM json_each('[1]') j JOIN motif_keys k ON k.key = j.value
           ORDER BY j.key LIMIT 1"""
    )
    assert "SEARCH k USING INTEGER PRIMARY KEY" in str([row["detail"] for row in plan])


def row(motif: int, phash: int | None) -> dict[str, Any]:
    return {"motif_id": motif, "phash": phash}


def test_pictures_that_look_alike_make_one_motif_of_theirs() -> None:
    six, seven = 0b111111, 0b1111111
    counted = merged([row(1, -1), row(2, -1 ^ six << 40), row(3, -1 ^ seven << 20), row(4, None), row(5, None)])
    assert [counted(one) for one in (1, 2, 3, 4, 5)] == [1, 1, 3, 4, 5]


@pytest.mark.parametrize("bits", [range(6), range(58, 64), (0, 9, 18, 27, 36, 45), (8, 17, 26, 35, 44, 63)])
def test_six_bits_anywhere_are_found(bits: Any) -> None:
    other = sum(1 << bit for bit in bits)
    signed = other - (1 << 64) if other >> 63 else other
    assert merged([row(7, 0), row(9, signed)])(9) == 7


def test_what_looks_like_something_alike_is_counted_with_it() -> None:
    counted = merged([row(3, 0), row(2, 0b111111), row(1, 0b111111111111)])
    assert {counted(one) for one in (1, 2, 3)} == {1}


# -- what markets take -----------------------------------------------------------------------------------------


def test_no_more_of_a_motif_than_the_market_takes_whatever_was_refused_before(shop: Build) -> None:
    one = shop()
    text = "- {prompt: a calm sea, size: 64x64, count: 5, markets: [adobe_stock], tags: 'sea, wave'}\n"
    one.make(text)
    assert waiting(one) == 3
    command(one, "basket", market="adobe_stock")
    one.app.ledger._db.write("UPDATE submissions SET state = 'rejected'")
    one.make(text)
    told = command(one, "basket", market="adobe_stock")
    assert one.app.ledger.query("SELECT count(*) AS n FROM submissions") == [{"n": 3}]
    assert [(told.facts["why"].code, told.facts["count"]) for told in told if told.code == "basket.left_out"] == [
        ("basket.motif", 7)
    ]
    assert waiting(one) == 0


def test_pictures_that_look_alike_are_counted_together_in_basket_and_history(shop: Build) -> None:
    one = shop()
    text = "".join(
        f"- {{prompt: '{name} things', title: {name}, tags: '{name}, wave', size: 64x64, markets: [adobe_stock]}}\n"
        for name in ("Sea", "Tree", "House", "Road", "Moon")
    )
    one.make(text)
    one.app.ledger._db.write("UPDATE assets SET phash = (1 << number) - 1")  # each a bit from its neighbour
    for _ in range(2):
        command(one, "basket", market="adobe_stock")
        assert one.app.ledger.query("SELECT count(*) AS n FROM submissions") == [{"n": 3}]
    one.app.ledger._db.write("UPDATE assets SET phash = NULL WHERE number <= 2")
    command(one, "basket", market="adobe_stock")
    assert one.app.ledger.query("SELECT count(*) AS n FROM submissions") == [{"n": 5}]


def test_how_many_a_market_takes_of_what_a_job_makes() -> None:
    rows = [{"motif_id": 1, "n": 30}, {"motif_id": 2, "n": 2}, {"motif_id": 2, "n": 1}, {"motif_id": 3, "n": 4}]
    assert takes(rows, {}, 3) == 9
    assert takes(rows, {1: 1, 3: 9}, 3) == 5


def test_the_author_is_told_how_many_motifs_a_job_can_give(shop: Build) -> None:
    one = shop()
    alike, unlike = (
        one.make("- {prompt: a calm sea, size: 64x64, count: 5, markets: [adobe_stock], tags: 'sea, wave'}\n"),
        one.make("- {prompt: a red fox, size: 64x64, count: 3, markets: [adobe_stock]}\n"),
    )
    told = one.app.ledger.jobs.get(alike)["remarks"]
    assert '"plan.motifs"' in told
    assert '{"pictures": 5, "motifs": 1, "takes": ["adobe_stock 3"]}' in told
    assert "plan.motifs" not in one.app.ledger.jobs.get(unlike)["remarks"]


def test_ideas_of_an_older_version_get_their_motifs_before_baskets_are_made(shop: Build) -> None:
    one = shop()
    one.make("- {prompt: a calm sea, size: 64x64, count: 5, markets: [adobe_stock], tags: 'sea, wave'}\n")
    for table in ("UPDATE ideas SET motif_id = NULL", "DELETE FROM motif_keys", "DELETE FROM motifs"):
        one.app.ledger._db.write(table)
    command(one, "basket", market="adobe_stock")
    assert one.app.ledger.query("SELECT count(*) AS n, count(DISTINCT motif_id) AS m FROM ideas") == [{"n": 5, "m": 1}]
    assert one.app.ledger.query("SELECT count(*) AS n FROM submissions") == [{"n": 3}]
