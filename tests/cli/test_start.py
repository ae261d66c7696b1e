"""What is typed often starts at once: nothing is imported that the command doesn't use."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"numpy", "PIL", "torch", "watchdog", "apscheduler", "asyncio", "requests", "structlog"}


def loaded(*words: str) -> set[str]:
    """The packages that are imported when a command has ended."""
    script = f"import sys; from stockgen.cli import main; main({list(words)!r}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("status", "--help")], ids=" ".join)
def test_help_needs_neither_config_nor_ledger(words):
    assert not loaded(*words) & (HEAVY | {"sqlite3", "sqlite_utils"})


def test_status_needs_no_pixels_and_no_logs(desk):
    here = desk(providers={}, chains={"auto": []})
    here("pause")
    assert not loaded("--config", str(here.config), "status") & {
        "torch",
        "watchdog",
        "apscheduler",
        "requests",
        "structlog",
    }
