"""`stockgen`: commands, no logic."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (docs/config.md: 0, 1, 2, 3, 130)."""
    from stockgen.cli.tree import run

    return run(sys.argv[1:] if arguments is None else list(arguments))
