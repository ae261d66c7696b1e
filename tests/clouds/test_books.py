"""The books are right: who pays, what arrived, what was delivered, whatever clients do at the same time."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse

import pytest
import requests

from tests.clouds import BOTH, Clouds
from tests.clouds.faults import KINDS, of
from tests.clouds.handle import ROOT
from tests.clouds.settings import OPENAI_KEY

WISH = {"model": "gpt-image-2", "size": "1024x640", "quality": "low"}
ONE = 106 * 30 + 2 * 5  # micro-USD of WISH: tokens of the picture and of eight letters
PAID = {"whole": 1, "words": 0, "no": 0}

CLIENT = """
import sys, requests
wish = {"model": "gpt-image-2", "prompt": "a killed", "size": "1024x1024", "quality": "low"}
requests.post(sys.argv[1] + "/images/generations", json=wish, headers={"Authorization": "Bearer " + sys.argv[2]})
"""


def ask(clouds: Clouds, prompt: str, service: str = "openai", **more: object) -> requests.Response:
    if service == "openai":
        headers = {"Authorization": f"Bearer {clouds.openai_key}"}
        body: dict[str, object] = {**WISH, "prompt": prompt, **more}
        return requests.post(f"{clouds.openai_url}/images/generations", json=body, headers=headers, timeout=30)
    config = {"responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": "1:1"}}
    body = {"contents": [{"parts": [{"text": prompt}], "role": "user"}], "generationConfig": config}
    url = f"{clouds.url}/v1beta/models/gemini-nano-banana-2.1:generateContent"
    return requests.post(url, json=body, headers={"x-goog-api-key": clouds.gemini_key}, timeout=30)


def connected(clouds: Clouds, prompt: str) -> socket.socket:
    """A client that has sent its request and reads nothing. It has little room for what comes."""
    body = json.dumps({**WISH, "prompt": prompt}).encode()
    head = f"POST /v1/images/generations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {OPENAI_KEY}\r\n"
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    one.connect(("127.0.0.1", int(clouds.url.rpartition(":")[2])))
    one.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return one


@pytest.mark.parametrize("service", BOTH)
def test_each_fault_is_billed_as_its_table_says(clouds: Clouds, service: str) -> None:
    quick = [kind for kind in of(service) if kind not in ("hang", "stall", "drip", "drop", "reset", "slow")]
    for kind in quick:
        clouds.script(service, kind)
        ask(clouds, f"{service} {kind}", service)
    told = {one.fault.partition(":")[0]: one for one in clouds.arrivals if one.service == service}
    wrong = {
        kind: (told[kind].images, told[kind].micros)
        for kind in quick
        if kind != "fewer" and (told[kind].images, told[kind].micros > 0)
        != (PAID[KINDS[kind].bills], KINDS[kind].bills != "no")
    }  # fmt: skip
    assert not wrong


@pytest.mark.parametrize(("fault", "images"), [("hang", 1), ("drop", 1), ("drip", 1), ("stall", 0), ("reset", 0)])
def test_who_gives_up_pays_for_what_was_made(clouds: Clouds, fault: str, images: int) -> None:
    before = clouds.facts()
    clouds.script("openai", fault)
    with pytest.raises(requests.RequestException):
        requests.post(
            f"{clouds.openai_url}/images/generations", json={**WISH, "prompt": "12345678"},
            headers={"Authorization": f"Bearer {clouds.openai_key}"}, timeout=(5, 0.5),
        )  # fmt: skip
    assert clouds.wait(quiet=True)
    after = clouds.facts()
    assert (after["images"] - before["images"], after["micros"] - before["micros"]) == (images, images * ONE)
    assert after["delivered"] == before["delivered"]


def test_a_client_that_is_killed_while_it_waits_has_paid_and_got_nothing() -> None:
    with Clouds(latency=1.0) as clouds:
        command = [sys.executable, "-c", CLIENT, clouds.openai_url, OPENAI_KEY]
        client = subprocess.Popen(command, cwd=ROOT)
        assert clouds.wait(arrivals=1)
        client.kill()
        client.wait()
        assert clouds.wait(images=1, quiet=True)
        (one,) = clouds.arrivals
    assert (one.prompt, one.images, one.delivered) == ("a killed", 1, None)


def test_an_answer_is_delivered_when_the_clients_computer_has_all_of_it_and_not_before() -> None:
    with Clouds() as clouds, connected(clouds, "slow reader") as client:
        assert clouds.wait(images=1)
        assert not clouds.wait(0.5, quiet=True)
        assert clouds.delivered == 0
        with HTTPResponse(client, method="POST") as answer:
            answer.begin()
            assert json.loads(answer.read())["size"] == "1024x640"
        assert clouds.wait(quiet=True)
        assert clouds.delivered == 1


def test_half_an_answer_that_a_client_has_read_is_not_delivered() -> None:
    with Clouds() as clouds:
        with connected(clouds, "goes away") as client:
            assert clouds.wait(images=1)
            client.recv(5000)
        assert clouds.wait(quiet=True)
        assert (clouds.images, clouds.delivered) == (1, 0)


def test_eight_at_a_time_are_counted_as_eight_and_none_is_lost() -> None:
    with Clouds(latency=0.3) as clouds:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda number: ask(clouds, f"fox {number:04}"), range(40)))
        assert clouds.wait(quiet=True)
        facts = clouds.facts()
    assert {one.status_code for one in answers} == {200}
    assert (facts["images"], facts["delivered"], facts["micros"]) == (40, 40, 40 * ONE)
    assert facts["most_parallel"] == {"openai": 8}
    assert len({one["id"] for one in facts["arrivals"]}) == 40


def test_a_client_that_asks_again_at_once_is_never_two() -> None:
    with Clouds() as clouds:
        for number in range(10):
            ask(clouds, f"fox {number}")  # each on a connection of its own
        assert clouds.most_parallel("openai") == 1


def test_the_time_of_an_arrival_is_that_of_all_processes_and_latency_is_kept() -> None:
    with Clouds(latency=0.5, jitter=0.2) as clouds:
        start = time.monotonic()
        ask(clouds, "a fox")
        end = time.monotonic()
        (one,) = clouds.arrivals
    assert one.made is not None
    assert start <= one.monotonic <= one.made <= end
    assert one.made - one.monotonic >= 0.3
    assert abs(one.wall - time.time()) < 60


def drawn(order: list[int], seed: int) -> dict[str, str]:
    with Clouds() as clouds:
        clouds.storm(share=0.5, seed=seed, kinds=["internal", "rate_limit_after:1", "moderation_blocked", "per_day"])
        for number in order:
            ask(clouds, f"fox {number}")
        return {one.prompt: one.fault for one in clouds.arrivals}


def test_a_storm_hits_the_same_prompts_in_whatever_order_and_others_with_another_seed() -> None:
    forth, back, other = drawn([*range(30)], 7), drawn([*range(30)][::-1], 7), drawn([*range(30)], 8)
    assert forth == back
    assert forth != other
    hit = [fault for fault in forth.values() if fault != "ok"]
    assert 6 <= len(hit) <= 24
    assert {*hit} == {"internal", "rate_limit_after:1", "moderation_blocked:sexual"}


def test_a_script_comes_before_a_storm_and_is_not_spent_on_what_is_rejected(clouds: Clouds) -> None:
    clouds.storm(share=1.0, seed=1, kinds=["internal"])
    clouds.script("openai", "overloaded", "ok")
    told = [ask(clouds, "a fox", **more).status_code for more in ({}, {"size": "1x1"}, {}, {})]
    clouds.calm()
    assert [*told, ask(clouds, "a fox").status_code] == [503, 400, 200, 500, 200]


def test_more_than_the_limit_of_a_minute_are_told_when_to_come_back() -> None:
    with Clouds(per_minute={"openai": 3, "gemini": 1}, window=1.5) as clouds:
        told = [ask(clouds, "a fox", n=n) for n in (2, 2, 1, 1)]
        google = [ask(clouds, "a fox", "gemini").status_code for _ in range(2)]
        assert [one.status_code for one in told] == [200, 429, 200, 429]
        assert told[3].json()["error"]["code"] == "rate_limit_exceeded"
        assert told[3].headers["retry-after"] in ("1", "2")
        assert google == [200, 429]
        oldest = clouds.arrivals[0].monotonic
        assert not clouds.wait(max(0.0, oldest + 1.6 - time.monotonic()), arrivals=99)
        assert ask(clouds, "a fox").status_code == 200


def test_a_prompt_may_have_its_own_fault_for_ever(clouds: Clouds) -> None:
    clouds.configure(by_prompt={"blood": "moderation_blocked:violence"})
    told = [ask(clouds, prompt).status_code for prompt in ("blood moon", "moon", "blood moon")]
    google = ask(clouds, "blood moon", "gemini").status_code
    clouds.configure(by_prompt={})
    assert (told, google) == ([400, 200, 400], 200)


def test_what_there_is_not_is_said_and_not_ignored(clouds: Clouds) -> None:
    with pytest.raises(ValueError, match="no fault 'blocked'"):
        clouds.script("openai", "blocked")
    with pytest.raises(ValueError, match="no setting speed"):
        clouds.configure(speed=3)


def test_the_server_ends_with_its_handle_and_with_whoever_started_it() -> None:
    code = "import sys; from tests.clouds import Clouds; print(Clouds().__enter__().pid, flush=True); sys.stdin.read()"
    pipe = subprocess.PIPE
    starter = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
    assert starter.stdout
    from tests.processes import gone, noted

    with noted([int(starter.stdout.readline())]) as handles:
        assert handles
        starter.kill()
        starter.communicate()
        assert gone(handles, 20)
