"""Pictures are found by what somebody remembers of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ledger.book import IDEA, Book

WORDS = [
    ("Cherry blossom petals", "벚꽃 잎이 날리는 배경", ("spring", "pink"), ("봄", "분홍색")),
    ("Cherries in a bowl", "그릇에 담긴 체리", ("fruit",), ("과일", "여름")),
    ("Tteokguk", "떡국 한 그릇", ("rice cake soup",), ("설날", "새해")),
]


@pytest.fixture
def shelf(book: Book) -> Book:
    """Three pictures with words of their own."""
    ideas = [
        replace(IDEA, title={"en": en, "ko": ko}, tags={"en": tags_en, "ko": tags_ko})
        for en, ko, tags_en, tags_ko in WORDS
    ]
    for shot in book.job(count=len(ideas), ideas=ideas):
        book.publish(shot)
    return book


def test_a_korean_word_is_found_with_its_particle_and_an_english_one_in_any_number(shelf):
    assert found(shelf, "벚꽃") == ["Cherry blossom petals"]
    assert found(shelf, "분홍") == ["Cherry blossom petals"]
    assert found(shelf, "petal") == ["Cherry blossom petals"]
    assert found(shelf, "그릇") == ["Tteokguk", "Cherries in a bowl"]


def test_every_word_must_be_there(shelf):
    assert found(shelf, "cherry spring") == ["Cherry blossom petals"]
    assert found(shelf, "cherry 과일") == ["Cherries in a bowl"]
    assert found(shelf, "떡국 pink") == []


@pytest.mark.parametrize(
    "words", ['"', "* AND (", "cherry NOT", "a:b", "-", "", "'; DROP TABLE ideas", "NEAR(a b)", "^"]
)
def test_what_somebody_types_is_never_an_operator(shelf, words):
    assert isinstance(found(shelf, words), list)


def test_a_title_that_was_changed_is_found_by_its_new_words_alone(shelf):
    shelf.ledger._db.write("UPDATE ideas SET title_ko = '새해 국' WHERE title_en = 'Tteokguk'")
    assert found(shelf, "그릇") == ["Cherries in a bowl"]
    assert found(shelf, "국 새해") == ["Tteokguk"]


def test_only_as_many_as_were_asked_for(shelf):
    assert len(shelf.ledger.finding.pictures("sea", 2)) == 2


def found(book: Book, words: str) -> list[str]:
    return [row["title_en"] for row in book.ledger.finding.pictures(words, 10)]
