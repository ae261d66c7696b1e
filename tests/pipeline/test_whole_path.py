"""From an accepted job to the outbox, with real lanes, files and ledger."""

from __future__ import annotations

from collections.abc import Callable

from tests.house import House, litter, write_config
from tests.pipeline.stage import command

Build = Callable[..., House]


def test_a_job_becomes_pictures_with_sidecars_and_papers(house: Build) -> None:
    one = house(thread=True)
    job = one.make("prompt: a calm sea\ncount: 3\nsize: 96x64\n")
    folder = one.folder(job)
    assert len(one.pictures(job)) == 3
    assert sorted(path.suffix for path in (folder / "info").iterdir()) == [".json"] * 4 + [".jsonl", ".yaml"]
    assert (folder / "sheet-1.jpg").exists()
    assert litter(one.root) == []


def test_one_picture_that_kills_its_lane_does_not_take_seven_along(house: Build) -> None:
    one = house({"providers": {"scripted": {"batch": 8}}})
    text = "".join(f"- {{prompt: picture {n}{' poison' if n == 3 else ''}, size: 64x64}}\n" for n in range(8))
    job = one.make(text)
    ended = [(shot["state"], shot["reason"]) for shot in one.shots(job)]
    assert sorted(ended, key=str) == [("done", None)] * 7 + [("failed", "quarantined")]
    assert one.app.ledger.jobs.get(job)["result"] == "partial"
    assert litter(one.root) == []


def test_a_provider_taken_out_of_the_config_does_not_leave_pictures_waiting_for_ever(house: Build) -> None:
    one = house({"providers": {"scripted": {"place": "net"}, "second": {"place": "net"}}})
    command(one, "pause")  # nothing is begun meanwhile
    job = one.order("- {prompt: a calm sea, model: both, size: 64x64}\n- {prompt: a hill, size: 64x64}\n")
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "open")
    write_config(one.root, {"providers": {"second": {"place": "net"}}})
    one.again()
    command(one, "resume")
    one.work()
    assert [(shot["state"], shot["provider"]) for shot in one.shots(job)] == [
        ("done", "second"),
        ("failed", "scripted"),
    ]
