"""What was tried for each picture: by whom, what came of it, how long it took, what it cost, what was left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stockgen.messages import Messages

MICROS = 1_000_000
SHOWN = 30  # letters of a prompt


def facts(attempt: Mapping[str, Any]) -> dict[str, Any]:
    """One row of the ledger for scripts."""
    keys = ("provider", "model", "outcome", "seconds", "error_class", "reason", "cost_micros", "billed")
    return {key: attempt[key] for key in keys} | {"dropped": json.loads(attempt["dropped"])}


def lines(say: Messages, picture: Mapping[str, Any]) -> Iterator[str]:
    """One for each try, and for each provider that was passed over; none where there was one and it just came."""
    tries, passed = picture["attempts"], picture["passed"]
    if not passed and len(tries) < 2 and all(map(_dull, tries)):
        return
    number = picture.get("number") or f"'{picture['prompt'][:SHOWN]}'"  # of the sheet; others have none
    asked = {one["provider"] for one in tries}
    for provider, reason in passed.items():
        if provider not in asked:
            yield say("try.passed", number=number, provider=provider, why=in_words(say, reason))
    for one in tries:
        yield say("try.line", number=number, provider=one["provider"], told=", ".join(_told(say, one)))


def in_words(say: Messages, reason: str | None) -> str:
    """A reason as the ledger keeps it (`code` or `code: detail`) in words."""
    if not reason:
        return ""
    code, _, detail = reason.partition(": ")
    known = f"reason.{code}"
    return say(known) if say.has(known) else say("reason.other", reason=detail or code)


def _dull(one: Mapping[str, Any]) -> bool:
    return one["outcome"] in ("rendered", None) and not (
        one["dropped"] or one["cost_micros"] or one["billed"] == "maybe"
    )


def _told(say: Messages, one: Mapping[str, Any]) -> Iterator[str]:
    outcome = say(f"try.{one['outcome'] or 'open'}")
    why = in_words(say, one["reason"]) if one["outcome"] in ("failed", "lost") else ""
    yield say("try.because", outcome=outcome, why=why) if why else outcome
    if one["seconds"]:
        yield say("try.seconds", seconds=one["seconds"])
    if one["billed"] == "maybe":
        yield say("try.maybe")
    elif one["cost_micros"]:
        yield say("try.cost", usd=one["cost_micros"] / MICROS)
    if one["dropped"]:
        yield say("try.dropped", keys=[*one["dropped"]])
