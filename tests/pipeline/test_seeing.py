"""Pictures are judged by a model that sees: what it minds goes to review, what it sees is told; it stops nothing."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.house import BASE, House, litter
from tests.ollama.server import OllamaServer
from tests.ollama.state import Asked, Fault

GOOD = {"hands": 10, "text": 10, "logos": 9, "composition": 7,
        "caption_en": "Blue waves of the sea under a pale sky.",
        "caption_ko": "옅은 하늘 아래 푸른 바다 물결이 보입니다."}  # fmt: skip
SEA = "prompt: a sea\nsize: 64x64\ncount: 3\n"


def house(root: Path, server: OllamaServer, **vision: Any) -> House:
    over = {
        "checks": BASE["checks"] | {"vision": vision or {"least": 5}},
        "writers": {"ollama": {"url": server.url, "model": "qwen2.5:14b", "vision": "qwen2.5vl:7b", "timeout": "5s"}},
    }
    return House(root, over, thread=True)


def served(*answers: str | Callable[[Asked], str]) -> OllamaServer:
    return OllamaServer(answers or [json.dumps(GOOD)], models={"qwen2.5:14b": 9, "qwen2.5vl:7b": 6})


def sidecars(one: House, job: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((one.folder(job) / "info").glob("*-*.json"))]


def looks(server: OllamaServer) -> list[Asked]:
    """What was asked about pictures."""
    return [asked for asked in server.asked("/api/chat") if "images" in asked.body["messages"][-1]]


@pytest.fixture
def opened():
    houses: list[House] = []
    yield houses.append
    for one in houses:
        one.close()


def test_the_model_is_shown_the_picture_itself_and_its_words_become_the_description(tmp_path, opened):
    with served() as server:
        opened(one := house(tmp_path, server))
        job = one.make(SEA)
    assert len(one.pictures(job)) == 3
    shown = [base64.b64decode(one) for asked in looks(server) for one in asked.body["messages"][-1]["images"]]
    assert [Image.open(io.BytesIO(each)).size for each in shown] == [(64, 64)] * 3
    for tree in sidecars(one, job):
        assert {check["name"]: check["value"] for check in tree["checks"]}.items() >= {
            "hands": 10,
            "composition": 7,
        }.items()
        assert tree["description"] == {"en": GOOD["caption_en"], "ko": GOOD["caption_ko"]}
    ideas = one.app.ledger.query("SELECT description_ko FROM ideas")
    assert {row["description_ko"] for row in ideas} == {GOOD["caption_ko"]}  # what baskets tell markets


@pytest.mark.parametrize(("least", "reviewed"), [(5, 0), (8, 3)])
def test_fewer_marks_than_wanted_send_a_picture_to_review_by_their_reason(tmp_path, opened, least, reviewed):
    with served() as server:
        opened(one := house(tmp_path, server, least=least))
        job = one.make(SEA)
    assert len(list(one.outbox.glob("review/composition/*"))) == reviewed
    assert len(one.pictures(job)) == 3 - reviewed


def test_without_the_key_nobody_is_shown_anything(tmp_path, opened):
    with served() as server:
        over = {"writers": {"ollama": {"url": server.url, "model": "qwen2.5:14b", "vision": "qwen2.5vl:7b"}}}
        opened(one := House(tmp_path, over, thread=True))
        one.make(SEA)
        assert looks(server) == []


def test_a_model_that_does_not_answer_stops_no_picture(tmp_path, opened):
    with served() as server:
        url = server.url
    over = {
        "checks": BASE["checks"] | {"vision": {"least": 5}},
        "writers": {"ollama": {"url": url, "model": "a", "vision": "b", "timeout": "1s"}},
    }
    opened(one := House(tmp_path, over, thread=True))
    job = one.make(SEA)
    assert len(one.pictures(job)) == 3
    assert len(one.events("vision.away")) == 1  # told once, not for each picture
    assert all("hands" not in str(tree["checks"]) for tree in sidecars(one, job))
    assert litter(tmp_path) == []


def test_a_model_that_never_gives_marks_is_asked_twice_and_then_left_alone(tmp_path, opened):
    with served("What a nice picture!") as server:
        opened(one := house(tmp_path, server))
        job = one.make(SEA)
        assert len(one.pictures(job)) == 3
        assert len(looks(server)) == 6


def test_a_server_that_breaks_while_it_looks_costs_no_picture(tmp_path, opened):
    with served() as server:
        server.fail(Fault("drop", after=1))
        opened(one := house(tmp_path, server))
        job = one.make(SEA)
        assert len(one.pictures(job)) == 3


def test_a_caption_with_a_brand_describes_nothing(tmp_path, opened):
    with served(json.dumps(GOOD | {"caption_en": "A can of Coca-Cola on a sunny beach."})) as server:
        opened(one := house(tmp_path, server))
        job = one.make(SEA)
    assert all("Coca" not in tree["description"]["en"] for tree in sidecars(one, job))
    assert all(tree["description"]["ko"] == GOOD["caption_ko"] for tree in sidecars(one, job))


def test_a_stop_does_not_wait_for_a_look_and_the_picture_is_looked_at_after_the_start(tmp_path, opened):
    with served() as server:
        server.fail(Fault("hang"))
        opened(one := house(tmp_path, server))
        job = one.order(SEA)
        one.work(lambda: bool(looks(server)))
        began = one.app.clock.monotonic()
        one.again()
        assert one.app.clock.monotonic() - began < 4
        one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert len(one.pictures(job)) == 3
    assert all("hands" in str(tree["checks"]) for tree in sidecars(one, job))
    assert litter(tmp_path) == []
