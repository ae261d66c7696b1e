"""Structured logs: a stable event name plus fields; JSON lines or text for people."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Protocol, TextIO

from stockgen.domain.hiding import Hide, hidden, hidden_in

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
# Steer a terminal, hide text, or can't be written: C0, C1, bidirectional marks, line separators, halves of surrogates.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SEVERAL_LINES = frozenset({"exception", "traceback"})


class Logger(Protocol):
    """What everybody logs with: an event's name and its fields. structlog's loggers are such."""

    def debug(self, event: str, /, **fields: Any) -> Any:
        """A step."""

    def info(self, event: str, /, **fields: Any) -> Any:
        """Something that people may look for."""

    def warning(self, event: str, /, **fields: Any) -> Any:
        """Something that somebody should know."""

    def error(self, event: str, /, **fields: Any) -> Any:
        """A fault of ours, or a config that was refused."""


def _no_control_characters(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A prompt or a file name may hold terminal escapes or bidi overrides; a log line must not act on them."""
    for key, value in event.items():
        event[key] = _harmless(value, lines=key in _SEVERAL_LINES)
    return event


def _no_keys(hide: Hide) -> Any:
    """The wall: whatever part of a line holds a key, it is not written. Behind it nothing becomes text any more."""

    def wall(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        told: MutableMapping[str, Any] = hidden_in(event, hide)
        return told

    return wall


def _traceback_below(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A traceback that came from a lane's process is shown like one of our own."""
    if "traceback" in event:
        event["exception"] = event.pop("traceback")
    return event


def _harmless(value: Any, lines: bool = False) -> Any:
    if isinstance(value, Mapping):
        return {_harmless(str(key)): _harmless(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_harmless(one) for one in value]
    if value is None or isinstance(value, int | float):
        return value
    return _STEERING.sub(lambda sign: sign[0] if lines and sign[0] in "\n\t" else "\ufffd", str(value))


def configure(level: str, form: str, out: TextIO | None = None, hide: Hide = hidden) -> Logger:
    """Set up logging for this process and return the root logger.

    `level` debug, info, warning or error; `form` json, human or auto (people's text on a terminal, JSON elsewhere);
    `out` stdout if None; `hide` takes keys out of each text.
    """
    import structlog  # brings rich along; commands that log nothing start without it

    stream = out or sys.stdout
    human = form == "human" or (form == "auto" and stream.isatty() and "INVOCATION_ID" not in os.environ)
    processors: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        structlog.processors.format_exc_info,
        _no_control_characters,
        _no_keys(hide),
    ]
    if human:
        processors += [_traceback_below, _for_people(stream.isatty())]
    else:
        processors.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    logger: Logger = structlog.get_logger()
    return logger


def _for_people(colours: bool) -> Any:
    import structlog

    return structlog.dev.ConsoleRenderer(
        colors=colours, timestamp_key="ts", exception_formatter=structlog.dev.plain_traceback
    )
