"""Shipped data can be trusted, and a slip in the user's own files is told, not swallowed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from string import Formatter

import pytest

from stockgen.data import Shelf
from stockgen.data.catalog import load_catalog
from stockgen.data.closed import Closed, parsed
from stockgen.data.market import Market, load_all, load_markets
from stockgen.data.palettes import families, palettes
from stockgen.data.vocabulary import Vocabulary, plain
from stockgen.data.vocabulary_files import load_vocabulary
from stockgen.domain.errors import ConfigError
from stockgen.modes import material
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


def test_a_market_of_ones_own_stands_beside_the_shipped_ones(tmp_path: Path) -> None:
    mine = """
titles: {en: Mine, ko: 내 것}
accepts_ai: true
verified_at: 2026-11-26
sources: [mine]
formats: {background: jpeg}
pixels: {}
max_bytes: 1000
language: ko
title: {max_chars: 9}
keywords: {min: 1, max: 2}
per_motif: 1
per_week: 1
basket: 1
csv: {columns: {Name: file}}
"""
    markets = load_markets(own(tmp_path, "markets", "mine", mine))
    assert markets["mine"].limits("photo").take(1, 99_999)
    assert len(markets) == 7


def test_a_market_can_be_closed_and_its_other_rules_do_not_disturb(tmp_path: Path) -> None:
    text = "accepts_ai: false\nclosed_reason: {en: blocked, ko: 막힘}\n"
    open_, closed = load_all(own(tmp_path, "markets", "adobe_stock", text))
    assert "adobe_stock" not in open_
    assert closed["adobe_stock"].closed_reason.ko == "막힘"


def test_one_word_never_means_two_markets(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="미리캔버스"):
        load_markets(own(tmp_path, "markets", "pond5", "aliases: [미리 캔버스]"))


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("csv: {columns: {About: description}}", "description"),
        ("csv: {columns: {Type: content_type}}", "content_types"),
        ("csv: {columns: {Paid: tier}}", "tiers"),
        ("formats: {photo: jpeg}\ncontent_types: {background: B}\ncsv: {columns: {T: content_type}}", "content_types"),
    ],
)
def test_a_column_that_nothing_could_fill_is_told(tmp_path: Path, text: str, lacks: str) -> None:
    with pytest.raises(ConfigError, match=lacks):
        load_markets(own(tmp_path, "markets", "adobe_stock", text))


@pytest.mark.parametrize(
    ("kind", "name", "text", "key"),
    [
        ("markets", "adobe_stock", "pixels: {max_megapixel: 50}", "pixels.max_megapixel"),
        ("markets", "adobe_stock", "per_week: many", "per_week"),
        ("markets", "adobe_stock", "title: {allowed: 'z-a'}", "title.allowed"),
        ("markets", "adobe_stock", "csv: {columns: {Title: titel}}", "csv.columns.Title.of_picture"),
        (
            "markets",
            "adobe_stock",
            "clicks: [{id: ai, when: {look: [ai]}, say: {en: a, ko: b}}]",
            "clicks.0.when.look.0",
        ),
        ("markets", "vecteezy", "tiers: {Gold: gold}", "tiers.Gold.[key]"),
        ("markets", "shutterstock", "closed_reson: {en: a, ko: b}", "closed_reson"),
        ("catalog", "procedural", "procedural: {price: 3}", "procedural.price"),
        ("vocabulary", "subjects", "coffee: {colour: brown}", "coffee.colour"),
        ("vocabulary", "styles", "flat: {promt: x}", "flat.promt"),
        ("vocabulary", "categories", "food: {id: 7}", "food.id"),
        ("vocabulary", "phrases", "tempers: {}", "tempers"),
        ("vocabulary", "phrases", "drawn: {descriptions_en: ['a {colour} one']}", "drawn.descriptions_en"),
        ("vocabulary", "groups", "fruit: {colour: red}", "fruit.colour"),
        ("vocabulary", "words", "red: 빨간", "red"),
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


def test_a_word_of_ones_own_is_not_taken_away_by_a_shipped_subject(tmp_path: Path) -> None:
    mine = "petals: {en: my petals, ko: 벚꽃, category: plants, palettes: [sakura]}"
    shelf = own(tmp_path, "vocabulary", "subjects", mine)
    assert material(load_vocabulary(shelf), palettes(shelf), families(shelf), {}).reader.read("벚꽃").en == "my petals"


def test_two_subjects_of_ones_own_that_share_a_word_are_told(tmp_path: Path) -> None:
    one = "{en: %s, ko: 연필깎이, category: plants, palettes: [sakura]}"
    with pytest.raises(ConfigError, match="연필깎이"):
        load_vocabulary(own(tmp_path, "vocabulary", "subjects", f"a: {one % 'a'}\nb: {one % 'b'}"))


@pytest.mark.parametrize("wrong", ["category: toys", "palettes: [ski]", "lights: [neon]", "group: toys"])
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


@pytest.mark.parametrize("market", load_markets(Shelf()).values(), ids=load_markets(Shelf()))
def test_the_steps_by_hand_say_everything_once_in_both_languages(market: Market) -> None:
    for language in ("en", "ko"):
        told = [
            place for step in market.steps for _, place, _, _ in Formatter().parse(getattr(step, language)) if place
        ]
        assert {place: told.count(place) for place in ("pictures", "count", "clicks")} == {
            "pictures": 1, "count": 1, "clicks": 1,
        }  # fmt: skip
        assert "csv" in told
        assert {*told} <= {"pictures", "csv", "count", "clicks"}
    assert all(has_hangul(step.ko) for step in market.steps)
    assert all(
        has_hangul(click.say.ko) or "AI images" in click.say.ko or '"Images"' in click.say.ko for click in market.clicks
    )


@pytest.mark.parametrize("market", load_markets(Shelf()).values(), ids=load_markets(Shelf()))
def test_no_keyword_can_hold_what_parts_keywords(market: Market) -> None:
    assert market.keywords.forbidden_in(market.keywords.separator.strip()) == (market.keywords.separator.strip(),)


@pytest.mark.parametrize("market", load_markets(Shelf()).values(), ids=load_markets(Shelf()))
def test_every_category_has_its_place_in_every_market_that_has_categories(
    market: Market, vocabulary: Vocabulary
) -> None:
    assert set(market.categories) in (set(), set(vocabulary.categories))


def test_what_was_made_by_a_model_is_always_declared_somewhere() -> None:
    for market in load_markets(Shelf()).values():
        for kind in market.formats:
            asked = {click.id for click in market.clicks_for("diffusion", kind)}
            assert "ai" in asked, market.name
            drawn = {click.id for click in market.clicks_for("drawn", kind)}
            assert drawn, market.name  # a step says what to tick: something must stand there
            assert "ai" not in drawn, market.name
