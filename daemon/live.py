"""What only the running daemon knows, for `stockgen status`: a small file that is replaced when something changes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from daemon.inbox import Inbox
from stockgen.app import App
from stockgen.files import write_softly
from stockgen.pipeline.status import LIVE, hold_facts, lane_facts, seconds_per_picture

EVERY = 0.5  # seconds; people look at it, nobody else


class Live:
    """Writes `state/live.json`, at most twice a second and only when it would differ."""

    def __init__(self, app: App, inbox: Inbox, since: str, version: str) -> None:
        self._app = app
        self._inbox = inbox
        self._daemon = {"pid": os.getpid(), "version": version, "since": since}
        self._path: Path = app.places.state / LIVE
        self._last = b""
        self._not_before = 0.0

    def step(self, now: float, state: str) -> None:
        """Write what has changed. `now` monotonic seconds; `state` running, paused or stopping."""
        if now < self._not_before:
            return
        self._not_before = now + EVERY
        data = json.dumps(self._facts(state), ensure_ascii=False).encode()
        if data != self._last:
            write_softly(self._path, data)
            self._last = data

    def remove(self) -> None:
        """Nobody is there any more to know it."""
        self._path.unlink(missing_ok=True)

    def _facts(self, state: str) -> dict[str, Any]:
        lanes = self._app.engine.parts.dispatcher.lanes()
        seconds = seconds_per_picture(self._app.ledger) if lanes else 0.0
        shots = [lane.progress().shot for lane in lanes]
        jobs = {shot: self._app.ledger.shots.get(shot)["job_id"] for shot in shots if shot is not None}
        waiting = self._app.ledger.shots.counts().get("planned", 0)
        held = self._app.engine.holds("cpu")
        return {
            "daemon": self._daemon | {"state": state},
            "inbox": self._inbox.facts(),
            "lanes": [lane_facts(lane, jobs, seconds) for lane in lanes],
            "holds": [hold_facts(one, "all", waiting) for one in held],
        }
