"""The retoucher's process: `python -m stockgen.inference.child SOCKET PARENT_PID LOCK`."""

from __future__ import annotations

import faulthandler
import os
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, NoReturn

from stockgen.inference.matting import at_home
from stockgen.inference.offline import stay_offline
from stockgen.inference.studio import Studio
from stockgen.inference.words import Beat, Work
from stockgen.lanes.children import Sender, born

NICE = 5  # lanes feed graphics cards, and come first


def main(arguments: list[str]) -> NoReturn:
    """Retouch what the parent sends until it hangs up; never outlive it. Nothing here reaches the network."""
    pipe = born(arguments)
    faulthandler.enable()
    os.nice(NICE)
    home: Path = pipe.recv()
    at_home(os.environ, home)
    stay_offline()
    tell, works, studio = Sender(pipe), SimpleQueue[Work](), Studio(home, time.monotonic)
    Thread(target=_listen, args=(pipe, works), daemon=True).start()
    while True:
        work = works.get()
        tell(studio.retouched(work, lambda: tell(Beat(work.task.shot))))  # noqa: B023 - called before the next one


def _listen(pipe: Connection[Any, Any], works: SimpleQueue[Work]) -> None:
    try:
        while True:
            works.put(pipe.recv())
    except (EOFError, OSError):
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
