"""Files from addresses of the catalogue: whole, with the right sum, or not at all."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.house import SOON
from tests.models_cmd.conftest import Desk, Said
from tests.models_cmd.web_server import WebServer

DATA = Random(5).randbytes(3 << 20)
MD5 = f"md5:{hashlib.md5(DATA).hexdigest()}"  # noqa: S324 - as rembg tells it
SHA = f"sha256:{hashlib.sha256(DATA).hexdigest()}"
MATTING = {"role": "matting", "matting": {"session": "u2net"}, "drawing": None, "provider": "onnx"}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebServer]:
    with WebServer(tmp_path, DATA) as running:
        yield running


class Shop:
    """A desk whose catalogue has one model at the web server's address."""

    def __init__(self, desk: Desk, web: WebServer) -> None:
        self.desk, self.web = desk, web
        self.folder = desk.root / ".stockgen" / "models" / "files"

    def offer(self, sum_: str = SHA, **weights: object) -> None:
        self.desk.model("cut", self.web.url, weights={"sum": sum_, **weights}, **MATTING)

    def pull(self) -> Said:
        return self.desk("pull", "cut", REQUESTS_CA_BUNDLE=str(self.web.certificate))

    @property
    def lying(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.exists() else []


@pytest.fixture
def shop(desk: Desk, web: WebServer) -> Shop:
    return Shop(desk, web)


@pytest.mark.parametrize("sum_", [MD5, SHA, ""])
def test_a_file_is_fetched_once_and_found(shop: Shop, sum_: str) -> None:
    shop.offer(sum_)
    said = shop.pull()
    assert said.code == 0, said.err
    assert (shop.folder / "cut.onnx").read_bytes() == DATA
    assert shop.desk.index.pulled("cut").revision == (sum_ or SHA)
    before = shop.web.served
    again = shop.pull()
    assert (again.code, "already" in again.out, shop.web.served) == (0, True, before)
    assert shop.desk.json_of("cut")["here"] is True


def test_a_file_with_another_sum_is_thrown_away_and_never_used(shop: Shop) -> None:
    shop.offer(f"sha256:{'0' * 64}")
    said = shop.pull()
    assert (said.code, "damaged" in said.err) == (1, True)
    assert shop.lying == []
    assert shop.desk.index.pulled("cut") is None


def test_a_download_that_was_killed_half_way_goes_on_where_it_was(shop: Shop) -> None:
    shop.offer(MD5)
    shop.web.stall_at = 2 << 20
    process = shop.desk.start("pull", "cut", REQUESTS_CA_BUNDLE=str(shop.web.certificate))
    end = time.monotonic() + SOON
    half = shop.folder / "cut.onnx.incomplete"
    while not (half.exists() and half.stat().st_size >= 1 << 20):
        assert time.monotonic() < end
        threading.Event().wait(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert shop.desk.index.pulled("cut") is None, "half a file was written down as one"
    begun = half.stat().st_size
    shop.web.stall_at = None
    shop.web.go.set()
    shop.web.served = 0
    assert shop.pull().code == 0
    assert f"bytes={begun}-" in shop.web.asked
    assert (shop.folder / "cut.onnx").read_bytes() == DATA
    assert shop.lying == ["cut.onnx"]


def test_a_server_that_can_not_go_on_is_asked_for_all_again(shop: Shop) -> None:
    shop.offer()
    shop.folder.mkdir(parents=True)
    (shop.folder / "cut.onnx.incomplete").write_bytes(b"something else")
    shop.web.whole = True
    assert shop.pull().code == 0
    assert (shop.folder / "cut.onnx").read_bytes() == DATA


def test_a_file_that_was_whole_but_not_judged_is_judged_without_fetching(shop: Shop) -> None:
    shop.offer()
    shop.folder.mkdir(parents=True)
    (shop.folder / "cut.onnx.incomplete").write_bytes(DATA)
    assert shop.pull().code == 0
    assert shop.web.served == 0


def test_another_file_in_the_catalogue_replaces_the_old_one(shop: Shop) -> None:
    shop.offer()
    assert shop.pull().code == 0
    shop.web.data = DATA[::-1]
    shop.offer(f"sha256:{hashlib.sha256(shop.web.data).hexdigest()}")
    assert shop.pull().code == 0
    assert (shop.folder / "cut.onnx").read_bytes() == DATA[::-1]


def test_what_lies_in_the_way_is_told_with_what_to_do(shop: Shop) -> None:
    shop.offer()
    shop.web.status = 503
    assert "503" in shop.pull().err
    shop.web.status = 200
    shop.web.elsewhere = shop.desk.hub.url + "/model.onnx"  # without TLS
    assert "https" in shop.pull().err
    shop.web.elsewhere = ""
    untrusted = shop.desk("pull", "cut")  # nobody vouches for the certificate
    assert (untrusted.code, "can't be reached" in untrusted.err) == (1, True)
    assert shop.lying == []


def test_removing_deletes_the_file_and_what_was_left_of_another(shop: Shop) -> None:
    shop.offer()
    assert shop.pull().code == 0
    (shop.folder / "cut.onnx.incomplete").write_bytes(b"left")
    said = shop.desk("remove", "cut", "--yes")
    assert (said.code, str(len(DATA) + 4) in said.out) == (0, True)
    assert shop.lying == []
    assert shop.desk.json_of("cut")["here"] is False
