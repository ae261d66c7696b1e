"""Prompts of any length reach the model whole, or it is told how much did not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from stockgen.gpu.embeddings import Embeddings, Encoded
from stockgen.providers._diffusion import clip
from tests.gpu import tiny
from tests.gpu.conftest import Studio

Make = Callable[..., Studio]
LONG = ", ".join(["quiet lake", "pine trees", "morning mist"] * 12)  # one token a letter: some 400


@pytest.fixture(scope="module")
def pipe(models: Path) -> Any:
    import diffusers

    return diffusers.DiffusionPipeline.from_pretrained(models / "sdxl", local_files_only=True)


def embedded(pipe: Any, text: str, count: int = 1) -> Any:
    with torch.inference_mode():
        return clip.embedded([pipe.tokenizer, pipe.tokenizer_2], [pipe.text_encoder, pipe.text_encoder_2], text, count)


@pytest.mark.parametrize("text", ["a red fox", "", "x" * 75])
def test_a_prompt_that_fits_is_encoded_to_the_bit_as_diffusers_does(pipe: Any, text: str) -> None:
    with torch.inference_mode():
        want, _, pooled, _ = pipe.encode_prompt(text, device="cpu", do_classifier_free_guidance=False)
    ours, own = embedded(pipe, text)
    assert torch.equal(ours, want)
    assert torch.equal(own, pooled)


def test_the_last_word_of_a_long_prompt_still_changes_the_picture(pipe: Any) -> None:
    one, _ = embedded(pipe, f"{LONG}, fox")
    other, _ = embedded(pipe, f"{LONG}, owl")
    assert one.shape == other.shape
    assert one.shape[1] > 77
    assert one.shape[1] % 77 == 0
    assert not torch.equal(one, other)


def test_no_letter_of_a_long_prompt_is_lost(pipe: Any) -> None:
    whole = pipe.tokenizer(LONG, add_special_tokens=False, verbose=False).input_ids
    assert [token for piece in clip.pieces(pipe.tokenizer, LONG) for token in piece] == whole


def test_a_long_prompt_is_cut_between_phrases_and_never_within_a_word() -> None:
    tokenizer = tiny.clip_tokenizer()
    parts = [tokenizer.convert_ids_to_tokens(piece) for piece in clip.pieces(tokenizer, LONG)]
    assert all(len(part) <= 75 for part in parts)
    assert all(part[-1] == ",</w>" for part in parts[:-1])
    without = [tokenizer.convert_ids_to_tokens(piece) for piece in clip.pieces(tokenizer, LONG.replace(",", ""))]
    assert all(part[-1].endswith("</w>") for part in without)
    assert [len(piece) for piece in clip.pieces(tokenizer, "x" * 200)] == [75, 75, 50]


def test_a_short_negative_prompt_is_as_long_as_a_long_prompt(studio: Make) -> None:
    one = studio()
    outcomes = one.draw(one.provider("sdxl", model="tiny-sdxl"), 2, prompt=LONG, negative_prompt="blurry")
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert outcomes[0].facts["pieces"] > 1


def test_flux_reads_longer_prompts_than_it_was_trained_for_and_tells_what_it_can_not_read(studio: Make) -> None:
    one = studio()
    provider = one.provider("flux", model="tiny-flux")
    assert "cut" not in one.draw(provider, 1, prompt="x" * 300)[0].facts
    facts = one.draw(provider, 1, prompt="x" * 600)[0].facts
    assert facts["tokens"] - 512 == facts["cut"] > 0


def test_kept_prompts_take_no_more_memory_than_they_may() -> None:
    kept = Embeddings(most=1000)
    for number in range(10):
        kept.put(number, Encoded({"embeds": torch.zeros(50), "none": None}))  # 200 bytes
    kept.put(9, Encoded({"embeds": torch.zeros(50)}))
    assert [kept.get(number) is not None for number in range(10)] == [False] * 5 + [True] * 5
