"""How this program is called from wherever somebody is, for commands to copy."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from stockgen.cli.desk import Session


def called(program: str | None = None) -> str:
    """`stockgen`, or with its path where a shell would not find it. `program`: as it was called, None = ask."""
    own = Path(sys.argv[0] if program is None else program).absolute()
    return "stockgen" if own.name != "stockgen" or shutil.which("stockgen") else shlex.quote(str(own))


def within(folder: Path) -> str:
    """For a folder whose config is to be used, from any other."""
    return f"cd {shlex.quote(str(folder))} && {called()}"


def again(session: Session) -> str:
    """In the way that this command was called: with the same config, where one was named."""
    return called() if session.given is None else f"{called()} --config {shlex.quote(str(session.path))}"
