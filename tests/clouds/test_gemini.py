"""Google's wire: what is answered field for field, and what is rejected, as its own SDK sees it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from tests.clouds import Clouds
from tests.clouds.sdk import ask_gemini, gemini_client


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_a_google_answer_is_a_jpeg_of_the_size_asked(clouds: Clouds, version: str) -> None:
    with gemini_client(clouds, version=version) as client:
        answer = ask_gemini(client, "a red fox", aspect_ratio="3:2", image_size="2K").value
    (part,) = answer.parts
    assert part.inline_data.mime_type == "image/jpeg"
    assert Image.open(io.BytesIO(part.inline_data.data)).size == (2528, 1696)
    usage = answer.usage_metadata
    assert (usage.prompt_token_count, usage.candidates_token_count, usage.total_token_count) == (3, 1680, 1683)
    assert [one.modality.value for one in usage.candidates_tokens_details] == ["IMAGE"]
    assert answer.model_version == "gemini-nano-banana-2.1"
    assert answer.response_id
    assert clouds.arrivals[-1].micros == 1680 * 30 + 5  # 3 tokens at 1.50 USD are 4.5 micro-USD


GOOGLE_REJECTS: list[tuple[dict[str, Any], int, str]] = [
    ({"model": "imagen-4.0-generate-001"}, 404, "no longer available"),
    ({"model": "gemini-9-image"}, 404, "is not found for API version v1,"),
    ({"aspect_ratio": "7:5"}, 400, "aspect_ratio"), ({"image_size": "8K"}, 400, "image_size"),
    ({"model": "gemini-3.1-flash-lite-image", "image_size": "2K"}, 400, "image_size"),
]  # fmt: skip


@pytest.mark.parametrize(("wish", "code", "words"), GOOGLE_REJECTS)
def test_google_rejects(google: Any, wish: dict[str, Any], code: int, words: str) -> None:
    error = ask_gemini(google, "a fox", **wish).error
    assert error.code == code
    assert words in error.message


@pytest.mark.parametrize("reason", ["SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "IMAGE_SAFETY", "OTHER"])
def test_a_prompt_that_google_blocks_has_no_candidates(clouds: Clouds, google: Any, reason: str) -> None:
    clouds.script("gemini", f"blocked:{reason}")
    answer = ask_gemini(google, "a fox").value
    assert (answer.candidates, answer.parts) == (None, None)
    assert answer.prompt_feedback.block_reason.value == reason


REASONS = ["IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "NO_IMAGE", "IMAGE_OTHER", "MAX_TOKENS",
           "PROHIBITED_CONTENT", "A_REASON_OF_TOMORROW"]  # fmt: skip


@pytest.mark.filterwarnings("ignore:A_REASON_OF_TOMORROW")
@pytest.mark.parametrize("reason", REASONS)
def test_a_picture_that_google_withholds_is_a_reason_without_parts(clouds: Clouds, google: Any, reason: str) -> None:
    clouds.script("gemini", f"finished:{reason}")
    answer = ask_gemini(google, "a fox").value
    assert answer.parts is None
    assert answer.candidates[0].finish_reason.value == reason
    assert answer.candidates[0].finish_message is None


def test_answers_of_google_that_ended_well_may_have_no_picture(clouds: Clouds, google: Any) -> None:
    clouds.script("gemini", "empty_parts", "no_content", "text_only")
    empty, without, words = (ask_gemini(google, "a fox").value for _ in range(3))
    assert {one.candidates[0].finish_reason.value for one in (empty, without, words)} == {"STOP"}
    assert (empty.parts, without.parts, without.candidates[0].content) == ([], None, None)
    assert [(part.inline_data, bool(part.text)) for part in words.parts] == [(None, True)]


def test_a_spent_minute_and_a_spent_day_differ_by_the_quotas_name_alone(clouds: Clouds, google: Any) -> None:
    clouds.script("gemini", "per_minute:30", "per_day")
    found = [ask_gemini(google, "a fox").error.details["error"]["details"] for _ in range(2)]
    parts = [{one["@type"].rpartition(".")[2]: one for one in details} for details in found]
    assert [one["RetryInfo"]["retryDelay"] for one in parts] == ["30s", "37s"]
    names = [one["QuotaFailure"]["violations"][0]["quotaId"] for one in parts]
    assert ["PerDay" in name for name in names] == [False, True]
