"""Shipped data can be trusted, and a slip in the user's own files is told, not swallowed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from string import Formatter

import pytest

from stockgen.data import Shelf
from stockgen.data.catalog import load_catalog
from stockgen.data.closed import Closed, parsed
from stockgen.data.market import load_markets
from stockgen.data.palettes import families, palettes
from stockgen.data.vocabulary import Vocabulary, load_vocabulary, plain
from stockgen.domain.errors import ConfigError
from stockgen.modes.wording import has_hangul


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(Shelf())


def own(folder: Path, kind: str, name: str, text: str) -> Shelf:
    (folder / kind).mkdir(parents=True)
    (folder / kind / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Shelf(folder)


def test_a_limit_in_my_folder_wins_over_the_shipped_one(tmp_path: Path) -> None:
    shelf = own(tmp_path, "markets", "adobe_stock", "pixels: {max_megapixels: 50}\nper_week: 500\n")
    adobe = load_markets(shelf)["adobe_stock"]
    assert (adobe.pixels.max_megapixels, adobe.pixels.min_megapixels, adobe.per_week) == (50, 4, 500)


@pytest.mark.parametrize(
    ("kind", "name", "text", "key"),
    [
        ("markets", "adobe_stock", "pixels: {max_megapixel: 50}", "pixels.max_megapixel"),
        ("markets", "adobe_stock", "per_week: many", "per_week"),
        ("catalog", "procedural", "procedural: {price: 3}", "procedural.price"),
        ("vocabulary", "subjects", "coffee: {colour: brown}", "coffee.colour"),
        ("vocabulary", "styles", "flat: {promt: x}", "flat.promt"),
        ("vocabulary", "categories", "food: {id: 7}", "food.id"),
        ("vocabulary", "phrases", "tempers: {}", "tempers"),
        ("vocabulary", "phrases", "drawn: {description_en: 'a {colour} one'}", "drawn.description_en"),
    ],
)
def test_a_slip_is_told_with_file_and_key(tmp_path: Path, kind: str, name: str, text: str, key: str) -> None:
    load = {"markets": load_markets, "catalog": load_catalog, "vocabulary": load_vocabulary}[kind]
    with pytest.raises(ConfigError) as caught:
        load(own(tmp_path, kind, name, text))
    (told,) = caught.value.remarks
    assert told.facts["path"] == f"{kind}/{name}.yaml"
    assert told.facts["detail"].startswith(f"{key}: ")


def test_all_faults_of_a_file_are_told_at_once() -> None:
    class Shape(Closed):
        side: int

    with pytest.raises(ConfigError) as caught:
        parsed(Shape, "shapes.yaml", {"sid": 1})
    assert {told.facts["detail"].split(":")[0] for told in caught.value.remarks} == {"side", "sid"}


def test_a_subject_of_ones_own_is_known(tmp_path: Path) -> None:
    mine = "kite: {en: kite, ko: 연, category: hobbies, palettes: [sky]}"
    assert load_vocabulary(own(tmp_path, "vocabulary", "subjects", mine)).subjects["kite"].ko == "연"


@pytest.mark.parametrize("wrong", ["category: toys", "palettes: [ski]", "lights: [neon]", "words: [벚꽃]"])
def test_a_subject_that_points_nowhere_is_refused(tmp_path: Path, wrong: str) -> None:
    mine = {"category": "hobbies", **dict([wrong.split(": ")])}
    text = "kite: {en: kite, ko: 연, " + ", ".join(f"{key}: {value}" for key, value in mine.items()) + "}"
    with pytest.raises(ConfigError, match="kite"):
        load_vocabulary(own(tmp_path, "vocabulary", "subjects", text))


def test_one_word_never_means_two_models(tmp_path: Path) -> None:
    entry = "{title: {en: a, ko: 가}, provider: p, licence: MIT, sellable: true, look: drawn, source: s, %s}"
    with pytest.raises(ConfigError, match="그림"):
        load_catalog(own(tmp_path, "catalog", "mine", "other: " + entry % "aliases: [그림]"))


def test_the_drawn_pictures_may_be_sold_and_are_found_by_korean_names() -> None:
    drawn = load_catalog(Shelf())["procedural"]
    assert (drawn.provider, drawn.look, drawn.sellable) == ("procedural", "drawn", True)
    assert {"그림", "패턴", "drawn"} <= set(drawn.aliases)


def test_every_subject_points_to_things_that_exist(vocabulary: Vocabulary) -> None:
    colours = palettes(Shelf())
    for key, subject in vocabulary.subjects.items():
        assert subject.palettes, key
        assert set(subject.palettes) <= set(colours), key
        assert set(subject.lights) <= set(vocabulary.phrases.lights), key
        assert subject.category in vocabulary.categories, key


def test_no_two_subjects_share_a_word(vocabulary: Vocabulary) -> None:
    words = Counter(
        word for each in vocabulary.subjects.values() for word in {plain(w) for w in (each.en, each.ko, *each.words)}
    )
    assert [word for word, times in words.items() if times > 1] == []


def test_every_subject_can_be_found_by_buyers_in_both_languages(vocabulary: Vocabulary) -> None:
    for key, subject in vocabulary.subjects.items():
        for tags in (subject.tags_en, subject.tags_ko):
            assert len(set(tags)) == len(tags) >= 8, key


def test_korean_tags_are_korean_and_english_ones_are_not(vocabulary: Vocabulary) -> None:
    phrases = vocabulary.phrases
    parts = [*vocabulary.subjects.values(), *vocabulary.styles.values(), *phrases.kinds.values()]
    parts += [
        *phrases.compositions.values(),
        *phrases.lights.values(),
        *phrases.moods.values(),
        *phrases.uses.values(),
    ]
    for part in parts:
        assert all(has_hangul(tag) for tag in part.tags_ko if tag != "3D"), part
        assert part.tags_en, part
        assert not any(has_hangul(tag) for tag in (*part.tags_en, part.en)), part


def test_categories_are_the_21_of_adobe_and_are_found_by_any_name(vocabulary: Vocabulary) -> None:
    adobe = load_markets(Shelf())["adobe_stock"]
    assert set(adobe.categories) == set(vocabulary.categories)
    assert sorted(int(number) for (number,) in adobe.categories.values()) == list(range(1, 22))
    assert vocabulary.category("식물과 꽃") == vocabulary.category("Plants") == "plants"
    assert vocabulary.category("nonsense") == "graphic_resources"


def test_no_word_names_two_categories(vocabulary: Vocabulary) -> None:
    words = [
        plain(word)
        for key, each in vocabulary.categories.items()
        for word in {plain(w) for w in (key, each.en, each.ko, *each.words)}
    ]
    assert len(words) == len(set(words))


def test_distinguishing_words_never_change_what_is_drawn(vocabulary: Vocabulary) -> None:
    shelf = Shelf()
    drawn = {word for each in (*palettes(shelf).values(), *families(shelf).values()) for word in each.words}
    told = {
        word
        for part in (*vocabulary.phrases.uses.values(), *vocabulary.phrases.moods.values())
        for word in part.en.split()
    }
    assert not told & drawn


def test_what_adobe_forbids_is_never_said(vocabulary: Vocabulary) -> None:
    adobe = load_markets(Shelf())["adobe_stock"]
    assert set(adobe.title.forbidden_words) <= set(vocabulary.phrases.unsaid)


def test_the_steps_by_hand_use_only_places_that_are_filled() -> None:
    for market in load_markets(Shelf()).values():
        for step in market.steps:
            places = [{place for _, place, _, _ in Formatter().parse(text) if place} for text in (step.en, step.ko)]
            assert places[0] == places[1] <= {"pictures", "csv", "count", "clicks"}
