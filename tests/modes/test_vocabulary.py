"""The vocabulary understands what contributors write, every entry of it can be reached, and Korean keeps its sense.

`job_words.txt`: subjects as people write them in job files, two thirds Korean, written before the vocabulary grew. Its
every third line was not looked at when words were added. Both were written by one hand, so strangers' words do worse.
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import islice
from pathlib import Path
from random import Random

import pytest
import yaml

from stockgen.data import Shelf
from stockgen.data.palettes import families, palettes
from stockgen.data.vocabulary_files import load_vocabulary
from stockgen.domain.words import Idea, Order
from stockgen.modes import material, modes
from stockgen.modes.likeness import likeness
from stockgen.modes.reading import Reading
from stockgen.modes.scenes import scene_ideas
from stockgen.modes.wording import has_hangul, is_latin

SHELF = Shelf()
VOCABULARY = load_vocabulary(SHELF)
DATA = material(VOCABULARY, palettes(SHELF), families(SHELF), {})
MODES = modes(DATA)
READ = DATA.reader.read
JOB_WORDS = (Path(__file__).parent / "job_words.txt").read_text(encoding="utf-8").splitlines()
HELD_OUT = JOB_WORDS[2::3]


@pytest.fixture(scope="module")
def scenes() -> list[Idea]:
    """One idea of every subject, of each kind of picture in turn."""
    kinds = ("background", "illustration", "photo", "element")
    subjects = list(VOCABULARY.subjects.values())
    made: list[Idea] = []
    for number, kind in enumerate(kinds):
        readings = [Reading.of(subject) for subject in subjects[number :: len(kinds)]]
        order = Order(mode="random", count=1, kind=kind)
        made += scene_ideas(DATA, order, readings, Random(number))
    return made


def share(lines: list[str]) -> float:
    words = [word for line in lines for word in line.split() if has_hangul(word)]
    return 1 - sum(len(READ(line).unknown) for line in lines) / len(words)


def test_what_people_write_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    seen = [line for number, line in enumerate(JOB_WORDS, 1) if number % 3]
    named = sum(bool(READ(line).subjects) for line in HELD_OUT) / len(HELD_OUT)
    with capsys.disabled():
        sys.stdout.write(
            f"\nKorean words understood: {share(seen):.1%} seen, {share(HELD_OUT):.1%} held out; "
            f"with a subject: {named:.1%}\n"
        )
    assert len(JOB_WORDS) >= 300
    assert sum(map(has_hangul, JOB_WORDS)) >= 2 / 3 * len(JOB_WORDS)
    assert share(HELD_OUT) >= 0.95
    assert named >= 0.95


def test_the_files_that_others_collected_are_understood_too() -> None:
    corpus = Path(__file__).parents[1] / "jobfile" / "corpus" / "expected.yaml"
    found = yaml.safe_load(corpus.read_text(encoding="utf-8")).values()
    lines = {
        order.split(" ×")[0].split(" ", 1)[1]
        for one in found
        for order in one.get("orders", ())
        if "exact" not in order
    }
    assert share([line for line in lines if has_hangul(line)]) >= 0.9


def test_it_is_large_and_a_third_of_it_is_korean_culture() -> None:
    korean = {key for name in SHELF.names("vocabulary/subjects") if name.startswith("korea")
              for key in SHELF.load("vocabulary/subjects", name)}  # fmt: skip
    assert len(VOCABULARY.subjects) >= 450
    assert len(korean) >= 150


@pytest.mark.parametrize("part", ["subjects", "styles"])
def test_every_entry_is_found_by_each_of_its_words(part: str) -> None:
    for key, entry in getattr(VOCABULARY, part).items():
        for word in (entry.en, entry.ko, *entry.words):
            reading = READ(word)
            found = reading.subjects if part == "subjects" else (*reading.styles, *reading.subjects, *reading.words)
            assert found or reading.palettes or reading.families, (key, word)
            assert part == "styles" or entry in found, (key, word, reading)


@pytest.mark.parametrize("room", ["copy space", "free space on the left", "empty space", "negative space", "빈 공간"])
def test_room_for_words_is_no_outer_space(room: str) -> None:
    assert [one.en for one in READ(f"a cup with {room}, soft light").subjects] == ["cup"]
    assert READ("a rocket in space").subjects[-1].en == "planets in space"


def test_every_word_that_stands_beside_a_subject_is_said_in_english() -> None:
    for en, forms in VOCABULARY.words.items():
        for form in forms:
            assert is_latin(READ(f"{form} 떡국").prompt), form
            assert READ(f"{form} 떡국").unknown == (), (en, form)


def test_a_draw_uses_every_subject_composition_light_mood_style_and_use(scenes: list[Idea]) -> None:
    prompts = "\n".join(idea.prompt for idea in scenes)
    extended = islice(scene_ideas(DATA, Order(mode="random", count=1), [READ("벚꽃")] * 600, Random(3)), 500, None)
    said = "\n".join(text for idea in (*scenes, *extended) for text in (idea.prompt, *idea.description.values()))
    phrases = VOCABULARY.phrases
    for part in (phrases.compositions, phrases.lights, phrases.moods, phrases.uses):
        assert [key for key, entry in part.items() if entry.en not in said] == []
    assert [key for key, one in VOCABULARY.subjects.items() if one.told not in prompts] == []
    assert [key for key, one in VOCABULARY.styles.items() if one.kinds and one.prompt not in prompts] == []
    for key, style in VOCABULARY.styles.items():
        (idea,) = MODES["keyword"](
            Order(mode="keyword", count=1, subject="떡국", style=style.ko), "diffusion", 1, Random(1)
        )
        assert style.prompt in idea.prompt, key


def test_every_idea_can_be_sold_in_both_languages(scenes: list[Idea]) -> None:
    for idea in scenes:
        for language in ("en", "ko"):
            title, tags = idea.title[language], idea.tags[language]
            assert 0 < len(title) <= 70
            assert 15 <= len(tags) <= 49
            assert Counter(map(likeness, tags)).most_common(1)[0][1] == 1, tags
            assert idea.description[language][:1].isupper() or language == "ko"
        assert is_latin(idea.prompt + idea.title["en"] + "".join(idea.tags["en"])), idea
        assert not set("abcdefghijklmnopqrstuvwxyz") & set(idea.title["ko"].casefold().replace("3d", "")), idea.title
        assert idea.category in VOCABULARY.categories
        assert idea.root.startswith("scene/")


def test_korean_sentences_have_no_particle_that_depends_on_a_word(scenes: list[Idea]) -> None:
    for idea in scenes:
        said = idea.description["ko"]
        assert not any(wrong in said for wrong in ("구도으로", "구도이라", "트으로", "사으로", "소으로", "경으로"))


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("벚꽃배경", "cherry blossom"),
        ("겨울산", "winter mountain ridge"),
        ("봄나들이를", "picnic basket on a blanket"),
        ("따뜻하게 빛나는 등불", "warm glowing hanji paper lantern"),
        ("빨간 장미", "red rose"),
        ("추석 보름달", "Chuseok full moon"),
        ("사과 세 개", "red apples three"),
        ("사자", "lion"),
        ("바다 풍경", "sea waves"),
        ("단청 무늬 패턴", "dancheong pattern"),
        ("나무 테이블 위 커피", "coffee cup on a wooden table"),
        ("수채화 수국", "watercolor hydrangea"),
        ("양말", ""),
        ("책방문", ""),
        ("한국말", ""),
        ("예쁜 배경", "abstract shapes"),
    ],
)
def test_korean_is_read_as_it_was_meant(text: str, english: str) -> None:
    assert READ(text).en == english


def test_a_model_is_told_what_to_draw_where_a_korean_name_tells_it_nothing() -> None:
    (idea,) = MODES["keyword"](Order(mode="keyword", count=1, subject="떡국"), "diffusion", 1, Random(1))
    assert idea.prompt.startswith("tteokguk, Korean rice cake soup in a white bowl")
    assert "tteokguk" in idea.title["en"].casefold()
    assert idea.tags["ko"][0] == "떡국"


def test_a_style_that_the_subject_names_is_used() -> None:
    made = MODES["keyword"](Order(mode="keyword", count=5, subject="수채화 장미"), "diffusion", 5, Random(1))
    assert all("soft watercolor painting" in idea.prompt for idea in made)


def test_variants_of_one_subject_and_view_are_one_motif_whatever_its_words() -> None:
    korean, english = (
        {
            idea.root
            for idea in MODES["keyword"](Order(mode="keyword", count=1, subject=text), "diffusion", 60, Random(1))
        }
        for text in ("벚꽃", "cherry blossoms")
    )
    assert korean == english
    assert len(korean) == len(VOCABULARY.phrases.compositions)
    assert "scene/cherry blossom/close_up" in korean


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("maple leaf", "maple leaves", False),
        ("cherry blossom", "Cherry-Blossoms", True),
        ("berries", "berry", True),
        ("copy space", "copyspace", True),
        ("colour", "colors", True),
        ("baking", "baked", True),
        ("glass", "glasses", True),
        ("string", "strong", False),
        ("가을 숲", "가을숲", True),
        ("모던", "모던한", True),
        ("로맨틱", "로맨틱한", True),
        ("국", "한국", False),
        ("bus", "business", False),
    ],
)
def test_tags_that_a_reviewer_calls_the_same_are_one(one: str, other: str, same: bool) -> None:
    assert (likeness(one) == likeness(other)) is same
