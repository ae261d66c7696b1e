"""What is typed often starts at once: nothing is imported that the command doesn't use."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"numpy", "PIL", "torch", "watchdog", "apscheduler", "asyncio", "requests", "structlog"}


def loaded(*words: str) -> set[str]:
    """The packages that are imported when a command has ended."""
    return {name.partition(".")[0] for name in modules(*words)}


def modules(*words: str) -> set[str]:
    """The modules that are."""
    script = f"import sys; from stockgen.cli import main; main({list(words)!r}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("status", "--help")], ids=" ".join)
def test_help_needs_neither_config_nor_ledger(words):
    assert not loaded(*words) & (HEAVY | {"sqlite3", "sqlite_utils"})


def test_status_needs_no_pixels_no_logs_and_no_provider(desk):
    here = desk(providers={}, chains={"auto": []})
    here("pause")
    parts = modules("--config", str(here.config), "status")
    assert not {name.partition(".")[0] for name in parts} & {
        *("torch", "watchdog", "apscheduler", "requests", "structlog", "numpy", "PIL"),
    }
    assert not [name for name in parts if name.startswith("stockgen.providers.")]
