"""What a process that may hold keys never leaves behind: a core dump, or a last word with a key in it."""

from __future__ import annotations

import logging
import resource
import sys
import threading
import traceback
from types import TracebackType

from stockgen.domain.hiding import Hide, hidden


def no_core_dumps() -> None:
    """Have the kernel write no picture of our memory, nor of that of processes that we start.

    A limit of one byte, not none: where cores are piped to a program (`|` in core_pattern) Linux asks for no limit but
    this one, by which it knows that the program itself has crashed (kernel/coredump; core(5)). Not PR_SET_DUMPABLE:
    that also gives our entries of /proc to root, so that their own files are closed to us and to those who look after
    us.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    least = 1 if hard == resource.RLIM_INFINITY else min(1, hard)
    resource.setrlimit(resource.RLIMIT_CORE, (least, least))


def last_words(hide: Hide = hidden) -> None:
    """Let nothing reach standard error past `hide` that Python or a library writes there by itself: tracebacks of what
    nobody caught, warnings of libraries.
    """
    sys.excepthook = lambda kind, error, trace: _tell(hide, kind, error, trace)
    threading.excepthook = lambda told: _tell(hide, told.exc_type, told.exc_value, told.exc_traceback)
    sys.unraisablehook = lambda told: _tell(hide, told.exc_type, told.exc_value, told.exc_traceback)
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)  # as Python's own of last resort
    handler.setFormatter(_Hidden(hide))
    logging.getLogger().handlers[:] = [handler]


class _Hidden(logging.Formatter):
    """A record's text with its traceback, without keys."""

    def __init__(self, hide: Hide) -> None:
        super().__init__()
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        """The line, or lines."""
        return self._hide(super().format(record))


def _tell(
    hide: Hide, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:  # fmt: skip
    if kind is SystemExit:
        return
    sys.stderr.write(hide("".join(traceback.format_exception(kind, error, trace))))
