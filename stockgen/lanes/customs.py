"""What may pass from a plugin to us: plain facts, our own errors, files that are there; and no keys."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from stockgen.domain import errors
from stockgen.domain.errors import (
    BadPicture,
    PluginBroke,
    RenderError,
    StockgenError,
    StorageFull,
    StorageLost,
)
from stockgen.domain.hiding import Hide, hidden, hidden_in
from stockgen.domain.protocols import Outcome
from stockgen.files import sha256_file, translated

_DETAIL = 200  # characters of a foreign error that are kept as the reason; the log has its traceback
_TRACEBACK = 20_000  # characters, the last ones


def checked(outcome: Outcome, spool: Path, hide: Hide = hidden) -> Outcome:
    """Given what a provider yielded, return it with its file's `sha256`, plain facts and an error of ours.

    An outcome with neither error nor file, or with a file that isn't there, becomes BadPicture. Raises
    StorageFull or StorageLost where the file can't be read or `spool` is gone.
    """
    facts = _plain(outcome.facts, hide)
    if outcome.error is not None:
        failed = failure(outcome.error, hide)
        return replace(outcome, error=failed.error, file=None, sha256="", facts={**facts, **failed.facts})
    if outcome.file is None or (spool.is_dir() and not outcome.file.is_file()):
        return replace(outcome, error=BadPicture("no_picture"), file=None, sha256="", facts=facts)
    with translated(outcome.file):
        return replace(outcome, sha256=sha256_file(outcome.file), facts=facts)


def failure(error: Exception, hide: Hide = hidden) -> Outcome:
    """How a shot ended whose provider raised or yielded `error`; shot and seconds are the caller's. What services and
    libraries say may quote the key that they were given: `hide` takes it out before anything is cut to size.

    Errors of the render family and of storage pass, reduced to the class in `domain.errors` (the daemon must
    not import a plugin to read one). Anything else is PluginBroke, with `facts["traceback"]` for the log.
    """
    if isinstance(error, RenderError | StorageFull | StorageLost):
        return Outcome(shot=0, seconds=0.0, error=_of_ours(error, hide))
    told = hide(traceback.format_exception_only(error)[-1].strip())[:_DETAIL]
    trace = hide("".join(traceback.format_exception(error)))[-_TRACEBACK:]
    return Outcome(shot=0, seconds=0.0, error=PluginBroke("plugin_broke", detail=told), facts={"traceback": trace})


def _of_ours(error: StockgenError, hide: Hide) -> StockgenError:
    kind = next(kind for kind in type(error).__mro__ if kind.__module__ == errors.__name__)
    ours: StockgenError = kind(hide(error.code), **_plain(error.facts, hide))
    return ours


def _plain(facts: Mapping[str, Any], hide: Hide) -> dict[str, Any]:
    """Facts as JSON can hold them: they cross processes and end in the ledger."""
    try:
        plain: dict[str, Any] = hidden_in(json.loads(json.dumps(dict(facts), default=str, skipkeys=True)), hide)
    except (ValueError, TypeError, RecursionError) as error:  # a circle, or no mapping at all
        return {"facts": f"unreadable: {error}"}
    return plain
