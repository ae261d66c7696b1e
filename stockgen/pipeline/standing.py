"""How every provider stands, for people: open, closed until when, not set up; and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stockgen.domain.times import iso
from stockgen.domain.words import Remark
from stockgen.messages import Messages
from stockgen.pipeline.chain import Chains
from stockgen.pipeline.closures import FAR, Closure


def lacks(chains: Chains) -> dict[str, Remark | None]:
    """Every provider that the config or one of its chains names → what a person must add, None = nothing."""
    found: dict[str, Remark | None] = dict.fromkeys(chains.named(), Remark("plan.not_set_up"))
    for name in chains.providers:
        lack = chains.missing(name)
        found[name] = lack.remark if lack else None
    return found


def standing(
    found: Mapping[str, Remark | None], closures: Iterable[Closure], now: float, say: Messages
) -> list[dict[str, Any]]:
    """`providers` of `status --json`. `found` as `lacks` has it; `now` wall seconds. Where only a model is closed its
    provider is open, and the reason says which.
    """
    shut = {(one.provider, one.model): one for one in closures if one.until > now}
    return [_one(name, why, [one for (provider, _), one in sorted(shut.items()) if provider == name], now, say)
            for name, why in sorted(found.items())]  # fmt: skip


def _one(name: str, lack: Remark | None, shut: list[Closure], now: float, say: Messages) -> dict[str, Any]:
    whole = next((one for one in shut if not one.model), None)
    if lack is not None:
        return {"name": name, "state": "not_configured", "reason": say.tell(lack), "until": None}
    told = whole or (shut[0] if shut else None)
    until = iso(told.until) if told and told.until - now <= FAR else None
    reason = why_closed(told, say) if told else None
    return {"name": name, "state": "closed" if whole else "open", "reason": reason, "until": until}


def why_closed(closure: Closure, say: Messages) -> str:
    """Why somebody is closed, in words."""
    known = say.has(closure.why.code)  # a plugin of the user's own may have codes that nobody has words for
    why = say.tell(closure.why) if known else closure.why.code.removeprefix("error.")
    return f"{closure.model}: {why}" if closure.model else why
