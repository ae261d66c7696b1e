"""What a writer is told of the past: newest first, and without looking at everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from stockgen.ledger import FILE_NAME, Ledger
from stockgen.pipeline.motifs import place
from tests.ledger.test_claims import Spy
from tests.novelty.asking import NOW, Desk, idea

TITLES = ("Fox", "Train", "Boat", "Moon", "Rose")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Five pictures of five ideas, each with its motif."""
    desk = Desk(tmp_path)
    desk.planned(*TITLES)
    for row in desk.book.ledger.query("SELECT id, prompt, title_en FROM ideas"):
        place(desk.book.ledger, row["id"], row["prompt"], "", row["title_en"], NOW)
    return desk


def published(desk: Desk) -> list[int]:
    return [desk.book.publish(row["id"]) for row in desk.book.ledger.query("SELECT id FROM shots ORDER BY id")]


def test_the_newest_motifs_are_told_by_their_first_title(desk: Desk) -> None:
    desk.planned(idea("Fox again", "Fox"))
    row = desk.book.ledger.query("SELECT id, prompt FROM ideas ORDER BY id DESC LIMIT 1")[0]
    place(desk.book.ledger, row["id"], row["prompt"], "", "Fox again", NOW)
    assert desk.novelty.recent(3) == ["Rose", "Moon", "Boat"]
    assert desk.novelty.recent(9) == ["Rose", "Moon", "Boat", "Train", "Fox"]


def test_what_markets_refused_and_people_dropped_is_told_once_newest_first(desk: Desk) -> None:
    fox, train, boat, moon, _ = published(desk)
    ledger = desk.book.ledger
    ledger.assets.judge(fox, "dropped", NOW + 1)
    ledger.marks.decide([train, boat], "adobe_stock", "rejected", "similar", NOW + 20)
    ledger.marks.decide([train], "miricanvas", "rejected", None, NOW + 30)
    ledger.marks.decide([moon], "adobe_stock", "accepted", None, NOW + 40)
    assert desk.novelty.refused(9) == ["Train", "Boat", "Fox"]
    assert desk.novelty.refused(1) == ["Train"]


def test_a_picture_that_was_deleted_after_it_was_uploaded_was_not_disliked(desk: Desk) -> None:
    fox, train, boat, *_ = published(desk)
    ledger = desk.book.ledger
    for asset, state in ((fox, "uploaded"), (train, "accepted")):
        ledger.marks.decide([asset], "adobe_stock", state, None, NOW)
        ledger.assets.seen(asset, "dropped", f"{asset}.png", NOW)
    ledger.assets.seen(boat, "dropped", "boat.png", NOW)
    assert desk.novelty.refused(9) == ["Boat"]


def test_a_hundred_thousand_ideas_are_not_looked_at_for_that(desk: Desk, tmp_path: Path) -> None:
    spy = Spy(tmp_path / FILE_NAME)
    past = Ledger(spy).past
    questions = (
        lambda: past.recent(30), lambda: past.rejected(30), lambda: past.dropped(30), lambda: past.since(5, 1, 10),
        lambda: past.told(1),
    )  # fmt: skip
    for ask in questions:
        ask()
        plan = spy.plan()
        assert "TEMP B-TREE" not in plan, plan
        scanned = [step for step in plan.split(" | ") if step.startswith("SCAN")]
        assert all("INDEX" in step or step == "SCAN m" for step in scanned), (
            plan
        )  # ends after so many rows, newest first
