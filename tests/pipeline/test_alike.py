"""What says the same is found, and words that can say it otherwise do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from stockgen.pipeline.baskets.alike import FIRST, KEYWORDS, TITLES, Heard, leading, orders, telling

WORDS = tuple(f"word{number}" for number in range(30))
SETS = some.frozensets(some.sampled_from("abcdefghijklmn"), max_size=11)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Calm sea at dawn", "Dawn, at a calm sea", True),
        ("Calm sea at dawn", "Calm seas at dawn", True),
        ("Calm sea at dawn", "Calm sea at noon", False),
        ("A red fox in snow for posters", "A red fox in snow for flyers", False),
        ("Quiet village street in warm evening light", "Quiet village street in warm evening light for posters", False),
        ("one two three four five six seven eight nine", "one two three four five six seven eight nine ten", True),
        ("Sea 2", "Sea 3", True),  # a number says nothing
        ("", "", False),
        ("7", "8", False),
    ],
)
def test_titles_that_say_the_same(one: str, other: str, alike: bool) -> None:
    heard = Heard(TITLES, of_union=True)
    heard.add(telling(one), "one")
    assert (heard.like(telling(other)) == "one") is alike


@pytest.mark.parametrize(("shared", "alike"), [(10, True), (8, True), (7, False)])
def test_keywords_that_say_the_same(shared: int, alike: bool) -> None:
    heard = Heard(KEYWORDS, of_union=False)
    heard.add(leading(WORDS), "one")
    other = [*WORDS[10 : 20 - shared], *WORDS[:shared], *WORDS[20:]]
    assert (heard.like(leading(other)) is not None) is alike


@given(SETS, some.lists(SETS, max_size=20), some.booleans())
def test_nothing_alike_is_overlooked_though_few_are_looked_at(
    words: frozenset[str], others: list[frozenset[str]], of_union: bool
) -> None:
    heard = Heard(0.8, of_union=of_union)
    for number, other in enumerate(others):
        heard.add(other, str(number))

    def share(other: frozenset[str]) -> float:
        whole = len(words | other) if of_union else max(len(words), len(other))
        return len(words & other) / whole if words else 0.0

    assert (heard.like(words) is not None) == any(share(other) >= 0.8 - 1e-9 for other in others)


def test_every_order_has_all_keywords_once_and_the_most_telling_in_front() -> None:
    found = list(orders(WORDS))
    assert found[0] == WORDS
    assert {frozenset(one) for one in found} == {frozenset(WORDS)}
    assert {one[:3] for one in found} == {WORDS[:3]}
    assert {len(one) for one in found} == {len(WORDS)}


def test_thirty_keywords_are_enough_for_many_pictures_of_one_subject() -> None:
    heard, said = Heard(KEYWORDS, of_union=False), 0
    for _ in range(40):
        for one in orders(WORDS):
            if heard.like(leading(one)) is None:
                heard.add(leading(one), "")
                said += 1
                break
    assert said >= 12


@pytest.mark.parametrize("count", [0, 1, 3, FIRST - 1, FIRST])
def test_few_keywords_have_no_other_order(count: int) -> None:
    assert {*map(leading, orders(WORDS[:count]))} == {frozenset(WORDS[:count])}
