"""A key stands in config.yaml only because two of its values differ in the result: here they are, key by key."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from stockgen.config import Config
from stockgen.domain.errors import JobFileError
from stockgen.domain.protocols import Held
from tests.house import ROOT, House
from tests.lanes.harness import HandClock
from tests.pipeline.stage import attempts, command, open_shop, states

Look = Callable[[House, str], object]
SEA = "prompt: a sea\nsize: 64x64\n"
SOLD = "prompt: a sea\nsize: 64x64\nmarkets: [adobe_stock]\ntags: 'sea, wave'\ncount: 3\n"
# Two stacks in turn; the second one's pictures are what a warm model overtakes.
TURNS = "".join(f"- {{prompt: a sea, size: {width}x64}}\n" for width in (64, 96, 64, 96))


@dataclass(frozen=True)
class Case:
    """One key with two values, the job that shows it, and what is seen with each (None: only that it differs)."""

    values: tuple[object, object]
    text: str
    look: Look
    seen: tuple[object, object] | None = None


def read(one: House, text: str) -> object:
    """What a job file becomes: widths and counts, or its refusal."""
    try:
        one.order(text)
    except JobFileError:
        return "refused"
    return len(made(one, text))


def made(one: House, text: str) -> list[dict[str, Any]]:
    """The shots of a job that has closed."""
    return one.shots(one.make(text))


def master(one: House, text: str) -> bytes:
    (path,) = one.pictures(one.make(text))
    return path.read_bytes()


def ended(one: House, text: str) -> object:
    return states(one, one.make(text))


def ended_in_any_order(one: House, text: str) -> object:
    return sorted(states(one, one.make(text)), key=str)


def tried(one: House, text: str) -> object:
    """Who made it."""
    return [provider for provider, _, _ in attempts(one, one.make(text))]


def order_of_turns(one: House, text: str) -> object:
    """Positions of a job's shots, in the order in which they were rendered."""
    command(one, "pause")
    job = one.order(text)
    one.work()
    command(one, "resume")
    one.work()
    rows = one.app.ledger.query("SELECT s.position FROM attempts a JOIN shots s ON s.id = a.shot_id ORDER BY a.id")
    assert one.app.ledger.jobs.get(job)["result"] == "done"
    return [row["position"] for row in rows]


def sold(one: House, text: str) -> list[int]:
    """Pictures in each basket."""
    one.make(text)
    command(one, "basket")
    return [len(list(path.iterdir())) for path in sorted(one.outbox.glob("*/*/*/1_pictures"))]


def tiers(one: House, text: str) -> list[str]:
    """What the table for a market says of its pictures."""
    sold(one, text)
    (sheet,) = one.outbox.rglob("2_miricanvas.csv")
    return sorted({row["tier"] for row in csv.DictReader(sheet.read_text("utf-8-sig").splitlines())})


def basket_day(one: House, text: str) -> str:
    sold(one, text)
    return next(one.outbox.glob("upload/*/*")).name


def top_folders(one: House, text: str) -> list[str]:
    one.make(text)
    return sorted(path.name for path in one.outbox.iterdir() if path.suffix != ".db" and path.name[:2] != "20")


def parted(one: House, text: str) -> bool:
    """Whether a job that made one of two pictures ends without the other, a moment later."""
    held = Held(hold="money", reason="", providers=frozenset({"second"}))
    one.app.engine.heed(lambda place, now: (held,))
    job = one.order(text)
    one.work()
    one.app.engine.parts.rests.step(one.app.clock.monotonic() + 3600.0, False, lambda _: False)
    return one.app.ledger.retries.rest(job) is not None


def bought(one: House, text: str) -> int:
    """How many pictures of a job are paid for before it waits, ends, or is drawn for nothing."""
    one.order(text)
    one.work()
    return int(one.app.ledger.query("SELECT count(*) AS n FROM spend WHERE settled_micros > 0")[0]["n"])


def warned(one: House, text: str) -> bool:
    bought(one, text)
    return bool(one.events("money.warned"))


def places(one: House, text: str) -> list[str]:
    """Folders beside the config that hold something of ours."""
    one.make(text)
    return sorted(path.name for path in one.root.iterdir() if path.is_dir() and path.name != "my")


def staging(one: House, text: str) -> str:
    one.make(text)
    return one.app.places.staging.name


def says(*words: bytes) -> Look:
    """Whether a master's file holds these words."""
    return lambda one, text: all(word in master(one, text) for word in words)


def facts(one: House, text: str) -> list[dict[str, Any]]:
    """What the provider told of each picture: the process that made it, and what its lane had said."""
    rows = [row for shot in made(one, text) for row in one.app.ledger.shots.attempts(shot["id"])]
    return [json.loads(row["facts"]) for row in rows]


def hosted(key: str) -> Look:
    """What a process that renders is told of its device."""
    return lambda one, text: facts(one, text)[0]["host"][key]


def scheduled(one: House, text: str) -> dict[str, int]:
    """How far a schedule's job comes; by the clock of the test it is a quarter past midnight."""
    one.order(text, kind="schedule")
    one.work()
    return one.states()


def spoiled(fault: str, **more: str) -> str:
    """A job whose picture has one fault that can be seen; large enough for it."""
    return "".join(
        f"{key}: {value}\n" for key, value in {"prompt": f"a {fault} sea", "size": "256x256", **more}.items()
    )


def judged(values: tuple[object, object], fault: str, reason: str, **more: str) -> Case:
    """The first value lets that picture pass, the second one sends it to review."""
    return Case(values, spoiled(fault, **more), ended, ([("done", None)], [("review", reason)]))


LOADING = ("limits.lookahead", "limits.starve_after")  # about what is warm; at the network nothing is
PAID = f"{SEA}count: 4\n"  # of a provider that asks 5 cents for each, under a cap of 25 a month
QUIT = "prompt: a sea quit\nsize: 64x64\n"  # ends the lane each time
FLAT = "prompt: a flat sea\nsize: 64x64\n"
CASES: Mapping[str, Case] = {
    "language": Case(("en", "ko"), FLAT, top_folders, (["review"], ["확인하기"])),
    "state": Case(("here", "there"), SEA, places),
    "outbox.path": Case(("here", "there"), SEA, places),
    "outbox.staging": Case((".here", ".there"), SEA, staging, (".here", ".there")),
    "outbox.close_after": Case(
        ("1ms", "24h"), f"- {SEA}- {SEA}  model: second\n".replace("size", "  size"), parted, (True, False)
    ),
    "defaults.count": Case((1, 2), SEA, lambda one, text: len(made(one, text)), (1, 2)),
    "defaults.best_of": Case((1, 2), SEA, lambda one, text: len(one.shots(one.make(text))), (1, 2)),
    "defaults.model": Case(("scripted", "second"), SEA, tried, (["scripted"], ["second"])),
    "defaults.markets": Case(([], ["adobe_stock"]), SOLD.replace("markets: [adobe_stock]\n", ""), sold, ([], [3])),
    "presets": Case(
        ({"tall": {"count": 1}}, {"tall": {"count": 2}}), f"preset: tall\n{SEA}",
        lambda one, text: len(made(one, text)), (1, 2),
    ),
    "styles.*.prompt": Case(
        ({"soft": {"prompt": "soft light"}}, {"soft": {"prompt": "hard light"}}), f"style: soft\n{SEA}",
        lambda one, text: "soft light" in made(one, text)[0]["prompt"], (True, False),
    ),
    "limits.images_per_job": Case((1, 2), f"{SEA}count: 2\n", read, ("refused", 2)),
    "limits.starts": Case((1, 2), QUIT, lambda one, text: made(one, text)[0]["starts"], (1, 2)),
    "limits.lookahead": Case((1, 32), TURNS, order_of_turns, ([0, 1, 2, 3], [0, 2, 1, 3])),
    "limits.starve_after": Case(("1ms", "15m"), TURNS, order_of_turns, ([0, 1, 2, 3], [0, 2, 1, 3])),
    "chains": Case(({"auto": ["scripted"]}, {"auto": ["second"]}), SEA, tried, (["scripted"], ["second"])),
    "providers": Case(
        ({"scripted": {"place": "net"}}, {"scripted": {"place": "net", "look": "drawn"}}), SEA,
        lambda one, text: b"algorithmicMedia" in master(one, text), (False, True),
    ),
    "gpu.devices": Case(
        (["cpu"], ["cpu", "cpu"]), SEA, lambda one, _: len(one.app.lanes.places(one.app.catalogue)) - 1, (1, 2),
    ),
    "gpu.plan": Case(("auto", "offload"), SEA, hosted("plan"), ("auto", "offload")),
    "gpu.pinned": Case(([], ["scripted"]), SEA, hosted("pinned"), ([], ["scripted"])),
    "gpu.unload_after": Case(("15m", "1m"), SEA, hosted("unload_after"), (900, 60)),
    "gpu.compile": Case(("auto", "never"), SEA, hosted("compile"), ("auto", "never")),
    "gpu.hours": Case(("12:00-13:00", "00:00-06:00"), SEA, scheduled, ({"planned": 1}, {"done": 1})),
    "gpu.recycle_after": Case(
        (1, 2), f"{SEA}count: 2\n", lambda one, text: len({each["pid"] for each in facts(one, text)}), (2, 1),
    ),
    "money.per_month_usd": Case((0, 0.11), PAID, bought, (0, 2)),
    "money.per_day_usd": Case((None, 0.11), PAID, bought, (4, 2)),
    "money.per_job_usd": Case((None, 0.11), PAID, bought, (4, 2)),
    "money.warn_at": Case((0.8, 0.81), PAID, warned, (True, False)),
    "money.krw_per_usd": Case((1000, 2000), f"{PAID}budget: 100원\n", bought, (2, 1)),
    "finish.quality": Case((80, 100), SEA, lambda one, text: len(master(one, text))),
    "checks.flat.spread": Case((0, 255), SEA, ended, ([("done", None)], [("review", "flat")])),
    "checks.clipped.share": judged((1, 0.05), "clipped", "clipped"),
    "checks.border.width": judged((0.5, 0.01), "framed", "framed"),
    "checks.blur.width": judged((50, 0.8), "blurred", "blurred", kind="photo"),
    "checks.noise.level": judged((100, 6), "noisy", "noisy"),
    "checks.banding.share": judged((1, 0.2), "banded", "banded"),
    "checks.artefacts.excess": Case(  # what was a slope before it was a JPEG has stairs, too
        (10, 0.3), spoiled("blocky"), ended, ([("review", "banded")], [("review", "artefacts")])
    ),
    "checks.duplicate.distance": Case(
        (0, 6), f"- {SEA}  seed: 1\n- {SEA}  seed: 1\n".replace("size", "  size"), ended_in_any_order,
        ([("done", None), ("done", None)], [("done", None), ("review", "similar")]),
    ),
    "rights.creator": Case(("", "Kim Minji"), SEA, says(b"Kim Minji"), (False, True)),
    "rights.copyright": Case(("", "(c) Kim Minji"), SEA, says(b"(c) Kim Minji"), (False, True)),
    "rights.prompt_in_file": Case((False, True), "prompt: zebra xylophone\nsize: 64x64\ntitle: Sea\n",
                                  says(b"zebra xylophone"), (False, True)),
    "markets.*.per_week": Case(
        ({"adobe_stock": {"per_week": 1}}, {"adobe_stock": {"per_week": 2}}), SOLD, sold, ([1], [2]),
    ),
    "markets.*.basket": Case(
        ({"adobe_stock": {"basket": 1}}, {"adobe_stock": {"basket": 2}}), SOLD, sold, ([1, 1, 1], [2, 1]),
    ),
    "markets.*.tier": Case(
        ({"miricanvas": {"tier": "Premium"}}, {"miricanvas": {"tier": "Standard"}}),
        SOLD.replace("adobe_stock", "miricanvas"), tiers, (["Premium"], ["Standard"]),
    ),
    "timezone": Case(
        ("Asia/Seoul", "Pacific/Honolulu"), SOLD, basket_day, ("1970-01-01-a", "1969-12-31-a"),
    ),
}  # fmt: skip

# Keys that only a daemon, a terminal or a card shows, with the tests that turn them.
ELSEWHERE = {
    "inbox.path": "tests/config/test_places.py",
    "inbox.settle": "tests/daemon/test_settle.py",
    "inbox.rescan": "tests/daemon/test_inbox.py",
    "inbox.watch": "tests/daemon/test_inbox.py",
    "outbox.snapshot": "tests/pipeline/test_snapshots.py",
    "retention.spare": "tests/pipeline/test_best_of.py",
    "report.at": "tests/pipeline/test_reports.py",
    **dict.fromkeys(
        ("notify.urls", "notify.on", "notify.telegram.orders", "notify.telegram.chats"), "tests/notify/test_telling.py"
    ),
    "finish.cutout": "tests/pipeline/test_retouching.py",
    "finish.upscale": "tests/pipeline/test_retouching.py",
    "baskets.at": "tests/daemon/test_basket_time.py",
    "baskets.look": "tests/daemon/test_basket_time.py",
    **dict.fromkeys(
        (f"schedules.*.{key}" for key in ("cron", "jitter", "catch_up", "max_waiting", "enabled", "job", "themes")),
        "tests/daemon/test_schedules.py",
    ),
    **dict.fromkeys(("styles.*.model", "styles.*.lora"), "tests/gpu/test_lora_jobs.py"),
    "limits.free_disk": "tests/pipeline/test_disk.py",
    "limits.rephrase": "tests/pipeline/test_rephrase.py",
    "checks.vision": "tests/pipeline/test_seeing.py",
    "writers": "tests/config/test_writers.py",
    "gpu.yield_to_others": "tests/pipeline/test_others.py",
    "gpu.allow_cpu": "tests/gpu/test_cards.py",
    "log.level": "tests/ground/test_logs.py",
    "log.format": "tests/ground/test_logs.py",
}


def config_of(key: str, value: object) -> dict[str, Any]:
    """What stands in config.yaml so that `key` is `value`; `styles.*.prompt` is given as the whole of `styles`."""
    parts = key.partition(".*")[0].split(".")
    base: dict[str, Any] = {"defaults": {"count": 1, "markets": []}, "gpu": {"devices": ["cpu"]},
                            "money": {"per_month_usd": 0.25}}.get(parts[0], {})  # fmt: skip
    for part in reversed(parts[1:]):
        value = {part: value}
    over = {parts[0]: base | value if len(parts) > 1 and isinstance(value, dict) else value}
    scripted = {"gpu": {"place": "gpu"}, "money": {"place": "net", "quote": 50_000}}.get(parts[0])
    return over | ({"providers": {"scripted": scripted}} if scripted else {})


@pytest.fixture
def see(tmp_path: Path) -> Iterator[Callable[[str, int], object]]:
    """What is seen with the first or second value of a key, in a house of its own."""

    def seen(key: str, which: int) -> object:
        case, root = CASES[key], tmp_path / f"house{which}"
        open_shop(root)
        over = config_of(key, case.values[which])
        clock = None
        if key in ("timezone", "gpu.hours"):
            clock, over = HandClock(), {"timezone": "UTC"} | over
        one = House(root, over, thread=key not in LOADING, clock=clock)
        try:
            return case.look(one, case.text)
        finally:
            one.close()

    yield seen


@pytest.mark.parametrize("key", CASES)
def test_two_values_of_a_key_differ_in_the_result(see: Callable[[str, int], object], key: str) -> None:
    first, second = see(key, 0), see(key, 1)
    assert first != second
    assert CASES[key].seen in (None, (first, second))


def leaves(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """All keys of the config; `*` stands for a name that the user chooses."""
    for name, field in model.model_fields.items():
        yield from _below(field.annotation, f"{prefix}{name}")


def _below(annotation: Any, name: str) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from leaves(annotation, f"{name}.")
        return
    inner = get_args(annotation)[-1] if get_origin(annotation) in (dict, Union) else None
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        yield from leaves(inner, f"{name}.*.")
        return
    yield name


def test_no_key_steers_nothing() -> None:
    assert {*leaves(Config)} == {*CASES, *ELSEWHERE}


def test_the_tests_that_turn_the_other_keys_exist() -> None:
    assert [path for path in ELSEWHERE.values() if not (ROOT / path).is_file()] == []
