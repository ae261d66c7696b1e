"""`stockgen clean --spares --apply` in a process of its own that is killed just before it removes its nth file: the
interpreter itself tells of each removal (audit events), so that the program is the real one.
"""

from __future__ import annotations

import os
import signal
import sys

from stockgen.cli import main
from tests.cli.conftest import PLUGINS

FOLDERS = ("/spare/", "/spool/", "/references/", "/originals/", ".outbox.staging/", "/ledger-before-")


def _counts(path: str) -> bool:
    return any(folder in path for folder in FOLDERS)


def kill_before(number: int) -> None:
    """Die in the place of the removal `number`, from 0. The lock and SQLite's own files don't count."""
    left = [number]

    def heard(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.remove" and _counts(str(arguments[0])):
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1

    sys.addaudithook(heard)


if __name__ == "__main__":
    kill_before(int(sys.argv[2]))
    raise SystemExit(main(["--config", sys.argv[1], "clean", "--spares", "--apply"], PLUGINS))
