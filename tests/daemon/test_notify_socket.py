"""What a service manager is told, by a real socket."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from daemon.manager import Manager, standing
from daemon.notify_socket import NotifySocket
from stockgen.messages import Messages

Heard = Callable[[], list[dict[str, str]]]


class Ear:
    """A manager's side of the socket."""

    def __init__(self, address: str | bytes) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.setblocking(False)

    def heard(self) -> list[dict[str, str]]:
        """Each datagram since the last call, by its names."""
        found = []
        while True:
            try:
                data = self._socket.recv(1 << 16)
            except BlockingIOError:
                return found
            found.append(dict(line.split("=", 1) for line in data.decode().split("\n")))

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[tuple[Ear, str]]:
    address = str(tmp_path / "notify")
    one = Ear(address)
    yield one, address
    one.close()


def test_a_korean_status_arrives(ear: tuple[Ear, str]) -> None:
    NotifySocket(ear[1]).send(READY=1, STATUS="그림 12장을 기다리는 중 🌸")
    assert ear[0].heard() == [{"READY": "1", "STATUS": "그림 12장을 기다리는 중 🌸"}]


def test_a_line_end_in_a_file_name_is_no_new_order(ear: tuple[Ear, str]) -> None:
    NotifySocket(ear[1]).send(STATUS="a\nSTOPPING=1")
    assert ear[0].heard() == [{"STATUS": "a STOPPING=1"}]


def test_a_name_that_is_no_text_does_not_end_the_loop(ear: tuple[Ear, str]) -> None:
    NotifySocket(ear[1]).send(STATUS="\udcb0.yaml")
    assert ear[0].heard() == [{"STATUS": "?.yaml"}]


def test_an_abstract_socket_is_found() -> None:
    name = f"stockgen-{secrets.token_hex(8)}"
    one = Ear(b"\0" + name.encode())
    NotifySocket(f"@{name}").send(READY=1)
    assert one.heard() == [{"READY": "1"}]
    one.close()


def test_an_address_that_is_longer_than_the_kernel_takes_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("긴" * 60)
    folder.mkdir()
    monkeypatch.chdir(folder)
    one = Ear("notify")
    assert len(str(folder / "notify").encode()) > 107
    NotifySocket(str(folder / "notify")).send(READY=1)
    assert one.heard() == [{"READY": "1"}]
    one.close()


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "@nobody-is-there", "vsock:2:1", "/" + "x" * 300])
def test_where_nobody_listens_nothing_happens(address: str) -> None:
    NotifySocket(address).send(READY=1)


# -- what is told ------------------------------------------------------------------------------------------------


def manager(ear: tuple[Ear, str], **environment: str) -> Manager:
    return Manager({"NOTIFY_SOCKET": ear[1]} | environment, Messages("ko"))


def test_the_watchdog_is_fed_at_least_twice_in_its_patience_and_not_at_each_turn(ear: tuple[Ear, str]) -> None:
    one = manager(ear, WATCHDOG_USEC="60000000")
    fed = []
    for now in range(0, 120):
        one.turned(float(now), True)
        fed += [now] * len(ear[0].heard())
        assert one.next_at() - now <= 30.0
    gaps = {after - before for before, after in pairwise(fed)}
    assert gaps == {15}


def test_what_does_not_get_on_is_not_fed(ear: tuple[Ear, str]) -> None:
    one = manager(ear, WATCHDOG_USEC="60000000")
    one.turned(0.0, False)
    assert ear[0].heard() == []
    one.turned(1.0, True)
    assert ear[0].heard() == [{"WATCHDOG": "1"}]


@pytest.mark.parametrize("environment", [{}, {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "x"}])
def test_a_watchdog_of_nobody_or_of_another_process_is_not_fed(
    ear: tuple[Ear, str], environment: dict[str, str]
) -> None:
    one = manager(ear, **environment)
    one.turned(0.0, True)
    assert ear[0].heard() == []
    assert one.next_at() == float("inf")


def test_a_reload_tells_when_it_began_by_the_managers_clock(ear: tuple[Ear, str]) -> None:
    one = manager(ear)
    one.reloading()
    one.ready()
    began, ready = ear[0].heard()
    assert began["RELOADING"] == "1"
    assert int(began["MONOTONIC_USEC"]) > 0
    assert ready == {"READY": "1"}


def test_a_stop_asks_for_the_time_that_what_is_in_hand_may_take(ear: tuple[Ear, str]) -> None:
    manager(ear).stopping(60.0)
    (told,) = ear[0].heard()
    assert told["STOPPING"] == "1"
    assert int(told["EXTEND_TIMEOUT_USEC"]) >= 60_000_000


def test_a_start_that_waits_for_room_is_not_ended_for_it(ear: tuple[Ear, str]) -> None:
    manager(ear).waits(30.0, "no room")
    (told,) = ear[0].heard()
    assert int(told["EXTEND_TIMEOUT_USEC"]) > 30_000_000
    assert told["STATUS"] == "no room"


HELD = {"place": "gpu", "until": None, "shots": 3}
STANDING = [
    ("running", [], None, "일하는 중입니다. 할 그림 7장."),
    ("paused", [HELD | {"hold": "pause", "reason": "command"}], None, "멈춰 있습니다(이어서 하기: stockgen resume)"),
    ("paused", [HELD | {"hold": "pause", "reason": "PAUSE.txt"}], None, "PAUSE.txt"),
    ("running", [HELD | {"hold": "disk", "reason": "/srv", "shots": 0}], None, "/srv"),
    ("running", [], "The kernel can't watch it.", "inbox 폴더: The kernel can't watch it."),
    ("stopping", [], None, "끝내는 중입니다"),
]


@pytest.mark.parametrize(("state", "holds", "problem", "said"), STANDING)
def test_how_things_stand_is_said_once_and_in_the_users_language(
    ear: tuple[Ear, str], state: str, holds: list[dict[str, object]], problem: str | None, said: str
) -> None:
    one = manager(ear)
    facts = {"daemon": {"state": state}, "holds": holds, "inbox": {"problem": problem}}
    for _ in range(2):
        one.status(standing(facts, 7, "Asia/Seoul"))
    (told,) = ear[0].heard()
    assert said in told["STATUS"]
