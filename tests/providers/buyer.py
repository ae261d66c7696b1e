"""A process that buys one batch and can be killed.

    python -m tests.providers.buyer SERVICE URL SECRETS SPOOL COUNT STOP

STOP: `never`; `read` = the answer is whole and nobody has looked at it; `first` = one picture was handed out. It says
so on its standard output and waits for its end.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

from stockgen.providers._cloud.provider import Bought
from tests.providers.shops import fits, provider


def stop(word: str) -> None:
    """Say it, and wait to be killed."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()
    threading.Event().wait()


def unread(one: Bought) -> None:
    """It stops before the answer is understood."""
    service: Any = one._service
    service.read = lambda *_: stop("read")


def main(service: str, url: str, secrets: str, spool: str, count: str, where: str) -> None:
    one = provider(service, Path(secrets), base_url=url, timeout=30)
    if where == "read":
        unread(one)
    for _ in one.render(fits(one, int(count)), Path(spool), lambda *_: None):
        if where == "first":
            stop("first")


if __name__ == "__main__":
    main(*sys.argv[1:])
