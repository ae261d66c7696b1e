"""OpenAI's wire: what is answered field for field, and what is rejected, as its own SDK sees it."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import pytest
from PIL import Image

from tests.clouds import Clouds
from tests.clouds.sdk import ask_gemini, ask_openai, gemini_client, openai_client, told

IMAGES = "openai.types.images_response.ImagesResponse"


def test_an_openai_answer_tells_what_was_asked_and_used(clouds: Clouds, chatgpt: Any) -> None:
    (answer,) = [ask_openai(chatgpt, "a red fox!!", n=2, size="1152x864", quality="medium", output_format="webp").value]
    pictures = [Image.open(io.BytesIO(base64.b64decode(one.b64_json))) for one in answer.data]
    assert [(one.size, one.format) for one in pictures] == [((1152, 864), "WEBP")] * 2
    told_back = (answer.background, answer.output_format, answer.quality, answer.size)
    assert told_back == ("opaque", "webp", "medium", "1152x864")
    usage = answer.usage
    assert (usage.input_tokens, usage.input_tokens_details.text_tokens, usage.output_tokens) == (3, 3, 2588)
    assert usage.total_tokens == 2591
    assert clouds.arrivals[-1].micros == 3 * 5 + 2588 * 30


def test_a_transparent_picture_has_nothing_around_its_thing(clouds: Clouds, chatgpt: Any) -> None:
    answer = ask_openai(chatgpt, "a sticker", background="transparent").value
    picture = Image.open(io.BytesIO(base64.b64decode(answer.data[0].b64_json)))
    assert (picture.mode, picture.format, answer.background) == ("RGBA", "PNG", "transparent")
    assert picture.getchannel("A").getextrema() == (0, 255)
    assert picture.getpixel((0, 0))[3] == 0  # type: ignore[index]


OPENAI_REJECTS: list[tuple[dict[str, Any], int, str, str | None]] = [
    ({"size": "1792x936"}, 400, "invalid_value", "size"), ({"size": "3072x768"}, 400, "invalid_value", "size"),
    ({"size": "2896x2880"}, 400, "invalid_value", "size"), ({"size": "512x512"}, 400, "invalid_value", "size"),
    ({"size": "3856x2000"}, 400, "invalid_value", "size"), ({"size": "big"}, 400, "invalid_value", "size"),
    ({"model": "gpt-image-1.5", "size": "1152x864"}, 400, "invalid_value", "size"),
    ({"response_format": "b64_json"}, 400, "unknown_parameter", "response_format"),
    ({"extra_body": {"seed": 7}}, 400, "unknown_parameter", "seed"),
    ({"extra_body": {"negative_prompt": "text"}}, 400, "unknown_parameter", "negative_prompt"),
    ({"quality": "xhigh"}, 400, "invalid_value", "quality"), ({"quality": "hd"}, 400, "invalid_value", "quality"),
    ({"n": 11}, 400, "integer_above_max_value", "n"), ({"n": 0}, 400, "integer_below_min_value", "n"),
    ({"prompt": ""}, 400, "empty_string", "prompt"),
    ({"prompt": "x" * 32_001}, 400, "string_above_max_length", "prompt"),
    ({"background": "transparent", "output_format": "jpeg"}, 400, "invalid_value", "background"),
    ({"background": "transparent", "model": "gpt-image-2.6-flare"}, 400, "invalid_value", "background"),
    ({"model": "gpt-image-3"}, 404, "model_not_found", None), ({"model": "dall-e-3"}, 404, "model_not_found", None),
    ({"model": "gpt-image-1"}, 404, "model_not_found", None),
]  # fmt: skip


@pytest.mark.parametrize(("wish", "status", "code", "param"), OPENAI_REJECTS)
def test_openai_rejects(clouds: Clouds, chatgpt: Any, wish: dict[str, Any], status: int, code: str,
                        param: str | None) -> None:  # fmt: skip
    error = ask_openai(chatgpt, **{"prompt": "a fox", **wish}).error
    assert (error.status_code, error.code, error.param) == (status, code, param)
    assert clouds.arrivals[-1].micros == 0


def test_openai_takes_the_largest_and_the_smallest_size(chatgpt: Any) -> None:
    for size in ("2880x2880", "1024x640", "3840x1280", "auto"):
        assert ask_openai(chatgpt, "a fox", size=size).name == IMAGES
    assert ask_openai(chatgpt, "a fox", model="gpt-image-2.5-flare", quality="max").name == IMAGES


def test_a_retired_model_says_so(chatgpt: Any) -> None:
    assert "has been deprecated" in str(ask_openai(chatgpt, "a fox", model="dall-e-3").error)
    assert "does not exist" in str(ask_openai(chatgpt, "a fox", model="gpt-image-9").error)


def test_a_wrong_key_is_told_back_masked_unless_a_proxy_forgets_to(clouds: Clouds) -> None:
    key = "sk-proj-secretsecretsecretsecret-9876"
    with openai_client(clouds, key=key) as client:
        assert "secretsecret" not in str(ask_openai(client, "a fox").error)
        clouds.configure(unmasked=True)
        assert key in str(ask_openai(client, "a fox").error)
    clouds.configure(unmasked=False)
    with gemini_client(clouds, key="AIzaWrong") as google:
        error = ask_gemini(google, "a fox").error
    (reason,) = [one["reason"] for one in error.details["error"]["details"] if "reason" in one]
    assert (error.code, reason) == (400, "API_KEY_INVALID")


def test_a_refusal_of_openai_names_what_it_found(clouds: Clouds, chatgpt: Any) -> None:
    clouds.script("openai", "moderation_blocked:violence")
    error = ask_openai(chatgpt, "a fox fights").error
    assert "safety_violations=[violence]" in error.message
    assert error.body["moderation_details"]["categories"] == ["violence"]
    assert re.fullmatch(r"req_[0-9a-f]{32}", error.request_id)


def test_pictures_of_truncated_answers_do_not_decode(clouds: Clouds, chatgpt: Any) -> None:
    clouds.script("openai", "truncated", "cut")
    text, file = (ask_openai(chatgpt, "a fox").value.data[0].b64_json for _ in range(2))
    assert told(lambda: base64.b64decode(text)).name == "binascii.Error"
    assert told(Image.open(io.BytesIO(base64.b64decode(file))).load).name == "OSError"
