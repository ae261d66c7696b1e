"""Files that come over a real Samba share: taken once and whole, however slowly they come and whoever owns them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.daemon.door import GOOD, QUIET, Door
from tests.daemon.powerless import powerless
from tests.daemon.samba import Samba
from tests.daemon.test_programs import taken_once, while_it_works
from tests.house import SOON

pytestmark = pytest.mark.process

Build = Callable[..., Door]
NOBODY = 65534
LONG = "# a long remark\n" * 20_000  # 320 kB, still below a job file's limit of 1 MiB


@pytest.fixture
def shared(door: Build, tmp_path: Path) -> Door:
    """A door whose folder is looked at and listened to."""
    one = door(watch="inotify")
    one.turn()
    return one


@pytest.mark.parametrize("name", ["job.yaml", "벚꽃 배경.yaml"])
def test_a_file_that_is_copied_to_a_share_is_taken_once(shared: Door, tmp_path: Path, name: str) -> None:
    (tmp_path / "job").write_text(GOOD)
    with Samba(shared.house.root, tmp_path / "samba") as samba:
        while_it_works(shared, *samba.client(f'lcd "{tmp_path}"; put job "{name}"'))
        taken_once(shared, name=name)


def test_a_file_that_gets_its_name_over_a_share_at_the_end_is_taken_once(shared: Door, tmp_path: Path) -> None:
    (tmp_path / "job").write_text(GOOD)
    with Samba(shared.house.root, tmp_path / "samba") as samba:
        while_it_works(shared, *samba.client(f'lcd "{tmp_path}"; put job job.yaml.tmp; rename job.yaml.tmp job.yaml'))
        taken_once(shared)


def slowly(one: Door, samba: Samba) -> None:
    """Copy a file in two halves, and let far more time pass between them than a file must be quiet."""
    text = LONG + GOOD
    command = samba.client("put - job.yaml")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as client:
        assert client.stdin
        client.stdin.write(text[: len(text) // 2].encode())
        client.stdin.flush()
        path, end = one.folder / "job.yaml", time.monotonic() + SOON
        while not path.exists():
            assert time.monotonic() < end
            one.rung.wait(0.05)
        one.listen()
        for _ in range(30):
            one.turn(QUIET)
        assert one.jobs() == []
        client.stdin.write(text[len(text) // 2 :].encode())
        client.stdin.close()
        assert client.wait(SOON) == 0
    taken_once(one, text)


def test_a_slow_copy_over_a_share_is_waited_for_as_long_as_the_client_has_it_open(shared: Door, tmp_path: Path) -> None:
    with Samba(shared.house.root, tmp_path / "samba") as samba, powerless():
        slowly(shared, samba)


def test_a_file_that_belongs_to_another_user_comes_by_being_quiet(shared: Door, tmp_path: Path) -> None:
    """As a share without `force user` leaves it: the kernel grants no lease on somebody else's file."""
    if os.geteuid():
        pytest.skip("only root may give files away")
    (tmp_path / "job").write_text(GOOD)
    shared.folder.chmod(0o777)
    os.chown(shared.folder, NOBODY, NOBODY)
    with Samba(shared.house.root, tmp_path / "samba", over="inherit owner = yes") as samba, powerless():
        while_it_works(shared, *samba.client(f'lcd "{tmp_path}"; put job job.yaml'))
        assert (shared.folder / "job.yaml").stat().st_uid == NOBODY
        assert shared.jobs() == []
        taken_once(shared)


def test_who_deletes_a_picture_over_a_share_has_dropped_it(shared: Door, tmp_path: Path) -> None:
    job = shared.house.make(f"{GOOD}count: 2\n")
    first, second = shared.house.pictures(job)
    with Samba(shared.house.root, tmp_path / "samba") as samba:
        place = str(first.relative_to(shared.house.outbox)).replace("/", "\\")
        subprocess.run(samba.client(f'del "{place}"', "stockgen-outbox"), check=True, stdout=subprocess.DEVNULL)
    assert shared.house.pictures(job) == [second]
    shared.house.app.desk.baskets.look()
    rows = shared.house.app.ledger.query("SELECT stem, state FROM assets")
    assert {row["stem"]: row["state"] for row in rows} == {first.stem: "dropped", second.stem: "ready"}
