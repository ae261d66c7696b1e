"""How many pictures there are for a season: neither forgotten nor counted twice."""

from __future__ import annotations

from dataclasses import replace

from stockgen.domain.protocols import Shot
from stockgen.domain.words import JobRequest, Order
from stockgen.ledger.jobs import Source
from stockgen.ledger.shots import Planned
from tests.ledger.book import IDEA, NOW, Book

NAMES = ("Christmas", "크리스마스", "xmas")


def have(book: Book) -> int:
    return book.ledger.covered.pictures("christmas", NAMES)


def named(book: Book, job: str, *titles: tuple[str, str], tags: tuple[str, ...] = ()) -> list[int]:
    """Shots of a job, one for each (English, Korean) title."""
    ideas = [replace(IDEA, title={"en": en, "ko": ko}, tags={"en": tags, "ko": ()}) for en, ko in titles]
    return book.job(job, len(ideas), ideas=ideas)


def ordered(book: Book, job: str, count: int, season: str) -> None:
    """A job for a season that nobody has planned yet."""
    request = JobRequest(orders=(Order(mode="dynamic", count=count, season=season),))
    source = Source(kind="schedule", name="nightly", sha256="0" * 64, data=b"")
    book.ledger.jobs.add(job, request, source, f"2026-11/{job}", NOW)


def test_a_picture_counts_by_its_title_or_tag_in_either_language(book):
    named(book, "aaaaa", ("A Christmas tree", "나무"), ("Tree", "크리스마스의 밤"), ("Sea", "바다"))
    named(book, "bbbbb", ("Tree", "나무"), tags=("xmas",))
    assert have(book) == 3
    assert book.ledger.covered.pictures("new_year", ("New Year", "새해")) == 0


def test_what_was_ordered_counts_before_and_after_it_is_planned_and_only_once(book):
    ordered(book, "aaaaa", 40, "christmas")
    ordered(book, "bbbbb", 9, "seollal")
    assert have(book) == 40
    book.ledger.jobs.cancel("aaaaa", NOW)
    assert have(book) == 0


def test_a_planned_order_counts_its_pictures_and_not_its_wish(book):
    ordered(book, "aaaaa", 40, "christmas")
    titles = {"en": "Christmas", "ko": "크리스마스"}
    with book.ledger.atomic():
        for position, title in enumerate((titles, IDEA.title)):
            idea = book.ledger.jobs.add_idea("aaaaa", position, 0, "dynamic", replace(IDEA, title=title), NOW)
            shot = Shot(id=0, job="aaaaa", idea=idea, prompt="a sea", seed=1, width=64, height=64, chain=("scripted",))
            book.ledger.shots.add(Planned(shot=shot, position=position, stack="s", priority=0), NOW)
    assert have(book) == 40
    book.ledger.jobs.planned("aaaaa", ())
    assert have(book) == 2


def test_what_was_thrown_away_or_never_came_does_not_count(book):
    one, *others = named(book, "aaaaa", ("Christmas 1", "가"), ("Christmas 2", "나"), ("Christmas 3", "다"))
    asset = book.publish(one)
    assert have(book) == 3
    book.ledger.jobs.cancel("aaaaa", NOW)
    assert {book.row(shot)["state"] for shot in others} == {"cancelled"}
    assert have(book) == 1
    book.ledger.assets.judge(asset, "dropped", NOW)
    assert have(book) == 0


def test_a_name_is_words_and_no_operator(book):
    named(book, "aaaaa", ('Labor "Day" picnic', "소풍"))
    assert book.ledger.covered.pictures("labor", ('Labor "Day" (US)', "노동절 (미국)")) == 0
    assert book.ledger.covered.pictures("labor", ("labor day",)) == 1
