"""A restore that is killed at any system call that changes a file: the old ledger or the copy is there, whole, or it is
asked about; a second try always ends it, and the ledger that was there before is never lost.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stockgen.domain.errors import LedgerRefused
from stockgen.ledger import FILE_NAME, Ledger
from stockgen.ledger.care import examined
from tests.house import ROOT, write_config
from tests.ledger.book import Book

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.strace]

CALLS = ("link", "rename", "unlink", "fsync", "ftruncate", "fdatasync", "pwrite64")
TYPED = (
    "import sys; from stockgen.cli import main; raise SystemExit(main(sys.argv[1:], ('tests.providers_for_tests',)))"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ledger with two jobs, and a copy of the time when there was one."""
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    root = tmp_path / "as-it-was"
    write_config(root)
    state = root / ".stockgen"
    state.mkdir()
    book = Book(state)
    book.job("aaaaa")
    book.ledger.close()
    shutil.copy(state / FILE_NAME, root / "copy.db")
    book = Book(state)
    book.job("bbbbb")
    book.ledger.close()
    return root


def restore(root: Path, *before: str) -> int:
    """Restore the copy, behind `before`; return how it ended."""
    command = [*before, sys.executable, "-c", TYPED, "--config", str(root / "config.yaml"), "ledger", "restore",
               str(root / "copy.db")]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60).returncode


def killed_at(folder: Path, call: str, numbers: Iterator[int]) -> Iterator[Path]:
    """A folder for each number at which a restore was killed, until none is."""
    for number in numbers:
        root = folder.with_name(f"{call}-{number}")
        shutil.copytree(folder, root)
        inject = ("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}")
        if restore(root, "strace", "-f", "-o", "/dev/null", *inject) in (0, 1, 2):
            return
        yield root


def jobs(path: Path) -> list[str]:
    """Which jobs a ledger knows."""
    examined(path)
    ledger = Ledger.opened(path.parent) if path.name == FILE_NAME else None
    try:
        rows = ledger.query("SELECT id FROM jobs ORDER BY id") if ledger else _read(path)
        return [row["id"] for row in rows]
    finally:
        if ledger:
            ledger.close()


def _read(path: Path) -> list[dict[str, str]]:
    import sqlite3

    connection = sqlite3.connect(path)
    try:
        return [{"id": row[0]} for row in connection.execute("SELECT id FROM jobs ORDER BY id")]
    finally:
        connection.close()


@pytest.mark.torture
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("call", CALLS)
def test_a_restore_that_was_killed_at_any_call(folder: Path, call: str) -> None:
    points = 0
    for root in killed_at(folder, call, iter(range(1, 10_000))):
        points += 1
        state = root / ".stockgen"
        try:
            assert jobs(state / FILE_NAME) in (["aaaaa"], ["aaaaa", "bbbbb"])
        except LedgerRefused as error:
            assert error.code in ("ledger_behind", "ledger_gone"), error
        assert restore(root) == 0
        assert jobs(state / FILE_NAME) == ["aaaaa"]
        assert ["aaaaa", "bbbbb"] in [jobs(path) for path in state.glob("ledger.replaced-*.db")]
        shutil.rmtree(root)
    sys.stdout.write(f"{call}: {points} points\n")
    assert points > 0
