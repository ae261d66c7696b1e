"""A model that leaves is told in the log and in the morning, once a day, while the daemon runs on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

from daemon.departures import Departures
from tests.house import House
from tests.still import StillClock

OLD = {
    "timezone": "UTC", "report": {"at": "07:40"}, "presets": {"poster": {"model": "gpt-image-1.5"}},
    "chains": {"auto": ["scripted"], "both": ["scripted", "second"]},
}  # fmt: skip


def day(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def logged(house: House) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in house.out.getvalue().splitlines()]
    return [(line["event"], line["successor"]) for line in lines if line["event"].startswith("model.")]


def test_what_leaves_is_told_in_the_log_once_a_day_and_what_is_gone_too(house: Callable[..., House]) -> None:
    clock = StillClock()
    clock.now = day("2026-11-10T23:00")
    one = house(OLD, thread=True, clock=clock)
    telling = Departures(one.app)
    found = []
    for moment in ("2026-11-10T23:00", "2026-11-29T09:00", "2026-11-29T23:59", "2026-12-01T00:00", "2026-12-01T12:00"):
        clock.now = day(moment)
        telling.step()
        found.append(len(logged(one)))
    assert found == [0, 1, 1, 2, 2]
    telling.again()
    telling.step()
    assert [event for event, _ in logged(one)] == ["model.leaving", "model.gone", "model.gone"]
    assert {successor for _, successor in logged(one)} == {"gpt-image-2.5-sunburst"}


def test_what_leaves_is_told_in_the_morning(house: Callable[..., House]) -> None:
    clock = StillClock()
    clock.now = day("2026-11-28T12:00")
    one = house(OLD, thread=True, clock=clock)

    def morning(moment: str) -> str:
        clock.now = day(moment)
        one.turn()
        one.work(lambda: not one.app.engine.working)
        file = one.outbox / "reports" / f"{moment[:10]}.txt"
        return file.read_text("utf-8-sig") if file.exists() else ""

    assert morning("2026-11-28T12:00") == ""  # the first day has nothing behind it
    told = "presets.poster.model: gpt-image-1.5 will be switched off on 2026-12-01 (days left: 2)."
    assert told in morning("2026-11-29T07:41")
    assert "gpt-image-1.5 was switched off on 2026-12-01" in morning("2026-12-02T07:41")
