"""A process that is killed while it buys: what the service has delivered is finished, never bought again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from stockgen.providers._cloud.purchase import PART, Order
from tests.clouds import Clouds
from tests.lanes.harness import until
from tests.providers.shops import at

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.process


def start(clouds: Clouds, service: str, tmp: Path, count: int, where: str) -> subprocess.Popen[str]:
    url = clouds.openai_url if service == "openai" else clouds.gemini_url
    (tmp / "spool").mkdir()
    command = [sys.executable, "-m", "tests.providers.buyer", service, url, str(tmp / "secrets"), str(tmp / "spool")]
    return subprocess.Popen([*command, str(count), where], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def killed(process: subprocess.Popen[str], ready: Callable[[], bool]) -> None:
    """kill -9 as soon as it is where it should be."""
    try:
        assert until(ready)
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout
    try:
        assert process.stdout.readline().strip() == word
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("service", "count"), [("openai", 1), ("openai", 3), ("gemini", 1)])
def test_an_answer_that_nobody_has_read_yet_is_not_bought_again(clouds, tmp_path, service, count):
    one = at(clouds, service, tmp_path)
    before, asked = clouds.micros, len(clouds.arrivals)
    said(start(clouds, service, tmp_path, count, "read"), "read")
    outcomes = one.redeem(tmp_path / "spool")
    assert [outcome.shot for outcome in outcomes] == list(range(1, count + 1))
    assert sum(outcome.cost or 0 for outcome in outcomes) == clouds.micros - before > 0
    assert len(clouds.arrivals) == asked + 1
    for outcome in outcomes:
        assert outcome.file is not None
        with Image.open(outcome.file) as image:
            image.load()
            assert image.size == (outcome.facts["width"], outcome.facts["height"])


def test_what_was_handed_out_before_the_end_is_the_same_afterwards(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    said(start(clouds, "openai", tmp_path, 2, "first"), "first")
    first = tmp_path / "spool" / "1.png"
    before = first.read_bytes()
    outcomes = one.redeem(tmp_path / "spool")
    assert [outcome.shot for outcome in outcomes] == [1, 2]
    assert first.read_bytes() == before


def test_a_part_of_an_answer_is_given_up(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    clouds.script("openai", "drip:0.01")
    part = tmp_path / "spool" / PART
    killed(start(clouds, "openai", tmp_path, 1, "never"), lambda: part.is_file() and part.stat().st_size > 400)
    assert Order.read(tmp_path / "spool") is not None
    assert one.redeem(tmp_path / "spool") == ()


def test_an_order_that_nobody_has_answered_is_given_up(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    clouds.script("openai", "hang")
    images = clouds.images
    killed(start(clouds, "openai", tmp_path, 1, "never"), lambda: clouds.images > images)
    assert Order.read(tmp_path / "spool") is not None
    assert one.redeem(tmp_path / "spool") == ()


def test_a_refusal_that_came_before_the_end_is_still_one(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    clouds.script("openai", "moderation_blocked")
    said(start(clouds, "openai", tmp_path, 1, "read"), "read")
    (outcome,) = one.redeem(tmp_path / "spool")
    assert outcome.error is not None
    assert (outcome.error.code, outcome.cost) == ("cloud_refused", 0)


def test_nothing_is_redeemed_where_nothing_was_ordered_or_by_another(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path)
    (tmp_path / "empty").mkdir()
    assert one.redeem(tmp_path / "empty") == ()
    assert one.redeem(tmp_path / "gone") == ()
    said(start(clouds, "openai", tmp_path, 1, "read"), "read")
    assert at(clouds, "gemini", tmp_path).redeem(tmp_path / "spool") == ()


def test_what_lies_there_is_redeemed_without_key_or_network(clouds, tmp_path):
    one = at(clouds, "openai", tmp_path, base_url="http://127.0.0.1:9/v1")
    said(start(clouds, "openai", tmp_path, 1, "read"), "read")
    (tmp_path / "secrets" / "openai_api_key").unlink()
    (outcome,) = one.redeem(tmp_path / "spool")
    assert outcome.error is None
