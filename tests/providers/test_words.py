"""What an image model is told: the same picture in words that it was trained with, and nothing that it can't read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockgen.data import Shelf
from stockgen.data.catalog import Drawing, load_catalog
from stockgen.data.prompting import load_prompting
from stockgen.domain.errors import ConfigError
from stockgen.providers._diffusion import clip
from stockgen.providers._diffusion.words import Sent, about, sent

RULES, MODELS = load_prompting(Shelf()), load_catalog(Shelf())


def drawing(name: str) -> Drawing:
    found = MODELS[name].drawing
    assert found is not None
    return found


SDXL, FLUX = drawing("sdxl-base"), drawing("flux-schnell")


def tags(prompt: str, negative: str = "") -> Sent:
    """As SDXL is told it."""
    return sent(prompt, negative, SDXL, RULES, exact=False)


def prose(prompt: str) -> str:
    """As FLUX is told it."""
    return sent(prompt, "", FLUX, RULES, exact=False).prompt


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("a red fox in the snow", "a red fox in the snow"),
        ("An image of a red fox, masterpiece, best quality, 8k", "a red fox"),
        ("a red fox, sharp focus in 8k, snow", "a red fox, sharp focus, snow"),
        ("a red fox, ((soft light)), (warm colors:1.3), [[snow]]", "a red fox, soft light, warm colors, snow"),
        ("a red fox BREAK <lora:fox:0.8> snow", "a red fox snow"),
        ("a 1.5 m vase, f/1.8 lens", "a 1.5 m vase, f/1.8 lens"),
        ("masterpiece", "masterpiece"),
        ("no smoking sign on a wall", "no smoking sign on a wall"),
    ],
)
def test_words_that_mean_nothing_to_a_model_are_left_out_and_no_others(written: str, told: str) -> None:
    assert tags(written).prompt == told


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("a photograph of a cat, watercolor illustration, soft light", "a photograph of a cat, soft light"),
        ("city at night, wet street, bright daylight", "city at night, wet street"),
        ("black and white rose, vibrant background, close-up", "black and white rose, close-up"),
        ("day and night over a globe, moonlight", "day and night over a globe, moonlight"),
        ("rainbow after the storm, green hills", "rainbow after the storm, green hills"),
        ("night market, night sky, lanterns", "night market, night sky, lanterns"),
        ("knight in armor, sunny hill", "knight in armor, sunny hill"),
    ],
)
def test_of_two_things_that_exclude_each_other_the_first_holds(written: str, told: str) -> None:
    assert tags(written).prompt == told


def test_what_is_said_to_be_missing_is_not_named_where_it_would_be_drawn() -> None:
    told = tags("quiet street with no people, empty benches, without text or logos", "blurry")
    assert (told.prompt, told.negative) == ("quiet street, empty benches", "blurry, people, text, logos")
    assert prose("quiet street with no people, soft light") == "Quiet street, an empty scene. It is seen in soft light."
    assert sent("a street without people", "blurry", FLUX, RULES, exact=False).negative == ""


def test_a_model_of_captions_gets_sentences_and_one_of_tags_a_list() -> None:
    scene = "cherry blossoms, seen from above, soft morning light, calm mood, paper texture, detailed illustration"
    assert prose(scene) == (
        "Cherry blossoms, seen from above, paper texture. It is seen in soft morning light. The mood is calm. "
        "It is a detailed illustration."
    )
    assert tags(scene).prompt == scene
    written = "A fox sits in the snow, watching. The forest behind it is dark, cold, still."
    assert prose(written) == written


def test_a_prompt_that_is_too_long_ends_with_a_whole_phrase() -> None:
    phrases = [f"a field of wild flowers number {number}" for number in range(90)]
    told = tags(", ".join(phrases)).prompt
    kept = told.split(", ")
    assert kept == phrases[: len(kept)]
    assert 10 < len(kept) < 30
    assert about(told) <= 150
    assert 200 < about(prose(", ".join(phrases))) <= 256
    assert 0 < about(tags("word " * 9000).prompt) <= 150


def test_a_model_whose_entry_says_nothing_is_told_what_its_encoder_suggests() -> None:
    own = {name: one.model_copy(update={"prompts": ""}) for name, one in {"sdxl": SDXL, "flux": FLUX}.items()}
    assert [own[name].lists for name in ("sdxl", "flux")] == [True, False]
    assert SDXL.model_copy(update={"prompts": "sentences"}).lists is False


def test_words_of_praise_stay_with_a_model_that_was_trained_with_them() -> None:
    trained = SDXL.model_copy(update={"quality": ("masterpiece", "best quality")})
    told = sent("a red fox, masterpiece, 8k", "", trained, RULES, exact=False).prompt
    assert told == "a red fox, masterpiece, best quality"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("An image of a (red fox:1.3), masterpiece, 8k", "dropped.diffusion.weights"),
        ("a photograph, watercolor illustration, no people", "dropped.diffusion.negation"),
        ("a photograph, watercolor illustration, night, bright daylight", ""),
        ("8k " * 4000, ""),
    ],
)
def test_a_prompt_of_a_job_file_stays_word_for_word_and_what_it_can_not_do_is_told(written: str, code: str) -> None:
    for model in (SDXL, FLUX):
        told = sent(written, "", model, RULES, exact=True)
        assert (told.prompt, told.told) == (written, (code,) if code else ())


FOREIGN = st.text(alphabet="벚꽃ㅋ가한 漢字かなｱ,.;:()!? abc\n'-1", max_size=60)


@given(FOREIGN, FOREIGN, st.booleans(), st.sampled_from([SDXL, FLUX]))
def test_no_letter_that_an_english_encoder_can_not_read_ever_reaches_it(
    prompt: str, negative: str, exact: bool, model: Drawing
) -> None:
    told = sent(prompt, negative, model, RULES, exact=exact)
    assert not [sign for sign in told.prompt + told.negative if ord(sign) > 0x1100]
    if not any("가" <= sign <= "힣" or sign in "ㅋ漢字かなｱ" for sign in prompt):
        assert not told.told or exact


@given(st.text(st.characters(max_codepoint=0x10FF), max_size=200), st.sampled_from([SDXL, FLUX]))
def test_any_text_can_be_told(text: str, model: Drawing) -> None:
    once = sent(text, "", model, RULES, exact=False).prompt
    assert sent(text, "", model, RULES, exact=True).prompt == text
    assert any(sign.isalnum() for sign in once) or not any(sign.isalnum() for sign in text)


class Tokenizer:
    """A token for each word and sign, as CLIP marks them."""

    def __call__(self, text: str, **_: object) -> SimpleNamespace:
        return SimpleNamespace(input_ids=re.findall(r"\w+|[^\w\s]", text))

    def convert_ids_to_tokens(self, ids: Sequence[str]) -> list[str]:
        return [f"{one}</w>" for one in ids]


@pytest.mark.parametrize("sign", [", ", ". ", "; "])
def test_no_phrase_is_torn_between_two_pieces_of_a_clip_prompt(sign: str) -> None:
    phrases = ["a very tall old pine tree on the far side of a wide and quiet mountain lake at dawn"] * 9
    cut = clip.pieces(Tokenizer(), sign.join(phrases))
    assert len(cut) > 2
    assert all(len(piece) <= 75 and piece[-1] == sign.strip() for piece in cut[:-1])
    assert {piece[0] for piece in cut} == {"a"}


def test_a_sentence_without_signs_is_cut_before_a_word_that_joins_phrases() -> None:
    text = " ".join(["old pine trees of a forest", "with cups of green tea"] * 12)
    cut = clip.pieces(Tokenizer(), text)
    assert [piece[0] for piece in cut[1:]] == ["with"] * (len(cut) - 1)
    assert " ".join(word for piece in cut for word in piece) == text


def test_an_encoder_that_reads_korean_gets_it() -> None:
    reader = FLUX.model_copy(update={"foreign": True})
    assert sent("벚꽃 터널", "", reader, RULES, exact=False) == Sent("벚꽃 터널", "")


def test_korean_counts_as_the_tokens_that_it_takes_so_that_its_end_is_cut_by_us_not_by_the_encoder() -> None:
    assert about("벚꽃") == 2
    assert about("a tree, 벚꽃tree") == 6
    reader = FLUX.model_copy(update={"foreign": True, "tokens": 40})
    told = sent(", ".join(["바람에 흩날리는 벚꽃"] * 9), "", reader, RULES, exact=False).prompt
    assert about(told) <= 40
    assert told.startswith("바람에 흩날리는 벚꽃")


def test_a_slip_in_ones_own_rules_is_told_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "vocabulary").mkdir()
    own = tmp_path / "vocabulary" / "prompting.yaml"
    own.write_text("instead: {cars: an empty road}\n", encoding="utf-8")
    assert {"cars", "people"} <= load_prompting(Shelf(tmp_path)).instead.keys()
    own.write_text("quality: 8k\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        load_prompting(Shelf(tmp_path))
