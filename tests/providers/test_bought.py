"""What all providers that buy keep: the contract, in lanes of their own, and servers of one's own."""

from __future__ import annotations

import base64
import gzip
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from stockgen.domain.errors import BadPicture, Busy, StorageLost
from stockgen.domain.protocols import Outcome
from stockgen.lanes.spec import LaneSpec, ProviderSpec, Setup
from stockgen.lanes.thread import ThreadLane
from stockgen.providers._cloud import delivery
from stockgen.providers._cloud.purchase import WHOLE, Order
from stockgen.providers._cloud.reading import Reading, shares
from stockgen.providers._cloud.redact import brief
from tests.clouds import Clouds
from tests.lanes.harness import SOON, HandClock, until
from tests.providers import contract
from tests.providers.shops import at, bought, fits, provider, secrets

BOTH = pytest.mark.parametrize("service", ["openai", "gemini"])
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


# -- the contract ------------------------------------------------------------------------------------------------


@BOTH
def test_no_shot_makes_fit_stumble(tmp_path, service):
    one = provider(service, tmp_path)

    @quick
    @given(shot=contract.shots())
    def holds(shot: Any) -> None:
        contract.fit_is_total(one, shot)

    holds()


@BOTH
def test_every_shot_of_a_batch_is_answered_once_in_its_size(clouds, tmp_path, service):
    one = at(clouds, service, tmp_path)
    contract.each_shot_is_answered_once(one, contract.a_batch(one, 3), tmp_path)
    contract.files_keep_the_promised_size(one, contract.a_batch(one, 2), tmp_path)
    one.release()


@BOTH
def test_a_cancelled_shot_is_not_bought_and_harms_no_other(clouds, tmp_path, service):
    one = at(clouds, service, tmp_path)
    contract.cancelled_within_one_step(one, contract.a_batch(one, 3), tmp_path)
    one.release()


@BOTH
def test_one_connection_serves_one_request_after_the_other(clouds, tmp_path, service):
    one = at(clouds, service, tmp_path)
    for number in (1, 2, 3):
        spool = tmp_path / str(number)
        spool.mkdir()
        (outcome,) = one.render(fits(one), spool, lambda *_: None)
        assert outcome.error is None
    assert one._line is not None
    one.release()


# -- in lanes ----------------------------------------------------------------------------------------------------


@BOTH
def test_lanes_of_one_service_ask_it_side_by_side(tmp_path, service):
    with Clouds() as clouds:
        one, options = at(clouds, service, tmp_path), {"timeout": 60.0}
        bought(one, fits(one), tmp_path / "first")  # importing an SDK takes longer than the service
        clouds.configure(latency=2.0)
        options["base_url"] = clouds.openai_url if service == "openai" else clouds.gemini_url
        spec = ProviderSpec(service, f"stockgen.providers.{service}", options)
        woken, setup = threading.Semaphore(0), Setup(secrets=tmp_path / "secrets")
        lanes = [
            ThreadLane(LaneSpec(f"{service}-{number}", "net", (spec,), 60, setup), HandClock(), woken.release)
            for number in (1, 2)
        ]
        try:
            for number, lane in enumerate(lanes, 1):
                spool = tmp_path / f"spool{number}"
                spool.mkdir()
                batch = [one.fit(made) for made in (fits(one, number)[-1].shot,)]
                assert until(lambda lane=lane, batch=batch, spool=spool: lane.offer(batch, spool))
            come: dict[int, Outcome] = {}
            while len(come) < 2:
                assert woken.acquire(timeout=SOON)
                come |= {outcome.shot: outcome for lane in lanes for outcome in lane.take()}
        finally:
            for lane in lanes:
                lane.close(lane._clock.monotonic() + SOON)
        assert [come[number].error for number in (1, 2)] == [None, None]
        assert all(outcome.sha256 for outcome in come.values())
        assert clouds.most_parallel(service) == 2


# -- a server of one's own ---------------------------------------------------------------------------------------


class Own(BaseHTTPRequestHandler):
    """Answers with a picture, as LocalAI does, packed where it may, and remembers what it was told."""

    def do_POST(self) -> None:
        server: Any = self.server
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.asked.append((self.path, asked, {name.lower(): value for name, value in self.headers.items()}))
        status, body = server.answer(asked)
        self.send_response(status)
        if "gzip" in self.headers.get("Accept-Encoding", "") or server.packs:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def drawn(asked: dict[str, Any]) -> tuple[int, bytes]:
    width, height = map(int, asked["size"].split("x"))
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG")
    data = [{"b64_json": base64.b64encode(file.getvalue()).decode()}] * asked["n"]
    return 200, json.dumps({"created": 1, "data": data}).encode()


@pytest.fixture
def own() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    server.asked, server.answer, server.packs = [], drawn, False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_of_ones_own_is_asked_for_the_picture_itself_and_is_free(own, tmp_path):
    url = f"http://127.0.0.1:{own.server_port}/v1"
    one = provider("openai", tmp_path, base_url=url, model="sd3.5", sizes=["128x64"], quality="low")
    outcomes = bought(one, fits(one, 2, width=2000, height=1000), tmp_path / "spool")
    assert [(outcome.error, outcome.cost) for outcome in outcomes] == [(None, 0), (None, 0)]
    ((path, asked, headers),) = own.asked
    assert path == "/v1/images/generations"
    assert asked == {"model": "sd3.5", "prompt": "a cup of tea", "size": "128x64", "n": 2, "quality": "low",
                     "response_format": "b64_json"}  # fmt: skip
    assert "sk-" not in str(headers)
    auto = provider("openai", tmp_path, base_url=url, model="sd3.5", quality="auto")
    bought(auto, fits(auto), tmp_path / "auto")
    assert "quality" not in own.asked[-1][1]


def test_a_key_of_ones_own_server_is_sent_there(own, tmp_path):
    url = f"http://127.0.0.1:{own.server_port}/v1"
    home = secrets(tmp_path / "s", my_key="open-sesame", openai_api_key="sk-never")
    for key, sent in (("MY_KEY", "Bearer open-sesame"), ("", "Bearer none")):
        one = provider("openai", home, base_url=url, model="sd3.5", key=key)
        bought(one, fits(one), tmp_path / f"spool{key}")
        assert own.asked[-1][2]["authorization"] == sent


def test_openai_is_never_told_what_it_would_refuse(own, tmp_path):
    url = f"http://127.0.0.1:{own.server_port}/v1"
    home = secrets(tmp_path / "s", openai_api_key="sk-0123456789")
    one = provider("openai", home, base_url=url, moderation="low")
    (outcome,) = bought(one, fits(one), tmp_path / "spool")
    assert outcome.cost is None  # it costs money, and nobody said how much
    ((_, asked, _),) = own.asked
    assert asked == {"model": "gpt-image-2", "prompt": "a cup of tea", "size": "816x816", "n": 1, "quality": "medium",
                     "moderation": "low", "output_format": "png"}  # fmt: skip


@pytest.mark.parametrize("packs", [False, True])
def test_an_answer_lies_in_the_spool_as_it_can_be_read(own, tmp_path, packs):
    own.packs = packs  # though it was asked not to
    one = provider("openai", tmp_path, base_url=f"http://127.0.0.1:{own.server_port}/v1", model="sd3.5")
    (outcome,) = bought(one, fits(one), tmp_path / "spool")
    assert outcome.error is None
    assert (b"b64_json" in (tmp_path / "spool" / WHOLE).read_bytes()) == (not packs)
    assert [one.error for one in one.redeem(tmp_path / "spool")] == [None]


def test_a_free_server_that_breaks_costs_nothing_either(own, tmp_path):
    url = f"http://127.0.0.1:{own.server_port}/v1"
    own.answer = lambda _: (200, b"<html>")
    one = provider("openai", tmp_path, base_url=url, model="sd3.5")
    (outcome,) = bought(one, fits(one), tmp_path / "spool")
    assert isinstance(outcome.error, BadPicture)
    assert outcome.cost == 0


# -- what was paid for -------------------------------------------------------------------------------------------


def test_a_picture_that_cant_be_kept_was_paid_all_the_same(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    (tmp_path / "spool" / "1.png").mkdir(parents=True)  # where the file should be
    outcomes = bought(one, fits(one, 2), tmp_path / "spool")
    assert [type(outcome.error) for outcome in outcomes] == [StorageLost, type(None)]
    assert all(outcome.cost for outcome in outcomes)


def test_an_answer_that_cant_be_recorded_may_have_been_paid(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    spool = tmp_path / "spool"
    clouds.script("openai", "slow:0.5")
    images = clouds.images

    def removed() -> None:
        assert clouds.wait(images=images + 1)
        (spool / "order.json").unlink()
        spool.rmdir()

    thread = threading.Thread(target=removed)
    thread.start()
    (outcome,) = bought(one, fits(one), spool)
    thread.join()
    assert isinstance(outcome.error, StorageLost)
    assert outcome.cost is None


def test_a_price_is_shared_without_losing_anything():
    assert list(shares(10, 3)) == [4, 3, 3]
    assert list(shares(0, 2)) == [0, 0]
    assert list(shares(None, 2)) == [None, None]


def test_an_error_that_was_billed_is_paid_by_all_who_asked(tmp_path):
    order = Order((1, 2), "openai", "m", {}, 9)
    outcomes = list(delivery.outcomes(order, Reading(error=Busy("cloud_busy", provider="openai"), cost=5), tmp_path, 0))
    assert [outcome.cost for outcome in outcomes] == [3, 2]


def test_pictures_that_nobody_asked_for_are_left_out(tmp_path):
    order = Order((1,), "openai", "m", {}, 9)
    outcomes = list(delivery.outcomes(order, Reading(pictures=[b"x", b"y"], cost=5), tmp_path, 0))
    assert [(outcome.shot, outcome.cost) for outcome in outcomes] == [(1, 5)]
    assert isinstance(outcomes[0].error, BadPicture)


def test_what_looks_like_a_key_is_left_out_whoever_it_belongs_to():
    said = "sk-proj-abc123_X0123 AIzaSyA1234567890 Bearer abc.def.ghi.jkl.mno tok-1"
    assert brief(said) == "*** *** Bearer *** tok-1"
    assert brief("the key s3cret-of-mine is wrong", "s3cret-of-mine") == "the key *** is wrong"
    assert brief(None) == ""
    assert len(brief("x" * 999)) == 200
