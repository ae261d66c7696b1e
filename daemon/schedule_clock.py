"""APScheduler as an alarm clock: it wakes the loop, and knows nothing of what is due; the only file that knows its
schedulers.

It sleeps by the monotonic clock for as long as the wall clock said when it lay down, so after a jump or a suspend it
would oversleep: it also rings every half minute, and is set anew when the wall clock was set. It is imported, and its
thread started, only while there is a schedule to wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

BEAT = 30  # seconds between two rings, whatever the clock on the wall does
_BEAT = "beat"
_PREFIX = "schedule "  # no schedule's name may be taken for the beat


class ScheduleClock:
    """`wake` is called from APScheduler's thread."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._scheduler: BackgroundScheduler | None = None
        self._set: dict[str, float] = {}

    def ring_at(self, moments: Mapping[str, float], anew: bool = False) -> None:
        """Ring when each of the named moments comes (wall seconds), and for no other. `anew`: the clock was set."""
        if moments == self._set and not anew:
            return
        if not moments:
            self.close()
            return
        if anew or self._scheduler is None:
            self.close()
            self._scheduler = self._started()
        for name in self._set.keys() - moments.keys():
            if self._scheduler.get_job(_PREFIX + name):  # one that has rung is gone by itself
                self._scheduler.remove_job(_PREFIX + name)
        for name, moment in moments.items():
            if self._set.get(name) != moment:
                at = datetime.fromtimestamp(moment, UTC)
                self._scheduler.add_job(self._wake, "date", run_date=at, id=_PREFIX + name, replace_existing=True)
        self._set = dict(moments)

    def close(self) -> None:
        """Ring no more; its thread ends."""
        if self._scheduler is not None:
            self._scheduler.shutdown()
        self._scheduler, self._set = None, {}

    def _started(self) -> BackgroundScheduler:
        from apscheduler.executors.debug import DebugExecutor  # type: ignore[import-untyped]
        from apscheduler.jobstores.memory import MemoryJobStore  # type: ignore[import-untyped]
        from apscheduler.schedulers.background import BackgroundScheduler

        scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={"default": DebugExecutor()},  # in its own thread: all that is done is to wake us
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        scheduler.add_job(self._wake, "interval", seconds=BEAT, id=_BEAT,
                          next_run_time=datetime.now(UTC) + timedelta(seconds=BEAT))  # fmt: skip
        scheduler.start()
        return scheduler
