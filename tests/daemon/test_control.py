"""The second door: what was asked for happens once, and rubbish does not stop the rest."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from daemon.control import Control
from stockgen.ledger import PAUSED
from stockgen.pipeline.commands import Command, write_command
from tests.house import House

Build = Callable[..., House]


def asked(one: House, key: str, name: str, **arguments: object) -> None:
    write_command(one.app.places.control, Command(id=key, name=name, arguments=arguments))


def turned(one: House) -> list[str]:
    """Apply what lies there; what is left."""
    Control(one.app, one.app.places.control).step()
    return sorted(path.name for path in one.app.places.control.iterdir())


def test_commands_are_applied_in_their_order(house: Build) -> None:
    one = house(thread=True)
    asked(one, "18f00000000000b", "resume")
    asked(one, "18f00000000000a", "pause")
    assert turned(one) == []
    assert not one.app.ledger.noted(PAUSED)
    asked(one, "18f00000000000c", "pause")
    turned(one)
    assert one.app.ledger.noted(PAUSED)


def test_a_command_whose_file_survived_a_kill_is_not_carried_out_again(house: Build) -> None:
    one = house(thread=True)
    asked(one, "a", "pause")
    turned(one)
    asked(one, "b", "resume")
    turned(one)
    asked(one, "a", "pause")
    assert turned(one) == []
    assert not one.app.ledger.noted(PAUSED)


def test_a_command_that_cannot_be_carried_out_is_answered(house: Build) -> None:
    one = house(thread=True)
    asked(one, "a", "cancel", job="zzzzz")
    turned(one)
    answer = one.app.ledger.answer("a")
    assert answer
    assert answer[0] == "refused"


RUBBISH = [
    b"", b"{", b"\xff\xfe", b"[]", b"3", b"null", b'{"name": "pause"}', b'{"id": "a", "name": "explode"}',
    b'{"id": "a", "name": ["pause"]}', b'{"id": "a", "name": "pause", "arguments": 7}',
    b'{"id": "a", "name": "cancel", "arguments": {}}', b'{"id": "a", "name": "basket", "arguments": {"market": "no"}}',
    b"[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("data", RUBBISH, ids=range(len(RUBBISH)))
def test_rubbish_is_removed_and_told_and_the_next_command_is_carried_out(house: Build, data: bytes) -> None:
    one = house(thread=True)
    (one.app.places.control / "0.json").write_bytes(data)
    asked(one, "18f", "pause")
    assert turned(one) == []
    assert one.app.ledger.noted(PAUSED)
    told = [line["file"] for line in one.events("file.ignored")]
    assert told == ["0.json"] or one.app.ledger.answer("a")


@pytest.mark.timeout(20)
def test_what_is_no_file_in_control_neither_hangs_nor_ends_the_daemon(house: Build) -> None:
    one = house(thread=True)
    (one.app.places.control / "0.json").mkdir()
    os.mkfifo(one.app.places.control / "1.json")
    asked(one, "18f", "pause")
    turned(one)
    assert one.app.ledger.noted(PAUSED)
