"""What happens to a shot whose attempt failed: the whole fallback policy, pure.

Fallback is a requeue, not a loop: the shot goes back to `planned` for the provider that this function names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stockgen.domain.errors import BadPicture, Busy, Cancelled, LaneDied, OutOfMemory, StorageFull, StorageLost
from stockgen.domain.protocols import Next, Shot
from stockgen.ledger.shots import Attempted
from stockgen.pipeline.closures import FAR, closed_for
from stockgen.pipeline.disk import WAIT as STORAGE_WAIT

BAD_TRIES = 2  # the same provider gets a second chance after an unusable picture
BUSY_TRIES = 3  # after that a provider that is free has the turn, if the chain has one
# Tries of which nobody knows whether they were billed: no shot pays for more of them at one provider. At the last of
# its chain there may be more: a connection that comes and goes should not cost a picture, and a cap bounds them, too.
MAYBE_TRIES, LAST_MAYBE_TRIES = 2, 4


def route(shot: Shot, attempts: Sequence[Attempted], looks: Mapping[str, str], error: Exception, now: float) -> Next:
    """Given a shot, its failed attempts (this one included), each provider's look and the error, say what happens next.

    `now` wall seconds. A lane's death never changes the provider: how often a shot may start is counted in the claim.
    """
    if isinstance(error, Cancelled):
        return Next("cancel", shot.chain_pos, 0.0, False, False, "cancelled")
    if not _stays(shot, attempts, error):
        return onward(shot, looks, str(error))
    wait = _wait(error)
    alone = isinstance(error, LaneDied | OutOfMemory)
    return Next("requeue", shot.chain_pos, now + wait if wait else 0.0, False, alone, str(error))


def _stays(shot: Shot, attempts: Sequence[Attempted], error: Exception) -> bool:
    """Whether the same provider has another chance, now or once it is open again: until then others are asked."""
    if (closed := closed_for(error)) is not None and closed <= FAR:
        return True
    here = sum(1 for one in attempts if one.provider == shot.chain[shot.chain_pos] and _same(one, error))
    match error:
        case LaneDied() | StorageFull() | StorageLost():
            return True
        case Busy():
            most = LAST_MAYBE_TRIES if _last(shot) else MAYBE_TRIES
            return _perhaps_paid(shot, attempts) < most and (here < BUSY_TRIES or _last(shot))
        case OutOfMemory():
            return not shot.solo and not error.exhausted
        case BadPicture():
            return here < BAD_TRIES and not error.exhausted
    return False


def _wait(error: Exception) -> float:
    """Seconds until it makes sense to try again. Who is busy is left alone as a whole, by `rates`: then the shot is the
    first again.
    """
    return STORAGE_WAIT if isinstance(error, StorageFull | StorageLost) else 0.0


def onward(shot: Shot, looks: Mapping[str, str], reason: str) -> Next:
    """The next provider of the chain, or the end. Degraded: it draws in another look than the first was to."""
    if _last(shot):
        return Next("fail", shot.chain_pos, 0.0, False, False, reason)
    first = looks.get(shot.chain[0])  # unknown where the config has lost that provider since
    degraded = first is not None and looks.get(shot.chain[shot.chain_pos + 1]) != first
    return Next("requeue", shot.chain_pos + 1, 0.0, degraded, False, reason)


def _last(shot: Shot) -> bool:
    return shot.chain_pos + 1 >= len(shot.chain)


def _perhaps_paid(shot: Shot, attempts: Sequence[Attempted]) -> int:
    return sum(one.maybe for one in attempts if one.provider == shot.chain[shot.chain_pos])


def _same(one: Attempted, error: Exception) -> bool:
    return one.error_class == type(error).__name__
