"""What was tried for each picture: by whom, what came of it, how long it took, what it cost, what was left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stockgen.messages import Messages

MICROS = 1_000_000
SHOWN = 30  # letters of a prompt
MADE = ("done", "review")


def facts(attempt: Mapping[str, Any]) -> dict[str, Any]:
    """One row of the ledger for scripts."""
    keys = ("provider", "model", "outcome", "seconds", "error_class", "reason", "cost_micros", "billed")
    return {key: attempt[key] for key in keys} | {"dropped": json.loads(attempt["dropped"])}


def lines(say: Messages, picture: Mapping[str, Any]) -> Iterator[str]:
    """One for each try, and for each provider that was passed over; none where there was one and it just came."""
    tries, passed = picture["attempts"], picture["passed"]
    if not passed and len(tries) <= len(picture.get("best_of", [None])) and all(map(_dull, tries)):
        return
    number = picture.get("number") or f"'{picture['prompt'][:SHOWN]}'"  # of the sheet; others have none
    asked = {one["provider"] for one in tries}
    for provider, reason in passed.items():
        if provider not in asked:
            yield say("try.passed", number=number, provider=provider, why=in_words(say, reason))
    for one in tries:
        yield say("try.line", number=number, provider=one["provider"], told=", ".join(_told(say, one)))


def one_of(shot: Mapping[str, Any], spare: Mapping[str, Any] | None) -> dict[str, Any]:
    """One of several tries of a picture for scripts. `spare`: what was made of one that was not the best."""
    told = {"shot": shot["id"], "try": shot["try"], **{key: shot[key] for key in ("seed", "state", "reason")}}
    lies = spare is not None and spare["state"] == "spare"
    return told | {
        "kept": bool(shot["lead"] and shot["state"] in MADE),
        "spare": spare["stem"] if spare and lies else None,
    }


def best_of(say: Messages, picture: Mapping[str, Any]) -> str:
    """Of how many tries a picture is the best, or how far they are; "" = there is one."""
    tries = picture.get("best_of", ())
    if not tries:
        return ""
    made = sum(one["state"] in (*MADE, "rendered", "publishing") for one in tries)
    if picture["state"] in MADE:
        return say("job.best_of" if made == len(tries) else "job.best_of_some", made=made, tries=len(tries))
    return say("job.tries", made=made, tries=len(tries))


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
