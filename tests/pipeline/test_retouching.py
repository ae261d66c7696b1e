"""What is ordered without a ground comes out without one, or goes to a person: never opaque into a basket."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from stockgen.domain.errors import BadPicture, LaneDied, NotConfigured, OutOfMemory, StorageFull
from stockgen.domain.retouch import Retouch
from stockgen.pipeline.retouching import Means, again, retouch
from tests.house import House, litter
from tests.inference.models import nearest, red_matte
from tests.lanes.harness import alive, until
from tests.pipeline.stage import only_rendered, states
from tests.pipeline.test_elements import make

STICKER = "prompt: {words}\nsize: 64x64\ntransparent: yes\ncount: {count}\n"
MEANS = Means("cut", "large", 3)
EVERYTHING = (0.34, 0.33, 0.33)  # of red, green, blue: whatever is bright
Shop = Callable[..., House]


@pytest.fixture
def studio(house: Shop, tmp_path: Path) -> Shop:
    """Builds a House whose catalogue has models made here: `bright` cuts out what is bright, `large` enlarges fourfold;
    `lost` and `never` have no file.
    """

    def build(finish: dict[str, Any], **more: Any) -> House:
        root = tmp_path / "house0"
        files = {
            "bright": {
                "matting": {"session": "u2net_custom"},
                "path": red_matte(root / "bright.onnx", 320, EVERYTHING),
            },
            "large": {"upscaling": {"scale": 4}, "path": nearest(root / "large.onnx", 4)},
            "nosale": {"upscaling": {"scale": 4}, "path": root / "large.onnx", "sellable": False},
            "lost": {"matting": {"session": "u2net_custom"}, "path": root / "lost.onnx"},
            "never": {"upscaling": {"scale": 4}, "path": root / "never.onnx"},
        }
        entries = {name: entry(name, **one) for name, one in files.items()}
        entries |= {name: maker(name) for name in ("scripted", "smaller")}
        (root / "my" / "catalog").mkdir(parents=True)
        (root / "my" / "catalog" / "tests.yaml").write_text(yaml.safe_dump(entries))
        return house({"finish": finish} | more, thread=True)

    return build


def entry(name: str, path: Path, sellable: bool = True, **special: Any) -> dict[str, Any]:
    return maker(name, sellable) | {
        "provider": "onnx", "role": "matting" if "matting" in special else "upscaler", "weights": {"source": str(path)},
    } | special  # fmt: skip


def maker(name: str, sellable: bool = True) -> dict[str, Any]:
    return {"title": {"en": name, "ko": name}, "provider": name, "licence": "MIT", "sellable": sellable,
            "look": "diffusion", "source": "tests"}  # fmt: skip


def beside(one: House, job: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in sorted((one.folder(job) / "info").glob("*-*.json"))]


def assets(one: House) -> list[Any]:
    return one.app.ledger.query("SELECT * FROM assets ORDER BY id")


def test_a_picture_that_was_drawn_with_a_ground_comes_out_without_it(studio: Shop) -> None:
    one = studio({"cutout": "bright"})
    job = make(one, "element", "64x64", 2)
    files = one.pictures(job) or list(one.outbox.glob("review/*/*"))
    assert len(files) == 2
    for path in files:
        with Image.open(path) as master:
            assert master.mode == "RGBA"
            assert master.getchannel("A").getextrema()[0] < 255
    told = beside(one, job)
    assert [one["retouched"]["cutout"] for one in told] == ["bright"] * 2
    assert [one["retouched"]["licences"] for one in told] == [{"bright": "MIT"}] * 2
    assert litter(one.root) == []


@pytest.mark.parametrize(("upscale", "seen"), [("lanczos", None), ("large", "large")])
def test_a_picture_that_is_too_small_is_enlarged_by_the_model_that_is_named(studio: Shop, upscale, seen) -> None:
    """`nearest` makes squares of pixels, Lanczos none."""
    one = studio({"upscale": upscale}, providers={"smaller": {"place": "net"}}, chains={"auto": ["smaller"]})
    job = one.make("prompt: a sea\nsize: 128x128\n")
    (told,) = beside(one, job)
    assert (told["width"], told["height"]) == (128, 128)
    assert told.get("retouched", {}).get("upscale") == seen
    assert litter(one.root) == []


def test_nothing_is_asked_for_where_the_size_is_there_already(studio: Shop) -> None:
    one = studio({"upscale": "large"})
    job = one.make("prompt: a sea\nsize: 64x64\n")
    assert "retouched" not in beside(one, job)[0]
    assert not (one.root / ".stockgen" / "rembg").exists()


def test_where_the_model_is_not_here_the_picture_goes_to_a_person_and_is_never_sold(studio: Shop) -> None:
    """It was there when the job came; else nobody would have begun."""
    one = studio({"cutout": "lost"})
    (one.root / "lost.onnx").touch()
    job = one.order(STICKER.format(words="a sea", count=1))
    only_rendered(one, job)
    (one.root / "lost.onnx").unlink()
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert states(one, job) == [("review", "cutout")]
    (path,) = one.outbox.glob("review/cutout/*")
    with Image.open(path) as master:
        assert master.size == (64, 64)  # whole, for a person to look at
    (told,) = beside(one, job)
    assert told["sellable"] is False
    assert "weights_gone" in told["retouched"]["failed"]
    assert [row["sellable"] for row in assets(one)] == [0]
    assert one.events("retouch.failed")[0]["reason"].startswith("weights_gone")
    assert litter(one.root) == []


def test_where_the_upscaler_is_not_here_lanczos_enlarges(studio: Shop) -> None:
    one = studio({"upscale": "never"}, providers={"smaller": {"place": "net"}}, chains={"auto": ["smaller"]})
    job = one.make("prompt: a sea\nsize: 128x128\n")
    assert [state for state, _ in states(one, job)] == ["done"]
    (told,) = beside(one, job)
    assert (told["width"], told["sellable"]) == (128, True)
    assert "weights_gone" in told["retouched"]["failed"]


def test_a_picture_is_for_sale_only_if_all_who_had_a_hand_in_it_allow_that(studio: Shop) -> None:
    one = studio({"upscale": "nosale"}, providers={"smaller": {"place": "net"}}, chains={"auto": ["smaller"]})
    job = one.make("prompt: a sea\nsize: 128x128\n")
    (told,) = beside(one, job)
    assert (told["model"], told["sellable"], told["retouched"]["upscale"]) == ("smaller", False, "nosale")


def test_those_that_need_no_cut_overtake_those_that_do(studio: Shop) -> None:
    one = studio({"cutout": "bright"})
    cut = one.order(STICKER.format(words="a sea", count=1))
    one.work(lambda: one.app.engine.parts.finisher.working > 0)
    pid = until_begun(one)
    os.kill(pid, signal.SIGSTOP)
    plain = one.order("prompt: a lake\nsize: 64x64\ncount: 3\n")
    one.work(lambda: one.app.ledger.jobs.get(plain)["state"] == "closed")
    assert one.shots(cut)[0]["state"] == "rendered"
    assert one.app.engine.working
    assert not one.app.engine.idle
    os.kill(pid, signal.SIGCONT)
    one.work(lambda: one.app.ledger.jobs.get(cut)["state"] == "closed")


def until_begun(one: House) -> int:
    retoucher = one.app.engine.parts.finisher._retouching._retoucher  # type: ignore[union-attr]
    one.work(lambda: retoucher.pid)
    return int(retoucher.pid)


def test_a_stop_leaves_no_process_and_the_next_start_redoes_the_cut_alone(studio: Shop) -> None:
    one = studio({"cutout": "bright"})
    job = one.order(STICKER.format(words="a sea", count=1))
    pid = until_begun(one)
    os.kill(pid, signal.SIGSTOP)
    one.again()
    assert until(lambda: not alive(pid))
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert len(one.app.ledger.shots.attempts(one.shots(job)[0]["id"])) == 1  # it was rendered once
    assert beside(one, job)[0]["retouched"]["cutout"] == "bright"
    assert litter(one.root) == []


def test_a_picture_that_kills_its_process_again_and_again_goes_to_a_person(studio: Shop) -> None:
    one = studio({"cutout": "bright"}, limits={"starts": 2, "free_disk": "0B"})
    job = one.order(STICKER.format(words="a sea", count=1))
    killed: set[int] = set()

    def closed() -> bool:
        pid = one.app.engine.parts.finisher._retouching._retoucher.pid  # type: ignore[union-attr]
        if pid and pid not in killed:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        return bool(one.app.ledger.jobs.get(job)["state"] == "closed")

    one.work(closed)
    assert len(killed) == 2
    assert states(one, job) == [("review", "cutout")]
    assert len(one.app.ledger.shots.attempts(one.shots(job)[0]["id"])) == 1


# -- what is decided -----------------------------------------------------------------------------------------------


def row(transparent: bool = False, size: tuple[int, int] = (100, 80)) -> Any:
    wish = {"transparent": True} if transparent else {}
    return {"id": 1, "raw_path": "token/1.png", "width": size[0], "height": size[1], "wish": json.dumps(wish)}


def attempt(width: int = 100, height: int = 80, **request: Any) -> Any:
    return {"request": json.dumps({"width": width, "height": height, **request}), "facts": None}


@pytest.mark.parametrize(
    ("shot", "made", "means", "wanted"),
    [
        (row(), attempt(), MEANS, None),
        (row(), attempt(120, 100), MEANS, None),
        (row(size=(200, 160)), attempt(), Means("cut", "lanczos"), None),
        (row(size=(200, 160)), attempt(), MEANS, ("", "large", (200, 160), 0)),
        (row(True), attempt(), MEANS, ("cut", "large", (0, 0), 100)),
        (row(True), attempt(), Means("cut", "lanczos"), ("cut", "", (0, 0), 100)),
        (row(True), attempt(alpha=True), MEANS, None),
        (row(True, (200, 160)), attempt(alpha=True), MEANS, ("", "large", (200, 160), 0)),
    ],
)
def test_only_what_needs_it_is_sent(shot: Any, made: Any, means: Means, wanted: Any) -> None:
    task = retouch(shot, made, means)
    assert (task and (task.cutout, task.upscale, task.size, task.long_side)) == wanted
    assert task is None or (str(task.raw), task.into.parent) == ("token/1.png", task.raw.parent)


DIED, FULL, SMALL = LaneDied("lane_died"), StorageFull("storage_full"), OutOfMemory("onnx_memory")
BOTH = Retouch(shot=1, raw=Path("a"), into=Path("b"), cutout="cut", upscale="large")
ENLARGED = Retouch(shot=1, raw=Path("a"), into=Path("b"), upscale="large")


@pytest.mark.parametrize(
    ("task", "error", "tries", "upscale"),
    [
        (BOTH, DIED, 1, "large"), (BOTH, DIED, 2, ""), (BOTH, DIED, 3, None), (BOTH, SMALL, 1, ""),
        (BOTH, SMALL, 2, None), (BOTH, BadPicture("cutout_nothing"), 1, None),
        (BOTH, NotConfigured("weights_missing"), 1, None), (ENLARGED, DIED, 2, "large"), (ENLARGED, SMALL, 1, "large"),
    ],
)  # fmt: skip
def test_bad_luck_is_tried_again_and_the_last_time_for_the_cut_alone(task, error, tries, upscale) -> None:
    then = again(task, error, tries, 3)
    assert (then.upscale if then else None) == upscale
