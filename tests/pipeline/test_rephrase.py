"""Words that a provider refuses are put in other words once, and it is told those once; never the same words again.
Whatever becomes of the text model, the pictures go on along their chain.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house import House, broken_promises, litter
from tests.ollama.server import OllamaServer
from tests.ollama.state import Asked, Fault
from tests.pipeline.stage import attempts, command, states

GOOD = "a calm harbour at dusk, wooden boats, room for words above"
HARMLESS = json.dumps({"prompt": GOOD})
JOB = "prompt: a refuse harbour\nsize: 64x64\nmodel: both\n"
ALONE = "prompt: a refuse harbour\nsize: 64x64\nmodel: scripted\n"
BEFORE = "a refuse harbour"


def over(url: str, on: bool = True) -> dict[str, Any]:
    writers = {"ollama": {"url": url, "model": "qwen2.5:14b", "timeout": "5s"}}
    return {"limits": {"free_disk": "0B", "rephrase": on}, "writers": writers}


@pytest.fixture
def serving() -> Iterator[Callable[..., OllamaServer]]:
    """Starts servers with a text model that gives these answers in turn, the last one for ever."""
    servers: list[OllamaServer] = []

    def serve(*answers: str | Callable[[Asked], str]) -> OllamaServer:
        servers.append(OllamaServer(answers or [HARMLESS], models={"qwen2.5:14b": 9}).__enter__())
        return servers[-1]

    yield serve
    for one in servers:
        one.__exit__(None, None, None)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Builds a house with a text model at a server."""
    houses: list[House] = []

    def build(server: OllamaServer | str, on: bool = True) -> House:
        url = server if isinstance(server, str) else server.url
        houses.append(House(tmp_path, over(url, on), thread=True))
        return houses[-1]

    yield build
    for one in houses:
        broken = broken_promises(one.app.ledger)
        one.close()
        assert broken == {}


def asked(server: OllamaServer) -> list[str]:
    return [one.text for one in server.asked("/api/chat")]


def sidecars(one: House, job: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((one.folder(job) / "info").glob("*-*.json"))]


def test_the_same_provider_gets_other_words_once_and_both_are_told(serving, opened) -> None:
    one = opened(server := serving())
    job = one.make(JOB)
    assert attempts(one, job) == [("scripted", "failed", "Refused"), ("scripted", "rendered", None)]
    (text,) = asked(server)
    assert BEFORE in text
    (told,) = sidecars(one, job)
    assert told["prompt"] == GOOD
    assert told["rephrased"] == {
        "refused_by": "scripted", "before": BEFORE, "after": GOOD, "writer": "ollama/qwen2.5:14b",
    }  # fmt: skip
    assert "refuse" in told["title"]["en"].lower()  # what it is called stays
    assert litter(one.root) == []


def test_refused_again_the_next_provider_is_told_what_was_meant_in_the_first_place(serving, opened) -> None:
    one = opened(server := serving(json.dumps({"prompt": "a refuse harbour of another kind, boats"})))
    job = one.make(JOB)
    assert attempts(one, job) == [("scripted", "failed", "Refused")] * 2 + [("second", "rendered", None)]
    assert len(asked(server)) == 1
    (told,) = sidecars(one, job)
    assert told["prompt"] == BEFORE
    assert told["rephrased"]["after"] == "a refuse harbour of another kind, boats"


def test_without_the_key_nobody_is_asked(serving, opened) -> None:
    one = opened(server := serving(), on=False)
    job = one.make(JOB)
    assert attempts(one, job) == [("scripted", "failed", "Refused"), ("second", "rendered", None)]
    assert asked(server) == []
    assert "rephrased" not in sidecars(one, job)[0]


def test_without_a_text_model_the_next_provider_has_the_turn(house) -> None:
    one = house({"limits": {"free_disk": "0B", "rephrase": True}}, thread=True)
    job = one.make(JOB)
    assert attempts(one, job) == [("scripted", "failed", "Refused"), ("second", "rendered", None)]


def test_a_text_model_that_is_away_holds_up_nothing(serving, opened) -> None:
    server = serving()
    url = server.url
    server.__exit__(None, None, None)
    one = opened(url)
    job = one.make(JOB + "count: 3\n")
    assert [state for state, _ in states(one, job)] == ["done"] * 3
    assert attempts(one, job).count(("scripted", "failed", "Refused")) <= 3
    assert len(one.events("rephrase.away")) == 1


def test_where_the_chain_ends_there_the_reason_is_that_of_the_refusal(serving, opened) -> None:
    one = opened(serving("I can't help with that."))
    job = one.make(ALONE)
    assert states(one, job) == [("failed", "refused")]
    assert attempts(one, job) == [("scripted", "failed", "Refused")]


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps({"prompt": "A refuse, harbour!"}),
        json.dumps({"prompt": "해 질 녘의 고요한 항구"}),
        json.dumps({"prompt": "a can of Coca-Cola on a calm harbour wall"}),
        json.dumps({"prompt": " ".join(f"a calm harbour with {number} boats," for number in range(40))}),
        json.dumps({"prompt": ""}),
        json.dumps({"prompt": "a 平静 harbour at dusk"}),
        "Sorry.",
        "{",
    ],
    ids=["the same words", "Korean", "a brand", "too long", "nothing", "Chinese", "prose", "cut off"],
)
def test_words_that_can_not_be_used_are_asked_for_once_more_and_then_left(serving, opened, answer: str) -> None:
    one = opened(server := serving(answer))
    job = one.make(JOB)
    assert attempts(one, job) == [("scripted", "failed", "Refused"), ("second", "rendered", None)]
    assert len(asked(server)) == 2
    assert one.app.ledger.query("SELECT 1 FROM shots WHERE wish ->> '$.rephrase.words' <> ''") == []


def test_the_second_answer_counts_where_the_first_can_not_be_used(serving, opened) -> None:
    one = opened(server := serving("Sorry.", f"```json\n{HARMLESS}\n```"))
    job = one.make(JOB)
    assert attempts(one, job)[-1] == ("scripted", "rendered", None)
    assert len(asked(server)) == 2


def test_pictures_of_the_same_words_are_asked_for_together(serving, opened) -> None:
    one = opened(server := serving())
    job = one.make(JOB + "count: 4\n")
    assert len(asked(server)) == 1
    tried = attempts(one, job)
    assert tried.count(("scripted", "rendered", None)) == 4
    assert tried.count(("scripted", "failed", "Refused")) < 4  # the others were never sent with the words refused
    assert {told["prompt"] for told in sidecars(one, job)} == {GOOD}


# -- nothing is lost -------------------------------------------------------------------------------------------


def waiting(one: House, job: str) -> bool:
    return bool(one.app.ledger.rewordings.waiting()) and states(one, job) == [("planned", None)]


def test_a_stop_waits_for_no_answer_and_the_words_are_asked_for_again_after_the_start(serving, opened) -> None:
    server = serving()
    server.fail(Fault("hang"), "/api/chat")
    one = opened(server)
    job = one.order(JOB)
    one.work(lambda: bool(asked(server)))
    assert waiting(one, job)
    assert not one.app.engine.idle  # nobody who waits until all is done goes away now
    began = one.app.clock.monotonic()
    one.again()
    assert one.app.clock.monotonic() - began < 4
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert attempts(one, job) == [("scripted", "failed", "Refused"), ("scripted", "rendered", None)]


def test_what_waits_for_words_goes_on_where_they_are_not_wanted_any_more(serving, opened) -> None:
    server = serving()
    server.fail(Fault("hang"), "/api/chat")
    one = opened(server)
    job = one.order(JOB)
    one.work(lambda: bool(asked(server)))
    one.config_path.write_text(one.config_path.read_text("utf-8").replace("rephrase: true", "rephrase: false"))
    one.again()
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert attempts(one, job) == [("scripted", "failed", "Refused"), ("second", "rendered", None)]


def test_words_that_were_refused_are_not_sent_again_whoever_has_forgotten_the_wait(serving, opened) -> None:
    """A clock that was set, a program without a text model: the shot may be claimed, but not with these words."""
    server = serving()
    server.fail(Fault("hang"), "/api/chat")
    one = opened(server)
    job = one.order(JOB)
    one.work(lambda: bool(asked(server)))
    one.app.ledger._db.write("UPDATE shots SET not_before = ''")
    text = one.config_path.read_text("utf-8")
    one.config_path.write_text(text[: text.index("writers:")])
    one.again()
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert attempts(one, job) == [("scripted", "failed", "Refused"), ("second", "rendered", None)]


def test_a_job_that_is_cancelled_meanwhile_ends(serving, opened) -> None:
    gate = threading.Event()

    def slow(_: Asked) -> str:
        gate.wait(20)
        return HARMLESS

    one = opened(server := serving(slow))
    job = one.order(JOB)
    one.work(lambda: bool(asked(server)))
    command(one, "cancel", job=job)
    gate.set()
    one.work()
    assert one.app.ledger.jobs.get(job)["result"] == "cancelled"
    assert attempts(one, job) == [("scripted", "failed", "Refused")]


def test_while_somebody_pauses_nobody_is_asked_and_nothing_keeps_the_program_busy(serving, opened) -> None:
    server = serving()
    server.fail(Fault("hang"), "/api/chat")
    one = opened(server)
    job = one.order(JOB)
    one.work(lambda: bool(asked(server)))
    command(one, "pause")
    one.again()
    one.work()
    assert len(asked(server)) == 1
    command(one, "resume")
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert len(asked(server)) == 2


def test_who_retries_a_job_has_other_words_found_and_the_first_ones_are_not_sent_again(serving, opened) -> None:
    one = opened(server := serving("Sorry.", "Sorry.", HARMLESS))
    job = one.make(ALONE)
    assert states(one, job) == [("failed", "refused")]
    (told,) = command(one, "retry", job=job)
    follow = told.facts["job"]
    one.work(lambda: one.app.ledger.jobs.get(follow)["state"] == "closed")
    assert attempts(one, follow) == [("scripted", "rendered", None)]
    assert len(asked(server)) == 3


def test_another_job_of_the_same_words_is_told_the_other_ones_at_once(serving, opened) -> None:
    one = opened(server := serving())
    one.make(JOB)
    assert attempts(one, one.make(JOB, "again.yaml")) == [("scripted", "rendered", None)]
    assert len(asked(server)) == 1
    one.again()
    assert attempts(one, one.make(JOB, "later.yaml")) == [("scripted", "rendered", None)]
    assert len(asked(server)) == 2  # what was found is kept with its picture, not for ever


def test_words_that_were_refused_in_both_ways_are_not_found_again(serving, opened) -> None:
    one = opened(server := serving(json.dumps({"prompt": "a refuse harbour of another kind, boats"})))
    one.make(JOB)
    assert attempts(one, one.make(JOB, "again.yaml")) == [("second", "rendered", None)]
    assert len(asked(server)) == 1
