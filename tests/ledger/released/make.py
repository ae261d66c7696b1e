"""`python -m tests.ledger.released.make [TREE]`: keep a ledger as this program writes it, before its schema changes.

A night is cut short: two subjects are made, put into baskets and one picture dropped, then another job is killed in the
middle. `TREE`: a folder with another version of the program, whose ledger it is then.
"""

from __future__ import annotations

import lzma
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
TYPED = "import sys; from stockgen.cli import main; raise SystemExit(main(sys.argv[1:]))"
LONG = 120.0  # seconds


def started(home: Path, tree: Path, *words: str) -> subprocess.Popen[bytes]:
    """A command of the program in `tree`."""
    environment = os.environ | {"PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1", "LANG": "C.UTF-8"}
    command = [sys.executable, "-c", TYPED, "--config", str(home / "config.yaml"), *words]
    return subprocess.Popen(command, cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def night(home: Path, tree: Path) -> Path:
    """Make it happen; return the ledger."""
    (home / "config.yaml").write_text("language: en\n")
    (home / "spring.yaml").write_text("keywords: [cherry blossom pattern, 봄꽃 무늬]\ncount: 2\nsize: 64x64\n")
    (home / "sea.yaml").write_text("keywords: sea waves pattern\ncount: 6\nsize: 1600x1600\n")
    for words in (("run", "spring.yaml"), ("basket",), ("drop", "1")):
        started(home, tree, *words).wait(LONG)
    ledger, end = home / ".stockgen" / "ledger.db", time.monotonic() + LONG
    killed = started(home, tree, "run", "sea.yaml")
    while killed.poll() is None and time.monotonic() < end and not half_done(ledger):
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    return ledger


def half_done(ledger: Path) -> bool:
    """Whether a fifth picture is done and another one is being drawn."""
    sql = "SELECT state, count(*) FROM shots GROUP BY state"
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as raw:
        counts = dict(raw.execute(sql).fetchall())
        return counts.get("done", 0) > 4 and counts.get("rendering", 0) > 0
    return False


def main(tree: Path) -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with closing(sqlite3.connect(night(home, tree))) as raw:
            steps = [name for (name,) in raw.execute("SELECT name FROM _sqlite_migrations ORDER BY name")]
            raw.execute("VACUUM INTO ?", (str(home / "copy.db"),))
        (HERE / f"{steps[-1][:4]}.db.xz").write_bytes(lzma.compress((home / "copy.db").read_bytes(), preset=9))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
