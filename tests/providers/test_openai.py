"""OpenAI: what is bought, what an answer means, and what becomes of every fault, by the real SDK."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from pydantic import ValidationError

from stockgen.data.cloud import Prices
from stockgen.domain.errors import (
    BadPicture,
    Busy,
    Cancelled,
    NotConfigured,
    QuotaSpent,
    Refused,
    Retired,
    Unfit,
)
from stockgen.lanes.spec import Setup, furnished
from stockgen.providers._cloud.purchase import Answer, Order
from stockgen.providers._cloud.reading import Sold
from stockgen.providers._cloud.redact import MOST as LONGEST_SAID
from stockgen.providers.openai import Images, Options, build
from tests.clouds import Clouds
from tests.lanes.harness import HandClock
from tests.providers.shops import at, bought, fits, provider, secrets, shot

PRICES = Prices(text=5, cached=1.25, image=8, out=30)
SOLD = Sold("openai", "gpt-image-2", PRICES)
KEY = "sk-proj-0123456789abcdef"
USAGE = {"input_tokens": 10, "output_tokens": 100, "total_tokens": 110}
PNG = "iVBORw0KGgo="


def answer(status: int, tree: object = None, body: bytes = b"", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, json.dumps(tree).encode() if tree is not None else body)


def wrong(status: int, message: str = "no", code: str | None = None, kind: str = "", **headers: str) -> Answer:
    return answer(status, {"error": {"message": message, "code": code, "type": kind}}, **headers)


def read(one: Answer, sold: Sold = SOLD):
    return Images("medium", "auto").read(one, sold, KEY)


# -- what an answer means ----------------------------------------------------------------------------------------

DATE = "Fri, 27 Nov 2026 02:00:00 GMT"
MEANINGS = [
    (wrong(400, code="moderation_blocked"), Refused, "cloud_refused", {"detail": "moderation_blocked"}),
    (wrong(400, "safety_violations=[sexual].", "moderation_blocked"), Refused, "cloud_refused", {"detail": "sexual"}),
    (wrong(400, code="content_policy_violation"), Refused, "cloud_refused", {}),
    (wrong(400, code="billing_hard_limit_reached"), QuotaSpent, "cloud_quota", {"closed_for": 21600.0}),
    (wrong(429, code="insufficient_quota"), QuotaSpent, "cloud_quota", {"closed_for": 21600.0}),
    (wrong(429, kind="insufficient_quota"), QuotaSpent, "cloud_quota", {"closed_for": 21600.0}),
    (wrong(402), QuotaSpent, "cloud_quota", {}),
    (wrong(401, code="invalid_api_key"), NotConfigured, "cloud_key_refused", {"closed_for": 3600.0}),
    (wrong(403, "verify first"), NotConfigured, "cloud_forbidden", {"detail": "verify first", "closed_for": 3600.0}),
    (wrong(403, code="model_not_found"), NotConfigured, "cloud_forbidden", {}),
    (wrong(404, "has been deprecated", "model_not_found"), Retired, "cloud_retired",
     {"model": "gpt-image-2", "closed_for": 315360000.0}),
    (wrong(404, "does not exist or you do not have access", "model_not_found"), Retired, "cloud_retired",
     {"model": "gpt-image-2", "closed_for": 86400.0}),
    (wrong(404), Retired, "cloud_retired", {}),
    (answer(404, body=b"<html>"), NotConfigured, "cloud_address", {"status": 404}),
    (answer(301, body=b""), NotConfigured, "cloud_address", {"status": 301}),
    (answer(405, body=b"no"), NotConfigured, "cloud_address", {}),
    (wrong(429), Busy, "cloud_busy", {}),
    (wrong(429, retry_after="7"), Busy, "cloud_busy", {"retry_after": 7.0}),
    (wrong(429, retry_after="2", retry_after_ms="1500"), Busy, "cloud_busy", {"retry_after": 1.5}),
    (wrong(429, retry_after="Fri, 27 Nov 2026 02:00:30 GMT", date=DATE), Busy, "cloud_busy", {"retry_after": 30.0}),
    (wrong(429, retry_after="Fri, 27 Nov 2026 01:00:30 GMT", date=DATE), Busy, "cloud_busy", {"retry_after": 0.0}),
    (wrong(429, retry_after="9999999"), Busy, "cloud_busy", {"retry_after": 86400.0}),
    (wrong(503, retry_after="5"), Busy, "cloud_trouble", {"status": 503, "retry_after": 5.0}),
    (wrong(400, "Unknown parameter"), Unfit, "cloud_unfit", {"detail": "Unknown parameter"}),
    (wrong(422, "size"), Unfit, "cloud_unfit", {}),
    (wrong(408), Busy, "cloud_trouble", {"status": 408}),
    (wrong(409), Busy, "cloud_trouble", {}),
    (wrong(500), Busy, "cloud_trouble", {"status": 500}),
    (answer(502, body=b"<html>"), Busy, "cloud_trouble", {"status": 502}),
    (wrong(504), Busy, "cloud_trouble", {}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "kind", "code", "facts"), MEANINGS)
def test_an_error_of_the_service_is_the_one_that_tells_what_to_do(one, kind, code, facts):
    reading = read(one)
    assert type(reading.error) is kind
    assert reading.error.code == code
    assert reading.cost == 0
    assert {**reading.error.facts, **facts, "provider": "openai"} == dict(reading.error.facts)
    assert ("retry_after" in facts) == ("retry_after" in reading.error.facts)


@pytest.mark.parametrize("status", [408, 504, 520, 524])
def test_a_proxy_that_lost_patience_does_not_make_it_free(status):
    reading = read(answer(status, body=b"<html>"))
    assert isinstance(reading.error, Busy)
    assert reading.cost is None


def test_a_model_that_ones_own_server_lacks_may_be_there_in_an_hour():
    for one in (wrong(404, code="model_not_found"), wrong(404), wrong(400, code="model_not_found")):
        error = read(one, Sold("openai", "own", None)).error
        assert isinstance(error, NotConfigured)
        assert (error.code, error.facts["closed_for"]) == ("cloud_model", 3600.0)


@pytest.mark.parametrize("header", ["soon", "nan", "inf", "-", "Fri, 99 Foo"])
def test_a_wait_that_nobody_understands_is_none(header):
    error = read(wrong(429, retry_after=header)).error
    assert isinstance(error, Busy)
    assert not error.told


def test_a_key_that_the_service_tells_back_is_not_kept():
    said = f"Incorrect: {KEY}, sk-abc******defg, AIzaSyA-12345678, Bearer xyz1234567890123 " + "x" * 500
    error = read(wrong(400, said)).error
    assert isinstance(error, Unfit)
    assert error.facts["detail"].startswith("Incorrect: ***, ***, ***, Bearer *** x")
    assert len(error.facts["detail"]) == LONGEST_SAID


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"data": [', b"[]", b'"x"', b'{"error": {}}', b'{"data": {}}'])
def test_what_was_perhaps_paid_is_not_taken_for_free(body):
    reading = read(Answer(200, {"content-type": "text/html"}, body))
    assert isinstance(reading.error, BadPicture)
    assert reading.cost is None
    assert read(Answer(200, {}, body), Sold("openai", "own", None)).cost == 0


def test_a_picture_costs_what_its_tokens_do():
    details = {"text_tokens": 10, "image_tokens": 0, "cached_tokens": 4}
    reading = read(answer(200, {"data": [{"b64_json": PNG}], "usage": {**USAGE, "input_tokens_details": details}}))
    assert reading.cost == 6 * 5 + 4 * 1.25 + 100 * 30
    assert reading.facts["tokens"] == {"text": 10, "out": 100}


def test_pictures_that_were_shown_are_dearer_than_words():
    usage = {**USAGE, "input_tokens_details": {"text_tokens": 4, "image_tokens": 6}}
    assert read(answer(200, {"data": [{"b64_json": PNG}], "usage": usage})).cost == 4 * 5 + 6 * 8 + 100 * 30


@pytest.mark.parametrize("usage", [None, {}, {"total_tokens": 0}, "x", {"total_tokens": "5"}])
def test_a_picture_whose_price_nobody_tells_is_not_free(usage):
    reading = read(answer(200, {"data": [{"b64_json": PNG}], "usage": usage}))
    assert reading.cost is None
    assert read(answer(200, {"data": [{"b64_json": PNG}]}), Sold("openai", "own", None)).cost == 0


@pytest.mark.parametrize(
    "row",
    [{}, {"b64_json": None}, {"b64_json": "a"}, {"b64_json": "ä"}, {"b64_json": "iVBO!Rw0KGgo="}, {"url": "http://x"}],
)
def test_base64_that_is_none_is_no_picture(row):
    (one,) = read(answer(200, {"data": [row], "usage": USAGE})).pictures
    assert isinstance(one, BadPicture)


# -- what would be bought ----------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return secrets(tmp_path / "secrets", openai_api_key=KEY)


def test_shots_of_other_words_or_sizes_never_share_a_request(home):
    one = provider("openai", home)
    stacks = [one.fit(made).stack for made in (
        shot(1), shot(2), shot(3, prompt="another"), shot(4, side=2000),
        shot(5, wish={"models": {"openai": "gpt-image-2.5-sunburst"}}),
    )]  # fmt: skip
    assert stacks[0] == stacks[1]
    assert len(set(stacks)) == 4
    assert one.fit(shot(1)).stack != provider("openai", home, quality="low").fit(shot(1)).stack
    assert one.fit(shot(1)).stack != provider("openai", home, moderation="low").fit(shot(1)).stack


def test_what_the_service_has_no_word_for_is_told(home):
    wish = {"negative_prompt": "hands", "steps": 30, "guidance": 4.0}
    fit = provider("openai", home).fit(shot(wish=wish))
    assert fit.dropped == {key: f"dropped.cloud.{key}" for key in wish}
    assert provider("openai", home).fit(shot()).dropped == {}


def test_a_shape_that_differs_from_the_order_is_told(home):
    own = provider("openai", home, base_url="http://localhost:1", model="own", sizes=["1024x1024", "1536x1024"])
    assert own.fit(shot(width=1600, height=1000)).dropped == {"size": "dropped.cloud.size"}
    assert own.fit(shot(width=1500, height=1000)).dropped == {}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"needs": frozenset({"control"})}, "unfit"),
        ({"prompt": " ?! "}, "unfit_words"),
        ({"prompt": "x" * 32_001}, "cloud_prompt"),
        ({"width": 4000, "height": 1000}, "cloud_shape"),
        ({"width": 0}, "cloud_shape"),
    ],
)
def test_what_it_cant_draw_goes_to_the_next_of_the_chain(home, more, code):
    with pytest.raises(Unfit) as caught:
        provider("openai", home).fit(shot(**more))
    assert caught.value.code == code


def test_an_element_comes_without_background_from_a_model_that_can(home):
    fit = provider("openai", home, model="gpt-image-2.5-sunburst").fit(
        shot(wish={"kind": "element", "transparent": True})
    )
    assert (fit.request["transparent"], fit.request["alpha"]) == (True, True)
    assert "background" not in fit.request["prompt"]


def test_a_model_that_draws_a_background_draws_a_plain_one_that_is_cut_away(home):
    wish = {"kind": "element", "transparent": True}
    fit = provider("openai", home).fit(shot(prompt="a white cup", wish=wish))
    assert (fit.request["transparent"], fit.request["alpha"]) == (False, False)
    assert "isolated on a plain soft blue background" in fit.request["prompt"]


def test_an_exact_prompt_of_something_to_be_cut_out_is_told_word_for_word(home):
    wish = {"kind": "element", "transparent": True, "exact": True}
    assert provider("openai", home).fit(shot(prompt="a white cup", wish=wish)).request["prompt"] == "a white cup"


def test_a_model_that_is_no_more_is_not_asked(home):
    with pytest.raises(Retired) as caught:
        provider("openai", home, model="dall-e-3").fit(shot())
    assert caught.value.facts["model"] == "dall-e-3"
    assert caught.value.facts["closed_for"] > 1e8


def test_a_model_of_another_provider_is_none_of_this(home):
    for name in ("flux-schnell", "gemini-nano-banana-2.1", "no-such"):
        with pytest.raises(NotConfigured) as caught:
            provider("openai", home).fit(shot(wish={"models": {"openai": name}}))
        assert caught.value.code == "no_model"


def test_a_price_that_nobody_can_bound_is_not_paid(home):
    for quality in ("auto", "xhigh"):
        one = provider("openai", home, quality=quality)
        missing = one.missing()
        assert missing is not None
        assert missing.code == "cloud_quality"
        with pytest.raises(NotConfigured):
            one.fit(shot())
    assert provider("openai", home, quality="xhigh", model="gpt-image-2.5-sunburst").missing() is None


def test_a_better_quality_and_more_pixels_cost_more(home):
    quotes = [provider("openai", home, quality=name).fit(shot()).quote for name in ("low", "medium", "high")]
    assert quotes == sorted(set(quotes))
    large = shot(width=3000, height=2000)
    few = provider("openai", home, megapixels=1.5).fit(large)
    assert few.request["width"] * few.request["height"] <= 1_500_000
    assert few.request["width"] < provider("openai", home).fit(large).request["width"]


def test_the_options_are_the_terms(home):
    one = provider("openai", home, parallel=2, per_minute=3, spacing="2-5s", most=7)
    assert (one.terms.paid, one.terms.parallel, one.terms.per_minute, one.terms.spacing) == (True, 2, 3, (2.0, 5.0))
    assert one.batch == 7
    other = provider("openai", home)
    assert (other.terms.parallel, other.terms.per_minute, other.terms.spacing, other.batch) == (4, 10, (0.0, 0.0), 4)


@pytest.mark.parametrize(
    ("written", "read"), [("3s", (3, 3)), ("2-5s", (2, 5)), ("500ms-2s", (0.5, 2)), (4, (4, 4)), ((1, 2), (1, 2))]
)
def test_a_pause_is_read_as_people_write_it(written, read):
    assert Options(spacing=written).spacing == read


@pytest.mark.parametrize(
    "options",
    [
        {"spacing": "5-2s"}, {"spacing": "soon"}, {"spacing": -1}, {"spacing": "2-5"}, {"most": 0}, {"most": 11},
        {"timeout": 0}, {"timeout": "soon"}, {"parallel": 0}, {"quality": "best"}, {"base_url": "ftp://x"},
        {"sizes": []}, {"sizes": ["big"]}, {"key": "sk-123"}, {"model": ""}, {"megapixel": 1},
    ],
)  # fmt: skip
def test_an_option_that_cant_be_meant_is_refused(options):
    with pytest.raises(ValidationError):
        Options(**options)


def test_options_that_were_read_once_are_read_the_same_again():
    options = Options(spacing="2-5s", timeout="90s", base_url="localhost:8080/v1")
    assert Options(**options.model_dump()) == options
    assert (options.timeout, options.base_url) == (90.0, "http://localhost:8080/v1")


# -- what is missing ---------------------------------------------------------------------------------------------


def test_a_key_that_comes_later_needs_no_restart(tmp_path):
    clock = HandClock()
    tools = furnished(Setup(secrets=tmp_path), clock.monotonic)
    one = build(Options(), tools)
    missing = one.missing()
    assert missing is not None
    assert missing.code == "no_key"
    secrets(tmp_path, openai_api_key=KEY)
    clock.now += 2.0
    assert one.missing() is None


@pytest.mark.parametrize("key", ["sk 1", "sk-\u200b1", "키", "sk-1\tx"])
def test_a_key_that_no_header_can_carry_is_told_and_never_shown(tmp_path, key):
    missing = provider("openai", secrets(tmp_path / "s", openai_api_key=key)).missing()
    assert missing is not None
    assert missing.code == "cloud_key_garbled"
    assert key not in str(missing)


def test_a_key_for_openai_is_not_given_to_a_free_server_of_ones_own(home, clouds: Clouds, tmp_path):
    home.joinpath("openai_api_key").write_text(clouds.openai_key)
    own = provider("openai", home, base_url=clouds.openai_url, model="own")
    assert own.missing() is None
    (outcome,) = bought(own, fits(own), tmp_path / "spool")
    assert isinstance(outcome.error, NotConfigured)
    assert outcome.error.code == "cloud_key_refused"  # with the key it would have said that it has no such model


def test_a_server_of_ones_own_may_want_a_key_of_its_own(home):
    own = provider("openai", home, base_url="http://localhost:1", model="own", key="MY_KEY")
    missing = own.missing()
    assert missing is not None
    assert (missing.code, missing.facts["key"]) == ("cloud_no_key", "MY_KEY")
    secrets(home, my_key="abc")
    assert provider("openai", home, base_url="http://localhost:1", model="own", key="MY_KEY").missing() is None


def test_a_server_of_ones_own_is_free_and_draws_its_own_sizes(tmp_path):
    own = provider("openai", tmp_path, base_url="http://localhost:1", model="own", quality="auto")
    fit = own.fit(shot(width=3000, height=2000))
    assert own.terms.paid is False
    assert (fit.quote, fit.model, fit.request["width"], fit.request["height"]) == (0, "own", 1216, 832)
    with pytest.raises(NotConfigured):
        own.fit(shot(wish={"models": {"openai": "gpt-image-2"}}))


def test_a_gateway_to_openai_costs_what_openai_does(home):
    one = provider("openai", home, base_url="http://localhost:1")
    assert one.terms.paid is True
    assert one.fit(shot()).quote > 0


def test_an_entry_of_ones_own_decides_on_price_and_sizes(tmp_path):
    folder = tmp_path / "my" / "catalog"
    folder.mkdir(parents=True)
    (folder / "openai.yaml").write_text(
        "mine: {title: {en: M, ko: M}, provider: openai, licence: x, sellable: true, look: diffusion, source: me,\n"
        "  cloud: {id: local/one, listed: {sizes: [768x768], tokens: {medium: 1}}}}\n"
    )
    own = provider("openai", tmp_path, tmp_path / "my", base_url="http://localhost:1", model="mine")
    fit = own.fit(shot())
    assert (own.terms.paid, fit.quote, fit.request["model"], fit.request["width"]) == (False, 0, "local/one", 768)
    with pytest.raises(NotConfigured):  # nobody reserves money for a provider that says it is free
        own.fit(shot(wish={"models": {"openai": "gpt-image-2"}}))


# -- the purchase itself -----------------------------------------------------------------------------------------


def test_one_request_brings_all_pictures_of_a_prompt_and_no_micro_is_lost(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    before, asked = clouds.micros, len(clouds.arrivals)
    outcomes = bought(one, fits(one, 3), tmp_path / "spool")
    assert [outcome.shot for outcome in outcomes] == [1, 2, 3]
    assert sum(outcome.cost or 0 for outcome in outcomes) == clouds.micros - before
    assert len(clouds.arrivals) == asked + 1
    for outcome in outcomes:
        assert outcome.file is not None
        with Image.open(outcome.file) as image:
            assert (image.format, *image.size) == ("PNG", outcome.facts["width"], outcome.facts["height"])
        assert outcome.facts["batch_size"] == 3
        assert outcome.facts["versions"]["openai"]
        assert outcome.facts["request_id"].startswith("req_")
        assert outcome.facts["quality"] == "medium"


FAULTS = [
    ("truncated", "cloud_unreadable", True), ("drop", "cloud_lost", None), ("drop:0.99", "cloud_lost", None),
    ("reset", "cloud_lost", None), ("internal", "cloud_trouble", 0), ("overloaded", "cloud_trouble", 0),
    ("html_502", "cloud_trouble", 0), ("html_200", "cloud_unreadable", None), ("retired", "cloud_retired", 0),
    ("moderation_blocked:violence", "cloud_refused", 0), ("content_policy_violation", "cloud_refused", 0),
    ("billing_hard_limit", "cloud_quota", 0), ("invalid_api_key", "cloud_key_refused", 0),
    ("unverified", "cloud_forbidden", 0), ("rate_limit", "cloud_busy", 0), ("rate_limit_after:7", "cloud_busy", 0),
    ("rate_limit_after_ms:1500", "cloud_busy", 0), ("insufficient_quota", "cloud_quota", 0),
    ("empty_data", "no_picture", None),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "code", "cost"), FAULTS)
def test_every_fault_has_its_meaning_and_is_never_asked_twice(clouds, tmp_path, fault, code, cost):
    one = at(clouds, "openai", tmp_path)
    clouds.script("openai", fault)
    before, asked = clouds.micros, len(clouds.arrivals)
    (outcome,) = bought(one, fits(one), tmp_path / "spool")
    assert outcome.error is not None
    assert outcome.error.code == code  # type: ignore[attr-defined]
    assert outcome.file is None
    assert clouds.wait(quiet=True)
    assert len(clouds.arrivals) == asked + 1
    if cost is True:
        assert outcome.cost == clouds.micros - before > 0
    else:
        assert outcome.cost == cost
        assert cost is None or clouds.micros == before


@pytest.mark.parametrize("fault", ["hang", "stall", "drip:0.05"])
def test_a_service_that_says_nothing_or_never_ends_is_given_up_in_time(clouds, tmp_path, fault):
    one = at(clouds, "openai", tmp_path, timeout=0.5)
    clouds.script("openai", fault)
    (outcome,) = bought(one, fits(one), tmp_path / "spool")
    assert isinstance(outcome.error, Busy)
    assert outcome.error.code == "cloud_timeout"
    assert outcome.cost is None
    assert outcome.seconds < 5
    assert one.redeem(tmp_path / "spool") == ()


def test_a_longer_patience_gets_what_a_shorter_one_does_not(clouds, tmp_path):
    clouds.script("openai", "slow:1.2", "slow:1.2")
    errors = []
    for seconds in (0.4, 20):
        one = at(clouds, "openai", tmp_path, timeout=seconds)
        (outcome,) = bought(one, fits(one), tmp_path / f"spool{seconds}")
        errors.append(type(outcome.error))
    assert errors == [Busy, type(None)]


def test_a_picture_of_another_size_was_paid_for_and_is_used(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    clouds.script("openai", "wrong_size")
    (fit,) = fits(one)
    (outcome,) = bought(one, [fit], tmp_path / "spool")
    assert outcome.error is None
    assert outcome.facts["width"] == fit.request["width"] // 2


def test_a_file_is_what_its_first_bytes_say(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    clouds.script("openai", "webp")
    (outcome,) = bought(one, fits(one), tmp_path / "spool")
    assert outcome.file is not None
    assert outcome.file.name == "1.webp"
    with Image.open(outcome.file) as image:
        image.load()
        assert image.format == "WEBP"


def test_a_picture_that_is_missing_costs_nothing_and_the_others_are_kept(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    clouds.script("openai", "fewer")
    before = clouds.micros
    outcomes = bought(one, fits(one, 3), tmp_path / "spool")
    assert [type(outcome.error) for outcome in outcomes] == [type(None), type(None), BadPicture]
    assert [outcome.cost for outcome in outcomes][2] == 0
    assert sum(outcome.cost or 0 for outcome in outcomes) == clouds.micros - before


def test_what_nobody_wants_any_more_is_not_bought(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    images, asked = clouds.images, len(clouds.arrivals)

    def report(number: int, _step: int, _steps: int) -> None:
        if number != 2:
            raise Cancelled("cancelled", shot=number)

    spool = tmp_path / "spool"
    spool.mkdir()
    outcomes = {outcome.shot: outcome for outcome in one.render(fits(one, 3), spool, report)}
    assert [type(outcomes[number].error) for number in (1, 2, 3)] == [Cancelled, type(None), Cancelled]
    assert clouds.images == images + 1
    alone = list(one.render(fits(one, 1), spool, report))
    one.release()
    assert [type(outcome.error) for outcome in alone] == [Cancelled]
    assert len(clouds.arrivals) == asked + 1


def test_a_service_that_is_away_costs_nothing(tmp_path):
    with Clouds() as clouds:
        one = at(clouds, "openai", tmp_path)
        clouds.stop()
        (outcome,) = bought(one, fits(one), tmp_path / "spool")
    assert isinstance(outcome.error, Busy)
    assert (outcome.error.code, outcome.cost) == ("cloud_unreachable", 0)


def test_a_new_key_is_used_for_the_next_request(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    found = []
    for key in ("sk-wrong-0123456789", clouds.openai_key):
        secrets(tmp_path / "secrets", openai_api_key=key)
        spool = tmp_path / key
        spool.mkdir()
        (outcome,) = one.render(fits(one), spool, lambda *_: None)
        found.append(outcome.error)
    one.release()
    assert isinstance(found[0], NotConfigured)
    assert "sk-wrong" not in str(found[0]) + repr(found[0].facts)
    assert found[1] is None


def test_a_key_that_is_gone_when_it_is_needed_buys_nothing(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    batch = fits(one)
    (tmp_path / "secrets" / "openai_api_key").unlink()
    with pytest.raises(NotConfigured):
        bought(one, batch, tmp_path / "spool")
    assert Order.read(tmp_path / "spool") is None


def test_transparency_reaches_the_file(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path, model="gpt-image-2.5-sunburst")
    (outcome,) = bought(one, fits(one, wish={"kind": "element", "transparent": True}), tmp_path / "spool")
    assert outcome.file is not None
    with Image.open(outcome.file) as image:
        assert image.mode == "RGBA"


def test_milder_moderation_is_asked_for_only_where_it_is_wanted():
    service = Images("medium", "low")
    assert service.wishes(paid=True, transparent=False)["moderation"] == "low"
    assert "moderation" not in Images("medium", "auto").wishes(paid=True, transparent=False)


def test_no_key_lies_in_the_spool_though_the_service_tells_it_back(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    clouds.configure(unmasked=True)
    bought(one, fits(one), tmp_path / "good")
    wrong_key = "sk-proj-wrong0123456789"
    secrets(tmp_path / "secrets", openai_api_key=wrong_key)
    (outcome,) = bought(one, fits(one), tmp_path / "bad")
    kept = [path.read_bytes() for folder in ("good", "bad") for path in (tmp_path / folder).iterdir()]
    assert len(kept) == 5  # two orders, two answers, a picture
    assert not any(key.encode() in one for one in kept for key in (clouds.openai_key, wrong_key))
    assert isinstance(outcome.error, NotConfigured)
