"""`python -m tests.torture.nest`: imports the daemon and reads its data once, and forks it for each life, so that a
life costs no start.

On standard input: a line of JSON for each life (`config`, `log`, `hold`, `spoil`). Told on standard output: `holding`
where the life has come to the event `hold` (`start`: before anything) and waits for a line; `ended STATUS` as
waitpid(2) says it.
"""

from __future__ import annotations

import ctypes
import importlib
import io
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from daemon.main import main
from stockgen.app.catalogue import Catalogue
from stockgen.config import load
from tests.house import TEST_PLUGINS as PLUGINS
from tests.torture.spoilt import SPOILT

PATIENCE = {"cpu": 60.0, "gpu": 60.0, "net": 60.0, "disk": 0.1}
# What a daemon imports on its way, and would import again in each life.
WARM = (
    "numpy.ma", "numpy.random", "PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.Image", "PIL.ImageCms",
    "PIL.ImageDraw", "PIL.ImageFilter", "PIL.ImageFont", "PIL.JpegImagePlugin", "PIL.PngImagePlugin",
    "PIL.PpmImagePlugin", "stockgen.app.liking", "stockgen.checks.index", "stockgen.checks.matching",
    "stockgen.gpu.nvml", "stockgen.inference.retoucher", "stockgen.ledger.migrating", "stockgen.pipeline.sound",
    "stockgen.providers.procedural",
    "rich.console", "sqlite_utils", "structlog", "watchdog.observers", "stockgen.checks.sound",
    "stockgen.finishes.encode", "stockgen.lanes.thread", "stockgen.lanes.worker", "stockgen.pipeline.sheet",
    "tests.providers_for_tests.scripted", "tests.providers_for_tests.second",
)  # fmt: skip
GO = "go"
PR_SET_PTRACER, ANYBODY = 0x59616D61, ctypes.c_ulong(-1)
PR_SET_PDEATHSIG = 1


class Log(io.TextIOBase):
    """Standard output of a life: a file, and a place to hold it."""

    def __init__(self, path: str, hold: str) -> None:
        self._file = open(path, "a", encoding="utf-8")  # noqa: PTH123, SIM115 - it lives as long as the process
        self._hold = f'"event": "{hold}"' if hold not in ("", "start") else ""
        self.held = False

    def write(self, text: str) -> int:
        """A log line."""
        count = self._file.write(text)
        if self._hold and self._hold in text:
            self._hold = ""
            self._file.flush()
            hold_here()
        return count

    def flush(self) -> None:
        """What structlog asks for after each line."""
        self._file.flush()

    def isatty(self) -> bool:
        """It is a file."""
        return False


def hold_here() -> None:
    """Tell it, and wait for a line."""
    os.write(1, b"holding\n")
    line()


def line() -> bytes:
    """One line of standard input; nothing beyond it is read, because two processes share it."""
    text = b""
    while not text.endswith(b"\n") and (sign := os.read(0, 1)):
        text += sign
    return text


def live(asked: dict[str, Any]) -> int:
    """One life."""
    end_with_parent()
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANYBODY, 0, 0, 0)
    if asked["spoil"]:
        SPOILT[asked["spoil"]]()
    log: Any = Log(asked["log"], asked["hold"])
    sys.stdout = sys.stderr = log
    if asked["hold"] == "start":
        hold_here()
    return main(["--config", asked["config"], "--until-idle"], PLUGINS, PATIENCE)


def end_with_parent() -> None:
    """Nobody is left behind where a test is killed: a life would hold on to the disks that it is tried on."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def read_ahead(config: Path) -> None:
    """Read what each life would read first; forked, it has that in memory."""
    catalogue = Catalogue(load(config), config.parent / "my", PLUGINS)
    _ = catalogue.lint, catalogue.material, catalogue.known, catalogue.modes, catalogue.chains


def nest() -> None:
    """One life after the other."""
    end_with_parent()
    for name in WARM:
        importlib.import_module(name)
    read = False
    while asked := line():
        if json.loads(asked) == GO:  # meant for a life that another thread's call had ended meanwhile
            continue
        if not read:
            read_ahead(Path(json.loads(asked)["config"]))
            read = True
        child = os.fork()
        if not child:
            os.write(1, f"{os.getpid()}\n".encode())
            try:
                code = live(json.loads(asked))
            except BaseException:  # noqa: BLE001 - the life's own end is what is tested
                import traceback

                traceback.print_exc()
                sys.stderr.flush()
                code = 98
            sys.stdout.flush()
            os._exit(code)
        os.write(1, f"ended {os.waitpid(child, 0)[1]}\n".encode())


if __name__ == "__main__":
    nest()
