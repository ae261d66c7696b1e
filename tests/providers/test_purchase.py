"""What was paid for survives whatever happens: the order before it is sent, the answer as far as it came."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from stockgen.domain.errors import StorageLost
from stockgen.domain.protocols import Fit, Shot
from stockgen.providers._cloud.purchase import ORDER, PART, WHOLE, Answer, Order, Till

SHOT = Shot(id=7, job="k7m2q", idea=1, prompt="tea", seed=1, width=64, height=64)
FIT = Fit(
    shot=SHOT, provider="openai", model="m", stack="s", request={"width": 64, "height": 64, "prompt": "차"}, quote=9
)
BODY = json.dumps({"data": ["x" * 100]}).encode()


def recorded(spool: Path, *pieces: bytes, whole: bool = True, **headers: str) -> None:
    with Till(spool, 200, headers) as till:
        for piece in pieces:
            till.add(piece)
        if whole:
            till.whole()


def test_an_order_is_read_as_it_was_written(tmp_path):
    order = Order.of([FIT])
    order.write(tmp_path)
    assert Order.read(tmp_path) == order
    assert order.shots == (7,)


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"{}", b"\xff"])
def test_no_order_was_sent_from_a_folder_that_holds_none(tmp_path, content):
    if content is not None:
        (tmp_path / ORDER).write_bytes(content)
    assert Order.read(tmp_path) is None


def test_the_answer_to_an_earlier_order_never_passes_for_that_to_a_new_one(tmp_path):
    recorded(tmp_path, BODY)
    (tmp_path / PART).write_bytes(b"{}")
    Order.of([FIT]).write(tmp_path)
    assert Answer.read(tmp_path) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == [ORDER]


def test_a_whole_answer_is_read_as_it_came(tmp_path):
    recorded(tmp_path, BODY[:10], BODY[10:], **{"X-Request-Id": "r"})
    answer = Answer.read(tmp_path)
    assert answer == Answer(200, {"x-request-id": "r"}, BODY)
    assert answer.tree() == json.loads(BODY)


def test_a_body_with_empty_lines_is_not_cut_at_them(tmp_path):
    recorded(tmp_path, b"\n\nA\n\nB")
    answer = Answer.read(tmp_path)
    assert answer is not None
    assert answer.body == b"\n\nA\n\nB"


def test_an_answer_whose_last_byte_came_counts_though_nobody_had_time_to_say_so(tmp_path):
    recorded(tmp_path, BODY, whole=False)
    answer = Answer.read(tmp_path)
    assert answer is not None
    assert answer.body == BODY


def test_a_page_counts_once_it_is_as_long_as_was_said(tmp_path):
    recorded(tmp_path, b"<html>", whole=False, **{"Content-Length": "6"})
    assert Answer.read(tmp_path) is not None


@pytest.mark.parametrize("cut", [0, 1, 20, len(BODY) - 1])
def test_a_part_of_an_answer_is_none(tmp_path, cut):
    recorded(tmp_path, BODY[:cut], whole=False, **{"Content-Length": str(len(BODY))})
    assert Answer.read(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"{}", b'{"status": 200', b'{"status": "x", "headers": {}}\n\n'])
def test_a_head_that_was_cut_off_is_no_answer(tmp_path, content):
    (tmp_path / PART).write_bytes(content)
    assert Answer.read(tmp_path) is None


@pytest.mark.parametrize("whole", [True, False])
def test_an_answer_that_a_server_packed_unasked_is_not_lost(tmp_path, whole):
    packed = gzip.compress(BODY)
    recorded(tmp_path, packed, whole=whole, **{"Content-Encoding": "gzip"})
    answer = Answer.read(tmp_path)
    assert answer is not None
    assert answer.tree() == json.loads(BODY)


def test_half_of_a_packed_answer_is_none(tmp_path):
    recorded(tmp_path, gzip.compress(BODY)[:-9], whole=False, **{"Content-Encoding": "gzip"})
    assert Answer.read(tmp_path) is None


def test_nothing_is_sent_where_the_order_cant_be_kept(tmp_path):
    with pytest.raises(StorageLost):
        Order.of([FIT]).write(tmp_path / "gone")


def test_what_was_whole_lies_under_its_final_name(tmp_path):
    recorded(tmp_path, BODY)
    assert [path.name for path in tmp_path.iterdir()] == [WHOLE]
