"""`kill -9` at any moment: nothing is lost, nothing is made twice, nothing is left lying about.

STOCKGEN_SEED chooses the moments (default 0). By default there are a few kills; `make torture` kills more often.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.torture.killing import Killing
from tests.torture.whole import faults, notes

pytestmark = [pytest.mark.slow, pytest.mark.process]

SEED = int(os.environ.get("STOCKGEN_SEED", "0"))
KILLS = [8, pytest.param(20, marks=[pytest.mark.torture, pytest.mark.timeout(300)])]
SHOTS = 12
# Slow enough that a kill can fall into a picture, quick enough that the job ends between the kills.
CONFIG: dict[str, Any] = {
    "providers": {"scripted": {"seconds": 0.15}, "second": {}},
    "limits": {"starts": 20},
    "inbox": {"settle": "50ms", "rescan": "1s"},
}


@pytest.fixture
def killing(tmp_path: Path) -> Iterator[Killing]:
    """Twelve pictures are waiting to be made."""
    one = Killing(tmp_path, SEED, CONFIG)
    one.drop("prompt: a calm sea\nsize: 96x64\ncount: 8\n", "sea.yaml")
    yield one
    one.end()


@pytest.mark.parametrize("kills", KILLS)
def test_kills_lose_nothing_double_nothing_and_leave_nothing(killing: Killing, kills: int) -> None:
    for number in range(kills):
        if number == kills // 4:
            killing.drop("a lake | 2\na wood | 2\n", "더.txt")
        killing.kill_once()
    code = killing.finish()
    told = f"seed {SEED}, killed at: {killing.moments}"
    ledger = killing.daemon.ledger()
    assert faults(killing.root) == [], told
    assert notes(killing.root) == [], told
    assert sorted(row["source_name"] for row in ledger.jobs.listed()) == ["sea.yaml", "더.txt"], told
    review = ledger.query("SELECT review_reason, width, height, degraded FROM assets WHERE state = 'review'")
    assert ledger.shots.counts() == {"done": SHOTS}, f"{told} {review}"
    assert len(list((killing.root / "outbox").glob("*/*/images/*.jpg"))) == SHOTS, told
    assert code == 0, told


def test_kills_choose_one_of_each_pictures_tries_and_lay_the_others_by(tmp_path: Path) -> None:
    one = Killing(tmp_path, SEED, CONFIG)
    try:
        one.drop("prompt: a calm sea\nsize: 96x64\ncount: 4\nbest_of: 3\n", "sea.yaml")
        for _ in range(6):
            one.kill_once()
        code, told = one.finish(), f"seed {SEED}, killed at: {one.moments}"
        ledger = one.daemon.ledger()
        assert faults(one.root) == [], told
        assert ledger.shots.counts() == {"done": 4}, told
        assert len(ledger.query("SELECT 1 FROM shots WHERE state = 'done'")) == 12, told
        assert len(list((one.root / "outbox").glob("*/*/images/*.jpg"))) == 4, told
        assert len(list((one.root / ".stockgen" / "spare").iterdir())) == 8, told
        assert code == 0, told
    finally:
        one.end()


# -- the long one -----------------------------------------------------------------------------------------------

MIX = (
    "prompt: a calm sea {n}\nsize: 64x64\ncount: {k}\n",
    "prompt: flat {n}\nsize: 64x64\ncount: {k}\n",
    "prompt: refuse {n}\nmodel: both\nsize: 64x64\ncount: {k}\n",
    "prompt: truncated {n}\nmodel: both\nsize: 64x64\n",
    "prompt: raise {n}\nmodel: both\nsize: 64x64\n",
    "promt: a fault {n}\n",
)


def dropped(one: Killing, rng: Random, number: int) -> int:
    """Drop some job file; return how many pictures it asks for, 0 where it will be refused."""
    text, count = rng.choice(MIX), rng.randint(1, 4)
    one.drop(text.format(n=number, k=count), f"{number}.yaml")
    if text.startswith("promt"):
        return 0
    return count if "{k}" in text else 1


@pytest.mark.torture
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(SEED, SEED + 3))
def test_a_hundred_kills_of_mixed_jobs(tmp_path: Path, seed: int) -> None:
    one, wanted = Killing(tmp_path, seed, CONFIG), {}
    try:
        for number in range(100):
            if number % 3 == 0:
                wanted[f"{number}.yaml"] = dropped(one, one.rng, number)
            one.kill_once()
        one.finish()
        told = f"seed {seed}, killed at: {one.moments}"
        ledger = one.daemon.ledger()
        assert faults(one.root) == [], told
        assert notes(one.root) == [], told
        made = {row["source_name"]: sum(row["shots"].values()) for row in ledger.jobs.listed(200)}
        assert made == {name: count for name, count in wanted.items() if count}, told
    finally:
        one.end()
