"""Structured logs: one event name from docs (`CONTRACTS §7`), plus fields; JSON lines or text for people."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

Logger = structlog.typing.FilteringBoundLogger


def _no_control_characters(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A prompt may hold terminal escapes or bidi overrides; a log line must not act on them."""
    for key, value in event.items():
        if isinstance(value, str) and key != "exception":
            event[key] = _CONTROL.sub("\ufffd", value)
    return event


def configure(level: str, form: str, out: TextIO | None = None) -> Logger:
    """Set up logging for this process and return the root logger.

    `level` debug, info, warning or error; `form` json, human or auto (people's text on a terminal, JSON elsewhere);
    `out` stdout if None.
    """
    stream = out or sys.stdout
    human = form == "human" or (form == "auto" and stream.isatty() and "INVOCATION_ID" not in os.environ)
    processors: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        structlog.processors.format_exc_info,
        _no_control_characters,
    ]
    if human:
        processors.append(structlog.dev.ConsoleRenderer(colors=stream.isatty(), timestamp_key="ts"))
    else:
        processors.append(structlog.processors.JSONRenderer(ensure_ascii=False, default=str))
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    logger: Logger = structlog.get_logger()
    return logger
