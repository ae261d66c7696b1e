"""Vectors of a server: what means the same is near though no word is the same; without them nothing fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from stockgen.pipeline.motifs import place
from stockgen.pipeline.novelty.run import AT_ONCE, BACKLOG
from tests.novelty.asking import NOW, Desk, idea, meaning
from tests.ollama import Fault, OllamaServer

SEA = meaning("ocean sea water", "lighthouse beacon", "ship vessel boat", "rose", "fox")
Serve = Callable[..., OllamaServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda embed=SEA: stack.enter_context(OllamaServer(models={"all-minilm": 1}, embed=embed))


@pytest.fixture
def server(serve: Serve) -> OllamaServer:
    return serve()


@pytest.fixture
def desk(tmp_path: Path, server: OllamaServer) -> Desk:
    return Desk(tmp_path, server)


def texts(server: OllamaServer) -> list[list[str]]:
    return [asked.body["input"] for asked in server.asked("/api/embed")]


# -- what is near ----------------------------------------------------------------------------------------------


def test_ideas_that_mean_the_same_are_near_though_no_word_is_the_same(desk: Desk) -> None:
    desk.planned("Beacon of the vessel")
    assert desk.near("Lighthouse, ship") == "Beacon of the vessel"
    assert desk.near("Rose, fox") is None


def test_ideas_of_one_answer_are_compared_by_their_vectors(desk: Desk) -> None:
    assert desk.near("Beacon of the vessel") is None
    assert desk.near("Lighthouse, ship") == "Beacon of the vessel"


def test_what_is_embedded_ends_before_words_about_style(desk: Desk, server: OllamaServer) -> None:
    desk.near("Calm sea", "a calm sea at dawn, watercolor, 8k; soft light")
    assert texts(server)[-1] == ["Calm sea. a calm sea at dawn"]


# -- what is kept ----------------------------------------------------------------------------------------------


def test_vectors_of_earlier_ideas_are_asked_for_in_bulk_newest_first_and_a_bounded_number(
    desk: Desk, server: OllamaServer
) -> None:
    desk.planned(*(f"Idea {number} of the sea" for number in range(BACKLOG + 40)))
    desk.near("Fox")
    _, *bulk, last = texts(server)
    assert [len(one) for one in bulk] == [AT_ONCE] * (BACKLOG // AT_ONCE)
    assert bulk[0][0] == f"Idea {BACKLOG + 39} of the sea. Idea {BACKLOG + 39} of the sea"
    assert last == ["Fox. Fox"]
    assert len(desk.vectors()) == BACKLOG
    desk.near("Rose")
    assert len(desk.vectors()) == BACKLOG  # no more in one night
    desk.anew(server)
    desk.near("Rose rose")
    assert len(desk.vectors()) == BACKLOG + 40


def test_an_idea_that_was_found_new_is_not_embedded_a_second_time_once_it_is_planned(
    desk: Desk, server: OllamaServer
) -> None:
    desk.near("Calm sea")
    desk.planned(idea("Calm sea, mended", "Calm sea"))
    desk.near("Fox")
    assert list(desk.vectors()) == ["Calm sea"]
    assert [one for one in texts(server) if one == ["Calm sea. Calm sea"]] == [["Calm sea. Calm sea"]]


def test_vectors_survive_the_night(desk: Desk, server: OllamaServer) -> None:
    desk.planned("Beacon of the vessel")
    desk.near("Fox")
    before = len(texts(server))
    desk.anew(server)
    assert desk.near("Lighthouse, ship") == "Beacon of the vessel"
    assert len(texts(server)) == before + 2  # the sentence that a model is known by, and the new idea


def test_vectors_of_another_model_are_never_compared_and_are_made_anew(desk: Desk, serve: Serve) -> None:
    desk.planned("Beacon of the vessel", "Rose")
    desk.near("Fox")
    old = desk.vectors()
    other = serve(meaning("rose", "fox", "ocean", "ship vessel boat", "lighthouse beacon"))
    desk.anew(other, model="all-minilm", name="another")
    assert desk.near("Lighthouse, ship") == "Beacon of the vessel"
    new = desk.vectors()
    assert {model for model, _ in old.values()} == {1}
    assert {model for model, _ in new.values()} == {2}
    assert new["Rose"][1] != old["Rose"][1]


def test_the_same_model_is_known_again_under_another_name_and_with_other_rounding(desk: Desk, serve: Serve) -> None:
    desk.planned("Beacon of the vessel")
    desk.near("Fox")
    rng = Random(1)
    again = serve(lambda asked: [[one + rng.uniform(-0.01, 0.01) for one in vector] for vector in SEA(asked)])
    desk.anew(again, name="another")
    assert desk.near("Lighthouse, ship") == "Beacon of the vessel"
    assert [model for model, _ in desk.vectors().values()] == [1]
    assert len(texts(again)) == 2


# -- without them ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_server_that_goes_away_leaves_titles_alone_and_is_not_asked_again(
    desk: Desk, server: OllamaServer, after: int
) -> None:
    desk.planned("Red fox sleeping in deep snow", "Beacon of the vessel")
    for _ in range(after):  # the probe, the backlog
        server.fail(Fault("slow", seconds=0.0), "/api/embed")
    server.fail(Fault("drop"), "/api/embed")
    assert desk.near("Deep snow: a red fox sleeping") == "Red fox sleeping in deep snow"
    asked = len(texts(server))
    assert desk.near("Lighthouse, ship") is None
    assert len(texts(server)) == asked
    assert [(level, event) for level, event, _ in desk.log.events] == [("debug", "novelty.words_alone")]


@pytest.mark.parametrize(
    "bad",
    [
        lambda asked: [[0.0, 0.0] for _ in asked],
        lambda asked: [[float("nan"), 1.0] for _ in asked],
        lambda asked: [[1.0] * (7 if "lighthouse" in one else 5) for one in asked],
    ],
    ids=["nothing", "no numbers", "another length each time"],
)
def test_vectors_that_cannot_be_compared_leave_titles_alone(
    tmp_path: Path, serve: Serve, bad: Callable[[Sequence[str]], list[list[float]]]
) -> None:
    desk = Desk(tmp_path, serve(bad))
    desk.planned("Red fox sleeping in deep snow")
    assert desk.near("Deep snow: a red fox sleeping") == "Red fox sleeping in deep snow"
    assert [event for _, event, _ in desk.log.events] == ["novelty.words_alone"]
    assert desk.vectors() == {}


def test_a_model_that_is_not_pulled_leaves_titles_alone(tmp_path: Path, server: OllamaServer) -> None:
    desk = Desk(tmp_path)
    desk.anew(server, model="not-pulled")
    desk.planned("Red fox sleeping in deep snow")
    assert desk.near("Deep snow: a red fox sleeping") == "Red fox sleeping in deep snow"


def test_a_writer_without_a_model_for_vectors_is_never_asked_for_any(tmp_path: Path, server: OllamaServer) -> None:
    desk = Desk(tmp_path)
    desk.anew(server, model="")
    assert desk.near("Red fox sleeping in deep snow") is None
    assert texts(server) == []
    assert desk.log.events == []


def test_nobody_waits_for_a_slow_server_but_who_asks_it(tmp_path: Path, serve: Serve) -> None:
    asked, go = threading.Event(), threading.Event()

    def slow(given: Sequence[str]) -> list[list[float]]:
        asked.set()
        go.wait(20)
        return SEA(given)

    desk = Desk(tmp_path, serve(slow))
    desk.planned("Beacon of the vessel")
    answers: list[str | None] = []
    thread = threading.Thread(target=lambda: answers.append(desk.near("Lighthouse, ship")))
    thread.start()
    assert asked.wait(20)
    desk.planned("Rose")
    assert (desk.novelty.recent(3), desk.novelty.refused(3), desk.novelty.alike(idea("Rose"))) == ([], [], ())
    desk.novelty.rest()
    go.set()
    thread.join(20)
    assert answers == ["Beacon of the vessel"]


# -- motifs ----------------------------------------------------------------------------------------------------


def placed(desk: Desk, title: str) -> int:
    """Plan an idea that was asked about, and return its motif."""
    desk.near(title)
    desk.planned(title)
    row = desk.book.ledger.query("SELECT id FROM ideas ORDER BY id DESC LIMIT 1")[0]
    return place(desk.book.ledger, row["id"], title, "", title, NOW, desk.novelty.alike(idea(title)))


def test_an_idea_that_means_the_same_joins_its_motif(desk: Desk) -> None:
    first = placed(desk, "Beacon of the vessel")
    assert placed(desk, "Lighthouse, vessel") == first
    assert placed(desk, "Rose, fox") != first


def test_without_vectors_motifs_are_what_they_were(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    first = placed(desk, "Beacon of the vessel")
    assert placed(desk, "The beacon and the vessel") != first


def test_an_idea_is_compared_with_the_first_of_a_motif_only(tmp_path: Path, serve: Serve) -> None:
    steps = {f"Sea step{number}": number for number in range(8)}

    def along(given: Sequence[str]) -> list[list[float]]:
        """Each step lies near the one before, and further from the one before that."""
        places = [steps.get(one.split(".")[0], 20) for one in given]
        return [[1.0 if place <= at < place + 8 else 0.0 for at in range(28)] for place in places]

    desk = Desk(tmp_path, serve(along))
    assert [placed(desk, step) for step in steps] == [1, 1, 2, 2, 3, 3, 4, 4]
