"""What only the running daemon knows, for `stockgen status`: a small file that is replaced when something changes."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

from daemon.inbox import Inbox
from daemon.schedules import Schedules
from stockgen.app.build import App
from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.files import write_softly
from stockgen.pipeline.standing import lacks, standing
from stockgen.pipeline.status import LIVE, hold_facts, lane_facts, pause_facts, seconds_per_picture

EVERY = 0.5  # seconds; people look at it, nobody else
RETRY = 30.0  # seconds until it is tried again on a disk that was full or gone
STALE = 300.0  # seconds after which it is written again though nothing but the time of the last scan has changed


class Live:
    """Writes `state/live.json`, at most twice a second and only when it would differ."""

    def __init__(self, app: App, inbox: Inbox, schedules: Schedules, since: str, version: str) -> None:
        self._app = app
        self._inbox, self._schedules = inbox, schedules
        self._daemon = {"pid": os.getpid(), "version": version, "since": since}
        self._path: Path = app.places.state / LIVE
        self._news: dict[str, Any] = {}
        self._untold = False
        self._not_before = self._stale_at = 0.0
        self._owed = False
        self._state = ""

    def step(self, now: float, state: str) -> None:
        """Write what has changed. `now` monotonic seconds; `state` running, paused or stopping."""
        self._owed = now < self._not_before and state == self._state  # whoever paused looks at once whether it is so
        if self._owed:
            return
        self._state = state
        self._not_before = now + EVERY
        facts = self._facts(state)
        news = facts | {"inbox": facts["inbox"] | {"last_scan": None}}  # looking around is no news: disks may sleep
        if news != self._news or now >= self._stale_at:
            self._write(json.dumps(facts, ensure_ascii=False).encode(), now)
            self._news, self._untold = news, True
            self._stale_at = now + STALE

    def _write(self, data: bytes, now: float) -> None:
        try:
            write_softly(self._path, data)
        except (StorageFull, StorageLost) as error:  # nobody's picture depends on it
            self._app.log.warning("hold.on", hold="disk", reason=str(error))
            self._not_before = now + RETRY

    def next_at(self) -> float:
        """When to step again though nothing happens: monotonic seconds."""
        return self._not_before if self._owed else math.inf

    def news(self) -> dict[str, Any]:
        """The facts, where they have changed since the last call; else {}."""
        told, self._untold = self._untold, False
        return self._news if told else {}

    def remove(self) -> None:
        """Nobody is there any more to know it."""
        self._path.unlink(missing_ok=True)

    def _facts(self, state: str) -> dict[str, Any]:
        lanes = self._app.engine.parts.dispatcher.lanes()
        seconds = seconds_per_picture(self._app.ledger) if lanes else 0.0
        doing = [lane.progress().shot for lane in lanes]
        jobs = {shot: self._app.ledger.shots.get(shot)["job_id"] for shot in doing if shot is not None}
        return {
            "daemon": self._daemon | {"state": state},
            "inbox": self._inbox.facts(),
            "lanes": [lane_facts(lane, jobs, seconds) for lane in lanes],
            "schedules": self._schedules.coming(),
            "providers": self._providers(),
            "pauses": [pause_facts(one) for one in self._app.engine.parts.dispatcher.doors.pauses("net")],
            "holds": [hold_facts(one, place, shots) for place, one, shots in self._app.engine.held()],
        }

    def _providers(self) -> list[dict[str, Any]]:
        dispatcher, app = self._app.engine.parts.dispatcher, self._app
        return standing(lacks(dispatcher.chains), dispatcher.closed, app.clock.wall(), app.catalogue.say)
