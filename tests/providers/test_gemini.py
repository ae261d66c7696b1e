"""Google: what is bought, what an answer means, and what becomes of every fault, by the real SDK."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from pydantic import ValidationError

from stockgen.data.cloud import Prices
from stockgen.domain.errors import BadPicture, Busy, NotConfigured, QuotaSpent, Refused, Retired, Unfit
from stockgen.providers._cloud.purchase import Answer
from stockgen.providers._cloud.reading import Sold
from stockgen.providers.gemini import Content, Options
from tests.clouds import Clouds
from tests.providers.shops import at, bought, fits, provider, secrets, shot

SOLD = Sold("gemini", "gemini-nano-banana-2.1", Prices(text=1.5, out=30, words=7.5))
KEY = "AIzaSy0123456789abcdef"
RPC = "type.googleapis.com/google.rpc."
PICTURE = {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}
USAGE = {"promptTokenCount": 10, "candidatesTokenCount": 1120}


def answer(status: int, tree: object = None, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status, headers, json.dumps(tree).encode() if tree is not None else body)


def wrong(status: int, name: str, message: str = "no", details: object = (), **headers: str) -> Answer:
    told = {"code": status, "message": message, "status": name, "details": list(details)}  # type: ignore[call-overload]
    return answer(status, {"error": told}, **headers)


def drawn(*parts: object, finish: str = "STOP", usage: object = USAGE, **more: object) -> Answer:
    candidate = {"content": {"parts": list(parts)}, "finishReason": finish}
    return answer(200, {"candidates": [candidate], "usageMetadata": usage, **more})


def read(one: Answer, sold: Sold = SOLD):
    return Content().read(one, sold, KEY)


# -- what an answer means ----------------------------------------------------------------------------------------

INFO = {"@type": f"{RPC}ErrorInfo", "reason": "API_KEY_INVALID"}
RETRY = {"@type": f"{RPC}RetryInfo", "retryDelay": "12.5s"}
DAY = {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}
MINUTE = {"violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]}
MEANINGS = [
    (wrong(400, "INVALID_ARGUMENT", details=[INFO]), NotConfigured, "cloud_key_refused", {"closed_for": 3600.0}),
    (wrong(400, "INVALID_ARGUMENT", "API key expired."), NotConfigured, "cloud_key_refused", {}),
    (wrong(401, "UNAUTHENTICATED"), NotConfigured, "cloud_key_refused", {}),
    (wrong(400, "FAILED_PRECONDITION", "location"), NotConfigured, "cloud_forbidden", {"detail": "location"}),
    (wrong(403, "PERMISSION_DENIED", "disabled"), NotConfigured, "cloud_forbidden", {"closed_for": 3600.0}),
    (wrong(404, "NOT_FOUND", "is not found for API version v1"), Retired, "cloud_retired",
     {"model": "gemini-nano-banana-2.1", "closed_for": 86400.0}),
    (wrong(404, "NOT_FOUND", "is no longer available"), Retired, "cloud_retired", {"closed_for": 315360000.0}),
    (answer(404, body=b"<html>"), NotConfigured, "cloud_address", {}),
    (wrong(429, "RESOURCE_EXHAUSTED", details=[MINUTE, RETRY]), Busy, "cloud_busy", {"retry_after": 12.5}),
    (wrong(429, "RESOURCE_EXHAUSTED"), Busy, "cloud_busy", {}),
    (wrong(429, "RESOURCE_EXHAUSTED", details=[MINUTE, DAY, RETRY], date="Fri, 27 Nov 2026 02:00:00 GMT"),
     QuotaSpent, "cloud_quota_day", {"closed_for": 6 * 3600.0}),
    (wrong(429, "RESOURCE_EXHAUSTED", details=[DAY], date="Wed, 01 Jul 2026 06:59:00 GMT"),
     QuotaSpent, "cloud_quota_day", {"closed_for": 60.0}),
    (wrong(429, "RESOURCE_EXHAUSTED", details=[DAY]), QuotaSpent, "cloud_quota_day", {"closed_for": 21600.0}),
    (wrong(400, "INVALID_ARGUMENT", "aspect_ratio"), Unfit, "cloud_unfit", {"detail": "aspect_ratio"}),
    (wrong(500, "INTERNAL"), Busy, "cloud_trouble", {"status": 500}),
    (wrong(503, "UNAVAILABLE"), Busy, "cloud_trouble", {"status": 503}),
    (wrong(504, "DEADLINE_EXCEEDED"), Busy, "cloud_trouble", {"status": 504}),
    (answer(502, body=b"<html>"), Busy, "cloud_trouble", {"status": 502}),
    (answer(429, [{"error": {"code": 429, "details": [RETRY]}}]), Busy, "cloud_busy", {"retry_after": 12.5}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "kind", "code", "facts"), MEANINGS)
def test_an_error_of_the_service_is_the_one_that_tells_what_to_do(one, kind, code, facts):
    reading = read(one)
    assert type(reading.error) is kind
    assert reading.error.code == code
    assert reading.cost == 0
    assert {**reading.error.facts, **facts, "provider": "gemini"} == dict(reading.error.facts)
    assert ("retry_after" in facts) == ("retry_after" in reading.error.facts)


@pytest.mark.parametrize("reason", ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "NEW_ONE"])
def test_words_that_were_blocked_are_refused_and_cost_what_was_read_of_them(reason):
    reading = read(answer(200, {"promptFeedback": {"blockReason": reason}}))
    assert isinstance(reading.error, Refused)
    assert (reading.error.facts["detail"], reading.cost) == (reason, 0)
    counted = {"promptFeedback": {"blockReason": reason}, "usageMetadata": {"promptTokenCount": 10}}
    assert read(answer(200, counted)).cost == 15


@pytest.mark.parametrize(
    "reason",
    ["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT",
     "IMAGE_RECITATION"],
)  # fmt: skip
def test_a_picture_that_was_withheld_by_rules_is_refused(reason):
    assert isinstance(read(drawn(finish=reason)).error, Refused)


@pytest.mark.parametrize("reason", ["STOP", "NO_IMAGE", "IMAGE_OTHER", "OTHER", "MAX_TOKENS", "", "SOMETHING_NEW"])
def test_an_answer_without_a_picture_is_asked_for_once_more(reason):
    for parts in ((), ({"text": "I can't"},), ({"inlineData": {}},), ({**PICTURE, "thought": True},)):
        reading = read(drawn(*parts, finish=reason))
        assert isinstance(reading.error, BadPicture)
        assert list(reading.pictures) == []


def test_an_account_that_was_barred_is_left_alone():
    error = read(drawn(finish="PUP_LIMITED_DISABLED")).error
    assert isinstance(error, NotConfigured)
    assert error.facts["closed_for"] == 3600.0


def test_a_picture_counts_whatever_else_was_said_and_only_the_first():
    reading = read(drawn({"text": "here"}, {**PICTURE, "thought": True}, PICTURE, PICTURE, finish="IMAGE_OTHER"))
    (one,) = reading.pictures
    assert one == b"\x89PNG\r\n\x1a\n"


def test_names_with_underscores_are_read_too():
    assert len(read(drawn({"inline_data": PICTURE["inlineData"]})).pictures) == 1


def test_pictures_words_and_thoughts_have_their_own_prices():
    details = [{"modality": "IMAGE", "tokenCount": 1120}, {"modality": "TEXT", "tokenCount": 40}]
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 1160, "thoughtsTokenCount": 100,
             "candidatesTokensDetails": details}  # fmt: skip
    assert read(drawn(PICTURE, usage=usage)).cost == 10 * 1.5 + 1120 * 30 + 140 * 7.5
    plain = Sold("gemini", "m", Prices(text=1.5, out=30))
    assert read(drawn(PICTURE, usage=usage), plain).cost == 10 * 1.5 + 1260 * 30


def test_words_that_are_told_apart_are_not_paid_as_a_picture():
    usage = {"candidatesTokenCount": 40, "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 40}]}
    assert read(drawn({"text": "no"}, usage=usage)).cost == 300


@pytest.mark.parametrize("usage", [None, "x", []])
def test_a_picture_whose_price_nobody_tells_is_not_free(usage):
    assert read(drawn(PICTURE, usage=usage)).cost is None


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"candidates": [', b"[]", b"{}"])
def test_what_was_perhaps_paid_is_not_taken_for_free(body):
    reading = read(Answer(200, {}, body))
    assert isinstance(reading.error, BadPicture)
    assert reading.cost is None


@pytest.mark.parametrize("tree", [{"candidates": None}, {"candidates": [None]}, {"candidates": {"a": 1}}])
def test_an_answer_of_an_unknown_build_is_no_bug(tree):
    assert isinstance(read(answer(200, tree)).error, BadPicture)


# -- what would be bought ----------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return secrets(tmp_path / "secrets", google_api_key=KEY)


def test_the_resolution_steers_pixels_and_price(home):
    wide = shot(width=3000, height=2000)
    found = {name: provider("gemini", home, resolution=name).fit(wide) for name in ("auto", "1K", "2K", "4K")}
    assert [fit.request["resolution"] for fit in found.values()] == ["2K", "1K", "2K", "4K"]
    assert found["1K"].quote < found["2K"].quote < found["4K"].quote
    assert found["auto"].request["ratio"] == "3:2"


def test_the_options_are_the_terms(home):
    one = provider("gemini", home, parallel=2, per_minute=3, spacing="2-5s")
    assert (one.terms.paid, one.terms.parallel, one.terms.per_minute, one.terms.spacing) == (True, 2, 3, (2.0, 5.0))
    assert (one.batch, provider("gemini", home).terms.parallel) == (1, 4)


def test_what_is_to_be_cut_out_is_drawn_alone_on_a_plain_ground(home):
    """It can't leave the background away."""
    fit = provider("gemini", home).fit(shot(prompt="a red cup", wish={"kind": "element", "transparent": True}))
    assert fit.request["alpha"] is False
    assert "isolated on a plain light gray background" in fit.request["prompt"]


def test_either_name_of_the_key_will_do(tmp_path):
    assert provider("gemini", secrets(tmp_path / "a", gemini_api_key=KEY)).missing() is None
    assert provider("gemini", secrets(tmp_path / "b", google_api_key=KEY)).missing() is None
    missing = provider("gemini", tmp_path / "c").missing()
    assert missing is not None
    assert missing.code == "no_key"


def test_a_model_that_is_no_more_is_not_asked(home):
    with pytest.raises(Retired):
        provider("gemini", home, model="imagen-4").fit(shot())


@pytest.mark.parametrize("options", [{"resolution": "8K"}, {"quality": "high"}, {"most": 2}, {"timeout": 0}])
def test_an_option_that_cant_be_meant_is_refused(options):
    with pytest.raises(ValidationError):
        Options(**options)


def test_options_that_were_read_once_are_read_the_same_again():
    options = Options(spacing="2-5s", timeout="90s")
    assert Options(**options.model_dump()) == options


# -- the purchase itself -----------------------------------------------------------------------------------------


def test_a_picture_is_bought_at_its_price(clouds, tmp_path):
    one = at(clouds, "gemini", tmp_path)
    before = clouds.micros
    (fit,) = fits(one, width=3000, height=2000)
    (outcome,) = bought(one, [fit], tmp_path / "spool")
    assert outcome.file is not None
    assert outcome.cost == clouds.micros - before
    assert 0 < outcome.cost <= fit.quote
    with Image.open(outcome.file) as image:
        assert (image.format, *image.size) == ("JPEG", fit.request["width"], fit.request["height"])
    assert outcome.file.name == "1.jpg"
    assert outcome.facts["versions"]["google-genai"]


FAULTS = [
    ("truncated", "cloud_unreadable", True), ("drop", "cloud_lost", None), ("reset", "cloud_lost", None),
    ("internal", "cloud_trouble", 0), ("overloaded", "cloud_trouble", 0), ("html_502", "cloud_trouble", 0),
    ("html_200", "cloud_unreadable", None), ("retired", "cloud_retired", 0), ("deadline", "cloud_trouble", 0),
    ("invalid_argument", "cloud_unfit", 0), ("api_key_invalid", "cloud_key_refused", 0),
    ("permission_denied", "cloud_forbidden", 0), ("per_minute:30", "cloud_busy", 0), ("per_day", "cloud_quota_day", 0),
    ("blocked:SAFETY", "cloud_refused", "words"), ("finished:IMAGE_SAFETY", "cloud_refused", "words"),
    ("finished:NO_IMAGE", "cloud_no_image", "words"), ("empty_parts", "cloud_no_image", "words"),
    ("no_content", "cloud_no_image", "words"), ("text_only", "cloud_no_image", "words"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "code", "cost"), FAULTS)
def test_every_fault_has_its_meaning_and_is_never_asked_twice(clouds, tmp_path, fault, code, cost):
    one = at(clouds, "gemini", tmp_path)
    clouds.script("gemini", fault)
    before, asked = clouds.micros, len(clouds.arrivals)
    (outcome,) = bought(one, fits(one), tmp_path / "spool")
    assert outcome.error is not None
    assert outcome.error.code == code  # type: ignore[attr-defined]
    assert clouds.wait(quiet=True)
    assert len(clouds.arrivals) == asked + 1
    if cost is True:
        assert outcome.cost == clouds.micros - before > 0
    elif cost == "words":  # what they cost at most: the server bills less of a refusal than it counts
        assert outcome.cost is not None
        assert clouds.micros - before <= outcome.cost < 1000
    else:
        assert outcome.cost == cost


@pytest.mark.parametrize("fault", ["hang", "stall", "drip:0.05"])
def test_a_service_that_says_nothing_or_never_ends_is_given_up_in_time(clouds, tmp_path, fault):
    one = at(clouds, "gemini", tmp_path, timeout=0.5)
    clouds.script("gemini", fault)
    (outcome,) = bought(one, fits(one), tmp_path / "spool")
    assert isinstance(outcome.error, Busy)
    assert (outcome.error.code, outcome.cost) == ("cloud_timeout", None)
    assert outcome.seconds < 5


@pytest.mark.parametrize(("fault", "ending"), [("webp", "webp"), ("ok", "jpg")])
def test_a_file_is_what_its_first_bytes_say(clouds, tmp_path, fault, ending):
    one = at(clouds, "gemini", tmp_path)
    clouds.script("gemini", fault)
    (outcome,) = bought(one, fits(one), tmp_path / "spool")
    assert outcome.file is not None
    assert outcome.file.name == f"1.{ending}"


def test_the_environment_does_not_send_a_request_elsewhere(clouds, tmp_path, monkeypatch):
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    one = at(clouds, "gemini", tmp_path)
    (outcome,) = bought(one, fits(one), tmp_path / "spool")
    assert outcome.error is None


def test_a_service_that_is_away_costs_nothing(tmp_path):
    with Clouds() as clouds:
        one = at(clouds, "gemini", tmp_path)
        clouds.stop()
        (outcome,) = bought(one, fits(one), tmp_path / "spool")
    assert isinstance(outcome.error, Busy)
    assert (outcome.error.code, outcome.cost) == ("cloud_unreachable", 0)
