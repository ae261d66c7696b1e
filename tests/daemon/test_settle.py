"""A file is taken when it is complete, and never before: half a job file is a wrong job."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.settle import EMPTY_FACTOR, Facts, NotAFile, Settling, StillWritten, facts_of, read_whole

QUIET = 2.0
FACTS = Facts(device=1, inode=1, size=10, mtime_ns=1)
MOMENTS = st.lists(st.floats(0.0, 5.0), min_size=1, max_size=12)  # seconds between one event and the next


def seen(facts: Facts = FACTS, at: float = 0.0, renamed: bool = False) -> Settling:
    """A file that was just seen for the first time."""
    settling = Settling(QUIET)
    settling.look("a", facts, at, renamed)
    return settling


# -- when: pure -------------------------------------------------------------------------------------------------


@given(MOMENTS)
def test_a_file_is_never_taken_before_it_was_quiet(gaps: list[float]) -> None:
    settling, now = seen(), 0.0
    for gap in gaps:
        now += gap
        settling.ring("a", now)
        assert settling.settled(now + QUIET * 0.99) == []
    assert settling.settled(now + QUIET) == ["a"]


@given(MOMENTS)
def test_a_file_that_grows_without_an_event_starts_anew_at_each_look(gaps: list[float]) -> None:
    settling, now = seen(), 0.0
    for size, gap in enumerate(gaps, 11):
        now += gap
        settling.look("a", Facts(1, 1, size, 1), now)
        assert settling.settled(now + QUIET * 0.99) == []
    assert settling.settled(now + QUIET) == ["a"]


@given(st.integers(1, 40))
def test_looking_again_at_an_unchanged_file_does_not_put_it_off(looks: int) -> None:
    settling = seen()
    for look in range(looks):
        settling.look("a", FACTS, look * 0.1)
    assert settling.settled(QUIET) == ["a"]


@pytest.mark.parametrize("changed", [Facts(2, 1, 10, 1), Facts(1, 2, 10, 1), Facts(1, 1, 11, 1), Facts(1, 1, 10, 2)])
def test_any_changed_fact_starts_the_quiet_time_anew(changed: Facts) -> None:
    settling = seen()
    settling.look("a", changed, 1.9)
    assert settling.settled(3.8) == []
    assert settling.settled(3.9) == ["a"]


def test_what_arrives_by_rename_is_taken_at_once() -> None:
    assert seen(renamed=True).settled(0.0) == ["a"]


def test_a_rename_over_a_file_that_was_settling_is_taken_at_once() -> None:
    settling = seen()
    settling.ring("a", 1.0)
    settling.look("a", Facts(1, 2, 20, 2), 1.0, renamed=True)
    assert settling.settled(1.0) == ["a"]


def test_somebody_who_writes_into_a_renamed_file_is_waited_for() -> None:
    settling = seen(renamed=True)
    settling.ring("a", 1.0)
    assert settling.settled(1.0 + QUIET * 0.99) == []
    assert settling.settled(1.0 + QUIET) == ["a"]


def test_an_empty_file_is_about_to_be_written_and_waits_longer() -> None:
    settling = seen(Facts(1, 1, 0, 1))
    assert settling.settled(QUIET * (EMPTY_FACTOR - 0.1)) == []
    assert settling.settled(QUIET * EMPTY_FACTOR) == ["a"]


def test_a_postponed_file_neither_comes_early_nor_keeps_the_loop_spinning() -> None:
    settling = seen()
    settling.postpone("a", 30.0)
    assert settling.settled(29.9) == []
    assert settling.next_at() == 30.0
    assert settling.unsettled == 0
    assert settling.settled(30.0) == ["a"]


def test_a_postponed_file_that_its_owner_mends_is_tried_again() -> None:
    settling = seen()
    settling.postpone("a", 30.0)
    settling.look("a", Facts(1, 1, 10, 2), 5.0)
    assert settling.settled(5.0 + QUIET) == ["a"]


def test_the_next_moment_is_that_of_the_file_that_is_due_first() -> None:
    settling = seen(Facts(1, 1, 0, 1))
    assert settling.next_at() == QUIET * EMPTY_FACTOR
    settling.look("b", FACTS, 1.0)
    assert settling.next_at() == 1.0 + QUIET
    settling.keep_only([])
    assert settling.next_at() is None


# -- what: real files -------------------------------------------------------------------------------------------


def test_a_silent_writer_who_still_has_it_open_is_waited_for_however_long(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("wb") as writer:
        writer.write(b"half")
        writer.flush()
        for _ in range(3):
            with pytest.raises(StillWritten):
                read_whole(path, facts_of(path), 100)
    assert read_whole(path, facts_of(path), 100) == b"half"


def test_somebody_who_only_reads_it_is_no_writer(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"whole")
    with path.open("rb"):
        assert read_whole(path, facts_of(path), 100) == b"whole"


def test_no_more_is_read_than_the_limit_and_one(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.touch()
    os.truncate(path, 5 << 30)
    assert len(read_whole(path, facts_of(path), 1 << 20)) == (1 << 20) + 1


def link(path: Path) -> None:
    path.with_name("target").write_text("secret")
    path.symlink_to("target")


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


STRANGE = [link, dangling, os.mkfifo, unix_socket, device, Path.mkdir]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("make", STRANGE, ids=lambda make: make.__name__)
def test_what_is_no_file_is_never_looked_into(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "a")
    with pytest.raises(NotAFile):
        facts_of(tmp_path / "a")


@pytest.mark.timeout(10)
@pytest.mark.parametrize("make", STRANGE, ids=lambda make: make.__name__)
def test_what_was_swapped_for_a_file_after_the_look_is_not_read_and_never_hangs(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "a"
    path.write_text("a job")
    facts = facts_of(path)
    path.unlink()
    make(path)
    with pytest.raises((NotAFile, StillWritten)):
        read_whole(path, facts, 100)


def test_another_file_swapped_in_after_the_look_is_not_read_as_the_first(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_text("first")
    facts = facts_of(path)
    other.write_text("other")
    other.replace(path)
    with pytest.raises(StillWritten):
        read_whole(path, facts, 100)


@pytest.mark.timeout(60)
def test_a_writer_who_breaks_our_lease_does_not_kill_us(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * (16 << 20))
    facts, broke, ended = facts_of(path), threading.Event(), time.monotonic() + 30

    def opener() -> None:
        while not broke.is_set() and time.monotonic() < ended:
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
            except BlockingIOError:  # a lease is held, and is being broken: its holder gets a signal
                broke.set()

    other = threading.Thread(target=opener)
    other.start()
    while other.is_alive():
        try:
            assert len(read_whole(path, facts, 16 << 20)) == 16 << 20
        except StillWritten:
            continue
    assert broke.is_set()
