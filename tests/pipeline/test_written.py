"""A text model is slow, away, wrong or gone in the middle: no other job waits, no idea is lost or asked for twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stockgen.domain.errors import WriterAway, WriterLacks
from stockgen.domain.words import Remark
from stockgen.ledger.jobs import remarks_of
from stockgen.pipeline.eta import waiting_for
from stockgen.pipeline.written import RETRY
from tests.house import ROOT, DaemonProcess, broken_promises
from tests.lanes.harness import HandClock
from tests.pipeline.scribes import AWAY, WritingHouse
from tests.pipeline.stage import command

Build = Callable[..., WritingHouse]
TEN = "keywords: sea\ncount: 10\nsize: 64x64\n"
WONDER = "keywords: sea wonder\ncount: 4\nsize: 64x64\n"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Build]:
    built: list[WritingHouse] = []

    def build(over: dict[str, Any] | None = None, **options: Any) -> WritingHouse:
        built.append(WritingHouse(tmp_path / f"house{len(built)}", over, **{"thread": True} | options))
        return built[-1]

    yield build
    for one in built:
        one.writer.gate.set()
        broken = broken_promises(one.app.ledger)
        one.close()
        assert broken == {}


def planned(one: WritingHouse, job: str) -> Callable[[], bool]:
    return lambda: one.app.ledger.jobs.get(job)["state"] != "planning"


def told(one: WritingHouse, job: str) -> dict[str, dict[str, Any]]:
    return {remark.code: dict(remark.facts) for remark in remarks_of(one.app.ledger.jobs.get(job)["remarks"])}


def writing(one: WritingHouse, text: str, **options: Any) -> str:
    """A job whose first answer is being waited for."""
    one.writer.gate.clear()
    job = one.order(text, **options)
    one.work(lambda: one.writer.asked.acquire(blocking=False))
    return job


def dense(one: WritingHouse, job: str, count: int) -> None:
    """As many ideas as were asked for, each once, numbered without a gap, each with its picture."""
    ideas = one.ideas(job)
    assert [row["position"] for row in ideas] == list(range(count))
    assert len({row["title_en"] for row in ideas}) == count
    assert [shot["position"] for shot in one.shots(job)] == list(range(count))


def test_a_slow_text_model_does_not_stop_a_dropped_job(house: Build) -> None:
    one = house()
    night = writing(one, TEN)
    assert not one.app.engine.step(one.app.clock.monotonic())  # nor does it keep the loop turning
    quick = one.make("prompt: a calm sea\nsize: 64x64\n")
    assert len(one.pictures(quick)) == 1
    assert one.app.ledger.jobs.get(night)["state"] == "planning"
    assert not one.app.engine.idle
    one.writer.gate.set()
    one.work(planned(one, night))
    dense(one, night, 10)


def test_ideas_are_rendered_while_others_are_still_being_written(house: Build) -> None:
    one = house()
    job = writing(one, TEN)
    one.writer.gate.set()
    one.work(lambda: len(one.ideas(job)) >= 5)
    one.work(planned(one, job))
    assert {row["writer"] for row in one.ideas(job)} == {"scripted"}
    (line,) = one.events("job.written")
    assert (line["ideas"], line["of"], line["reason"]) == (10, 10, None)
    assert line["seconds"] > 0


def test_a_chosen_seed_counts_on_over_written_ideas(house: Build) -> None:
    one = house()
    job = one.order(f"{TEN}seed: 7\n")
    one.work(planned(one, job))
    assert [shot["seed"] for shot in one.shots(job)] == list(range(7, 17))


def test_a_text_model_that_goes_away_leaves_the_rest_to_the_word_lists_and_it_is_told(house: Build) -> None:
    one = house()
    one.writer.lasts = 1
    job = one.order(TEN)
    one.work(planned(one, job))
    dense(one, job, 10)
    assert [row["writer"] for row in one.ideas(job)] == ["scripted"] * 5 + [None] * 5
    assert told(one, job)["plan.writer_away"]["ideas"] == 5
    assert one.events("job.written")[0]["ideas"] == 5


def test_a_text_model_that_is_away_from_the_start_costs_no_picture(house: Build) -> None:
    one = house()
    one.writer.fails = AWAY
    job = one.make(TEN)
    assert len(one.pictures(job)) == 10
    facts = told(one, job)["plan.writer_away"]
    said = one.app.catalogue.say.tell(Remark("plan.writer_away", facts=facts))
    assert said.startswith("10 of the 10 ideas are from the word lists")
    assert said.endswith("scripted does not answer: connection refused")


def test_an_answer_that_nobody_can_read_leaves_the_rest_to_the_word_lists(house: Build) -> None:
    one = house()
    one.writer.write = lambda brief: "no list"  # type: ignore[method-assign]
    job = one.order(TEN)
    one.work(planned(one, job))
    dense(one, job, 10)
    assert told(one, job)["plan.writer_away"]["why"].code == "error.bad_answer"


def test_whoever_has_a_text_model_is_not_told_to_set_one_up_when_it_could_not_translate(house: Build) -> None:
    one = house()
    words = one.root / "my" / "vocabulary"
    words.mkdir(parents=True)
    (words / "words.yaml").write_text("noisy: [꿻뚫]\n", encoding="utf-8")
    one.again()
    job = one.order("keywords: 꿻뚫\nsize: 64x64\n")
    (words / "words.yaml").unlink()
    one.again()
    one.writer.write = lambda brief: "no list"  # type: ignore[method-assign]
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert "plan.untranslated" in told(one, job)
    assert "job_file.untranslated" not in told(one, job)


def test_a_writer_that_breaks_is_a_bug_of_ours_and_costs_no_picture(house: Build) -> None:
    one = house()
    one.writer.wrong = lambda number: 1 // 0 * "x"
    job = one.order(TEN)
    one.work(planned(one, job))
    dense(one, job, 10)
    assert "ZeroDivisionError" in one.events("bug")[0]["traceback"]
    assert "plan.writer_away" in told(one, job)


def test_what_can_only_be_written_waits_and_goes_on_when_the_text_model_is_back(house: Build) -> None:
    clock = HandClock()
    one = house(clock=clock)
    one.writer.fails = WriterLacks("writer_away", writer="scripted", detail="ollama pull qwen")
    job = one.order(WONDER)
    one.work()  # whoever waits until nothing is left to do does not wait for it
    assert one.app.ledger.jobs.get(job)["state"] == "planning"
    ((place, held, ideas),) = one.app.engine.held()
    one.order(WONDER, "other.yaml")
    one.work()
    assert (place, held.hold, held.until, ideas, held.jobs) == ("planning", "writer", None, 4, frozenset({job}))
    assert "ollama pull qwen" in one.app.catalogue.say.tell(waiting_for(held.hold, held.reason, None, ideas, "UTC"))
    one.turn()
    assert [line["place"] for line in one.events("hold.on")] == ["planning"]
    asked = len(one.writer.briefs)
    one.turn(5)
    assert len(one.writer.briefs) == asked  # no oftener than every half minute
    assert clock.now < one.app.engine.next_at() <= clock.now + RETRY
    one.writer.fails = None
    clock.now += RETRY
    one.writer.gate.clear()
    one.work(lambda: one.writer.asked.acquire(blocking=False) and len(one.writer.briefs) > asked)
    assert one.app.engine.next_at() > clock.now  # while it is asked, the loop has nothing to do
    one.writer.gate.set()
    one.work(planned(one, job))
    dense(one, job, 4)
    one.work(lambda: one.app.engine.held() == [])
    one.turn()
    assert len(one.events("hold.off")) == 1
    assert "plan.writer_away" not in told(one, job)


def test_a_job_that_waits_for_the_text_model_can_be_cancelled(house: Build) -> None:
    one = house()
    one.writer.fails = AWAY
    job = one.order(WONDER)
    one.work()
    command(one, "cancel", job=job)
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert one.app.engine.held() == []
    assert one.app.ledger.jobs.get(job)["result"] == "cancelled"


def test_a_job_that_is_cancelled_while_it_is_written_ends_at_once(house: Build) -> None:
    one = house()
    job = writing(one, TEN)
    command(one, "cancel", job=job)
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")  # the answer has still not come
    assert one.app.engine.idle
    one.writer.gate.set()
    one.work()
    assert one.ideas(job) == []
    other = one.order(TEN)
    one.work(planned(one, other))
    dense(one, other, 10)


def test_after_a_restart_in_the_middle_only_the_rest_is_asked_for(house: Build) -> None:
    one = house()
    one.writer.seconds = 0.05
    job = one.order("keywords: sea\ncount: 20\nsize: 64x64\n")
    one.work(lambda: len(one.ideas(job)) >= 7)
    had = one.ideas(job)
    one.again()
    one.writer.briefs.clear()
    one.work(planned(one, job))
    dense(one, job, 20)
    assert one.ideas(job)[: len(had)] == had
    assert (
        sum(int(text.split()[0]) for text in one.writer.briefs) <= 20 - len(had) + 5
    )  # the old thread's last, at most


def test_an_idea_with_a_brand_is_asked_for_again(house: Build) -> None:
    one = house()
    one.writer.wrong = lambda number: f"nike shoes {number}" if number % 2 else f"an idea of number {number}"
    job = one.order(TEN)
    one.work(planned(one, job))
    dense(one, job, 10)
    assert not [row for row in one.ideas(job) if "nike" in row["prompt"] and row["writer"]]


def test_words_are_translated_once_and_it_is_told(house: Build) -> None:
    one = house()
    job = one.order("keywords: zzz sea\ncount: 7\nsize: 64x64\n")
    one.work(lambda: len(one.ideas(job)) >= 2)
    one.again()
    one.work(planned(one, job))
    dense(one, job, 7)
    assert sum("translation" in text for text in one.writer.briefs) == 1
    assert told(one, job)["plan.translated"]["words"] == "sea"


def test_a_dropped_job_does_not_wait_behind_a_nights_writing(house: Build) -> None:
    one = house()
    night = writing(one, "keywords: sea\ncount: 60\nsize: 64x64\n", kind="schedule")
    job = one.order(WONDER)
    one.turn()
    one.writer.gate.set()
    one.work(planned(one, job))
    assert len(one.ideas(night)) < 60
    one.work(planned(one, night))
    dense(one, night, 60)
    dense(one, job, 4)
    assert [line["job"] for line in one.events("job.written")] == [job, night]


def test_the_more_urgent_of_two_that_wait_is_written_first(house: Build) -> None:
    one = house()
    first = writing(one, TEN)
    later, urgent = one.order(WONDER), one.order(f"{WONDER}priority: 5\n")
    one.writer.gate.set()
    one.work(planned(one, urgent))
    assert one.ideas(later) == []
    one.work(planned(one, later))
    one.work(planned(one, first))


def test_a_stop_is_not_delayed_by_a_call_that_hangs(house: Build) -> None:
    one = house()
    job = writing(one, TEN)
    begun = time.monotonic()
    one.again()
    assert time.monotonic() - begun < 2.0
    one.writer.gate.set()
    one.work(planned(one, job))
    dense(one, job, 10)


def test_other_orders_of_a_job_keep_their_place(house: Build) -> None:
    one = house()
    job = one.order(
        "- {prompt: a calm sea, count: 2, size: 64x64}\n- {keywords: sea, count: 6, size: 64x64}\n"
        "- {prompt: a lake, count: 2, size: 64x64}\n"
    )
    one.work(lambda: len(one.ideas(job)) >= 4)
    one.again()
    one.work(planned(one, job))
    assert [row["order_index"] for row in one.ideas(job)] == [0] * 2 + [1] * 6 + [2] * 2
    assert [row["position"] for row in one.ideas(job)] == list(range(10))


def test_without_a_wish_there_is_no_thread(house: Build) -> None:
    before = set(threading.enumerate())
    house().make("prompt: a calm sea\nsize: 64x64\n")
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name == "writing"]


def test_every_job_that_waits_for_the_text_model_is_listed(house: Build) -> None:
    one = house()
    one.writer.fails = WriterAway("writer_away", writer="scripted", detail="busy")
    jobs = [one.order(WONDER) for _ in range(3)]
    one.work()
    assert sum(ideas for _, _, ideas in one.app.engine.held()) == 12
    assert {job for _, held, _ in one.app.engine.held() for job in held.jobs} == set(jobs)


class WritingDaemon(DaemonProcess):
    """A real one with a text model."""

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.pipeline.launch_writing", str(self.config)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.process
def test_a_kill_in_the_middle_of_writing_loses_no_idea_and_writes_none_twice(tmp_path: Path) -> None:
    night = WritingDaemon(tmp_path, over={"providers": {"scripted": {"place": "net"}, "second": {}}})
    night.drop("keywords: sea\ncount: 15\nsize: 64x64\n")
    with night:
        assert night.wait_for("writing.begun")["ideas"] == 15
        night.wait_for("writing.idea", 7)
        night.send(signal.SIGKILL)
        night.finish()
    had = night.ledger().query("SELECT count(*) AS n FROM ideas")[0]["n"]
    with night:
        assert night.wait_for("writing.begun")["ideas"] == 15 - had < 15  # only the rest is asked for
        assert night.finish() == 0
    (job,) = night.ledger().jobs.listed()
    ideas = night.ledger().query("SELECT position, title_en, writer FROM ideas ORDER BY position")
    assert [row["position"] for row in ideas] == list(range(15))
    assert len({row["title_en"] for row in ideas}) == 15
    assert {row["writer"] for row in ideas} == {"scripted"}
    assert (job["result"], job["shots"]["done"]) == ("done", 15)
