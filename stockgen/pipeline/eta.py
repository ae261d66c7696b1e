"""How far the picture in hand is and how long all of them will take, in words for whoever waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stockgen.domain.protocols import Progress
from stockgen.domain.times import local, wall
from stockgen.domain.words import Remark


def seconds_left(doing: Sequence[Progress], waiting: int, each: float) -> float | None:
    """Seconds until all is rendered, None = not known yet.

    `doing`: what each lane does; `waiting`: pictures that nobody has begun; `each`: seconds that pictures took of late,
    0 = none was made yet: then those in hand stand for the others.
    """
    timed = [one for one in doing if one.left is not None and one.step < one.steps]
    each = each or max(((one.left or 0.0) * one.steps / (one.steps - one.step) for one in timed), default=0.0)
    working = sum(one.steps > 0 for one in doing)
    if not each or not working:
        return None
    in_hand = max((each if one.left is None else one.left) for one in doing if one.steps)
    return in_hand + each * waiting / working


def described(
    doing: Sequence[Progress], ended: int, total: int, each: float, unmade: int | None = None
) -> Remark:  # fmt: skip
    """One line for a bar: which picture of how many, which step of how many, about how long still.

    `unmade`: how many renderings that still takes, where a picture is the best of several tries; None = one each.
    """
    first = next((one for one in doing if one.steps), None)
    if first is None or ended >= total:
        return Remark("progress.pictures")
    working = sum(one.steps > 0 for one in doing)
    left = seconds_left(doing, max(0, (total - ended if unmade is None else unmade) - working), each)
    facts = {"number": ended + 1, "total": total, "step": first.step, "steps": first.steps}
    if left is None:
        return Remark("progress.step", facts=facts)
    return Remark("progress.step_left", facts=facts | {"left": about(left)})


def about(seconds: float) -> Remark:
    """A length of time as people say it."""
    if seconds < 90:
        return Remark("time.seconds", facts={"count": max(1, round(seconds))})
    if seconds < 90 * 60:
        return Remark("time.minutes", facts={"count": round(seconds / 60)})
    return Remark("time.hours", facts={"count": round(seconds / 3600)})


def waiting(told: Sequence[Mapping[str, Any]], timezone: str) -> list[Remark]:
    """A sentence for each hold that `status` tells of, however many places it is about."""
    pictures: dict[tuple[str, str, str | None], int] = {}
    for held in told:
        key = (held["hold"], held["reason"], held["until"])
        pictures[key] = pictures.get(key, 0) + held["shots"]
    return [
        waiting_for(hold, reason, wall(until) if until else None, count, timezone)
        for (hold, reason, until), count in pictures.items()
    ]


def waiting_for(hold: str, reason: str, until: float | None, pictures: int, timezone: str) -> Remark:
    """A hold as a sentence. `until` wall seconds, None = unknown; `pictures`: how many wait for its end."""
    code = "hold.pause_file" if hold == "pause" and reason != "command" else f"hold.{hold}"
    facts = {"why": Remark(code, facts={"reason": reason}), "pictures": pictures}
    if until is None:
        return Remark("status.hold", facts=facts)
    return Remark("status.hold_until", facts=facts | {"until": f"{local(until, timezone):%m-%d %H:%M}"})
