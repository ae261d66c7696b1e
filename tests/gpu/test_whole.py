"""Whole jobs through the whole program: real processes, real loading code, tiny models.

By default one device and one small card are tried; `make torture` tries more of both.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from stockgen.ledger.jobs import remarks_of
from stockgen.logs import configure
from tests.gpu import tiny
from tests.gpu.entries import FEW, GUIDED, entry
from tests.house import DaemonProcess, House, broken_promises

pytestmark = pytest.mark.process
SMALL = "size: 64x64\n"
LONG = 80  # steps: so many that a kill falls into a picture, also on a busy machine
GPU = {"devices": ["cpu"]}
PROVIDERS = {
    "sdxl": {"model": "tiny-sdxl"}, "flux": {"model": "tiny-flux"}, "flux2_klein": {"model": "tiny-flux2-klein"},
    "z_image": {"model": "tiny-z-image"}, "second": {},
}  # fmt: skip
CHAINS = {"auto": ["sdxl"], "safe": ["sdxl", "flux"], "any": ["sdxl", "second"]}
Build = Callable[..., House]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def own(root: Path, models: Path) -> None:
    shutil.copytree(models / "my", root / "my", dirs_exist_ok=True)


@pytest.fixture
def shop(models: Path, tmp_path: Path) -> Iterator[Build]:
    """A House whose card is the processor."""
    built: list[House] = []

    def build(gpu: dict[str, Any] | None = None, more: dict[str, Any] | None = None, **over: Any) -> House:
        root = tmp_path / f"shop{len(built)}"
        own(root, models)
        if more:
            (root / "my" / "catalog" / "more.yaml").write_text(yaml.safe_dump(more))
        config = {"gpu": GPU | (gpu or {}), "providers": PROVIDERS, "chains": CHAINS} | over
        built.append(House(root, config))
        return built[-1]

    yield build
    for one in built:
        broken = broken_promises(one.app.ledger)
        one.close()
        assert broken == {}


class Warm:
    """A House that tests share, because every start of its process imports torch for seconds. The next test gets a
    fresh one where something was left undone.
    """

    def __init__(self, models: Path, folder: Path) -> None:
        self._models, self._folder, self._built = models, folder, 0
        self._house: House | None = None

    @property
    def house(self) -> House:
        if self._house is None:
            root, self._built = self._folder / f"warm{self._built}", self._built + 1
            own(root, self._models)
            shutil.copytree(self._models / "sdxl", root / "broken")
            (root / "broken" / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"half")
            more = {name: entry("sdxl", root / name, GUIDED) for name in ("broken", "nowhere")}
            (root / "my" / "catalog" / "more.yaml").write_text(yaml.safe_dump(more))
            self._house = House(root, {"gpu": GPU, "providers": PROVIDERS, "chains": CHAINS})
        return self._house

    def end(self) -> None:
        """Close it, if there is one."""
        if self._house is not None:
            self._house.close()
            self._house = None


@pytest.fixture(scope="module")
def warmth(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    made = Warm(models, tmp_path_factory.mktemp("warm"))
    yield made
    made.end()


@pytest.fixture
def warm(warmth: Warm) -> Iterator[House]:
    """A House on the processor that may hold a model already."""
    one = warmth.house
    configure("debug", "json", one.out)  # another test's House had the log last
    yield one
    broken = broken_promises(one.app.ledger)
    if broken or one.app.engine.paused or not one.app.engine.idle:
        warmth.end()
    assert broken == {}


class Since:
    """What is logged from now on."""

    def __init__(self, one: House) -> None:
        self._one, self._before = one, len(one.events())

    def __call__(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self._one.events()[self._before :] if event["event"] == name]


def drawing(one: House, job: str) -> bool:
    """Whether a picture of a job is being made, and a few steps are done."""
    mine = {shot["id"] for shot in one.shots(job)}
    doing = [lane.progress() for lane in one.app.engine.parts.dispatcher.lanes()]
    return any(each.shot in mine and each.step > 2 for each in doing)


def sidecars(one: House, job: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in sorted(one.folder(job).glob("info/*-*.json"))]


def reasons(one: House, job: str) -> list[tuple[str, str | None]]:
    rows = [one.app.ledger.shots.attempts(shot["id"]) for shot in one.shots(job)]
    return [(row["provider"], row["error_class"]) for attempts in rows for row in attempts]


def test_twelve_pictures_of_one_job_load_the_model_once_and_say_how_they_were_made(warm: House) -> None:
    one, since = warm, Since(warm)
    job = one.make(f"prompt: a quiet lake\ncount: 12\n{SMALL}")
    assert len(one.pictures(job)) == 12
    assert [event["stack"] for event in since("model.loaded")] in (["tiny-sdxl"], [])  # another test may have loaded it
    told = sidecars(one, job)
    assert {(each["provider"], each["model"], each["dtype"]) for each in told} == {("sdxl", "tiny-sdxl", "float32")}
    assert {each["plan"] for each in told} == {"resident"}
    assert sorted(each["batch_size"] for each in told) == [4] * 4 + [8] * 8
    assert {each["steps"] for each in told} == {5}
    assert "torch" in told[0]["versions"]
    assert len({path.read_bytes() for path in one.pictures(job)}) == 12


@pytest.mark.parametrize(("name", "steps"), [("flux2_klein", 2), ("z_image", 2)])
def test_letters_that_an_english_encoder_can_not_read_reach_those_that_can(warm: House, name: str, steps: int) -> None:
    job = warm.make(f"prompt: a quiet lake, 黎明\ncount: 2\nmodel: {name}\n{SMALL}")
    told = sidecars(warm, job)
    assert [each["prompt"] for each in told] == ["a quiet lake, 黎明"] * 2
    assert {(each["provider"], each["plan"], each["steps"]) for each in told} == {(name, "resident", steps)}
    assert "plan.in_part" not in {one.code for one in remarks_of(warm.app.ledger.jobs.get(job)["remarks"])}
    assert len({path.read_bytes() for path in warm.pictures(job)}) == 2


def test_a_model_that_gives_no_numbers_hands_over_to_the_next_provider(warm: House) -> None:
    one = warm
    job = one.make(f"prompt: a quiet lake\ncount: 2\nmodel: [tiny-nan, flux]\n{SMALL}")
    assert sorted(reasons(one, job)) == [("flux", None), ("flux", None), ("sdxl", "BadPicture"), ("sdxl", "BadPicture")]
    assert {each["provider"] for each in sidecars(one, job)} == {"flux"}


def test_weights_that_are_broken_hand_over_to_the_next_provider(warm: House) -> None:
    job = warm.make(f"prompt: a quiet lake\nmodel: [broken, flux]\n{SMALL}")
    assert reasons(warm, job) == [("sdxl", "NotConfigured"), ("flux", None)]


def test_two_models_in_one_queue_are_not_swapped_at_every_picture(warm: House) -> None:
    one = warm
    orders = [
        f"- {{prompt: lake {number}, model: {('tiny-sdxl', 'tiny-flux')[number % 2]}, size: 64x64}}"
        for number in range(12)
    ]
    job = one.make("\n".join(orders) + "\n")
    made = one.app.ledger.query(
        "SELECT model FROM attempts WHERE shot_id IN (SELECT id FROM shots WHERE job_id = :job) ORDER BY id", job=job
    )
    models = [row["model"] for row in made]
    assert sum(a != b for a, b in pairwise(models)) == 1
    assert len(one.app.ledger.assets.of_job(job)) == 12  # noise of random weights: some lie in review


def test_a_process_that_is_killed_while_it_draws_costs_no_picture(warm: House) -> None:
    one, since = warm, Since(warm)
    job = one.order(f"prompt: a quiet lake\ncount: 2\nsteps: {LONG}\n{SMALL}")
    one.work(lambda: drawing(one, job))
    (lane,) = one.app.engine.parts.dispatcher.lanes()
    os.kill(lane.progress().pid, signal.SIGKILL)
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert len(one.pictures(job)) == 2
    assert len(since("lane.died")) == 1


def test_a_cancelled_job_ends_at_the_next_step_and_the_model_stays_warm(warm: House) -> None:
    one = warm
    job = one.order(f"prompt: a quiet lake\ncount: 8\nsteps: 150\n{SMALL}")
    one.work(lambda: drawing(one, job))
    one.app.engine.cancel(job)
    one.work()
    assert {shot["state"] for shot in one.shots(job)} == {"cancelled"}
    since = Since(one)
    one.make(f"prompt: a quiet lake\n{SMALL}")
    assert since("model.loaded") == since("lane.started") == []


def test_a_pause_gives_the_device_back_and_a_resume_draws_on(warm: House) -> None:
    from tests.pipeline.stage import command

    one = warm
    one.make(f"prompt: a quiet lake\n{SMALL}")
    (lane,) = one.app.engine.parts.dispatcher.lanes()
    pid = lane.progress().pid
    command(one, "pause")
    one.work(lambda: not one.app.engine.parts.dispatcher.lanes())
    assert not Path(f"/proc/{pid}").exists()
    job = one.order(f"prompt: a hill\n{SMALL}")
    one.work()
    assert one.pictures(job) == []
    command(one, "resume")
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert len(one.pictures(job)) == 1


def test_a_model_that_nobody_uses_leaves_the_memory_by_itself(shop: Build) -> None:
    one = shop(gpu={"unload_after": "200ms"})
    one.make(f"prompt: a quiet lake\n{SMALL}")
    one.work(lambda: bool(one.events("model.unloaded")))
    (lane,) = one.app.engine.parts.dispatcher.lanes()
    assert lane.warm is None
    assert lane.progress().state == "idle"


def test_a_job_for_a_model_whose_files_are_not_there_is_refused_with_what_to_do(warm: House) -> None:
    from stockgen.domain.errors import JobFileError

    with pytest.raises(JobFileError) as caught:
        warm.order(f"prompt: a quiet lake\nmodel: nowhere\n{SMALL}")
    (remark,) = caught.value.remarks
    assert "stockgen models remove nowhere" in warm.app.catalogue.say.tell(remark)


def test_a_sidecar_tells_what_was_sent_and_the_job_what_could_not_be(warm: House) -> None:
    job = warm.make(f"prompt: (a quiet lake:1.3), no people\nmodel: tiny-sdxl\n{SMALL}")
    (told,) = sidecars(warm, job)
    assert told["prompt"] == "(a quiet lake:1.3), no people"
    remarks = remarks_of(warm.app.ledger.jobs.get(job)["remarks"])
    assert [one.facts["why"].code for one in remarks if one.code == "plan.in_part"] == ["dropped.diffusion.weights"]
    job = warm.make(f"keywords: snow globe\nmodel: tiny-sdxl\nnegative_prompt: 사람\ncount: 1\n{SMALL}")
    (told,) = sidecars(warm, job)
    assert told["negative_prompt"].startswith("people")


def test_a_refined_job_keeps_both_models_in_its_sidecar(shop: Build) -> None:
    one = shop(providers=PROVIDERS | {"sdxl": {"model": "tiny-sdxl", "refiner": "tiny-refiner"}})
    job = one.make(f"prompt: a quiet lake\ncount: 2\nnegative_prompt: blurry\n{SMALL}")
    assert {each["refiner"] for each in sidecars(one, job)} == {"tiny-refiner"}


def test_the_real_daemon_draws_with_a_model_and_never_imports_torch_itself(models: Path, tmp_path: Path) -> None:
    own(tmp_path, models)
    config = {"gpu": GPU, "providers": PROVIDERS, "chains": CHAINS}
    with DaemonProcess(tmp_path, "--until-idle", over=config) as daemon:
        daemon.drop(f"prompt: a quiet lake\ncount: 3\n{SMALL}")
        assert daemon.finish() == 0  # 99 = it had imported torch
    assert len([*tmp_path.glob("outbox/*/*/images/*.jpg")]) == 3


def test_a_worker_that_hangs_in_a_step_is_replaced_and_every_picture_comes(warm: House) -> None:
    one, since = warm, Since(warm)
    job = one.order(f"prompt: a quiet lake\ncount: 2\nsteps: {LONG}\n{SMALL}")
    one.work(lambda: drawing(one, job))
    (lane,) = one.app.engine.parts.dispatcher.lanes()
    os.kill(lane.progress().pid, signal.SIGSTOP)
    lane._patience = 0.5
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert [event["reason"].split(":")[0] for event in since("lane.stuck")] == ["silent"]
    assert len(one.pictures(job)) == 2


@pytest.mark.torture
def test_two_devices_draw_at_once_and_one_goes_on_when_the_other_is_killed(shop: Build) -> None:
    one = shop(gpu={"devices": ["cpu", "cpu"]})
    job = one.order(f"prompt: a quiet lake\ncount: 12\nsteps: 40\n{SMALL}")
    lanes = one.app.engine.parts.dispatcher.lanes
    one.work(lambda: len([lane for lane in lanes() if lane.progress().step > 0]) == 2)
    os.kill(lanes()[0].progress().pid, signal.SIGKILL)
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert len(one.pictures(job)) == 12
    assert {event["lane"] for event in one.events("model.loaded")} == {"gpu0", "gpu1"}
    assert len(one.events("lane.died")) == 1


def test_tiny_models_are_as_they_were_built(tmp_path: Path) -> None:
    """Two builds of one seed are the same: pictures of the tests can be compared."""
    one, other = tiny.build("flux", tmp_path / "a"), tiny.build("flux", tmp_path / "b")
    files = sorted(path.relative_to(one) for path in one.rglob("*.safetensors"))
    assert [(one / path).read_bytes() == (other / path).read_bytes() for path in files] == [True] * len(files)


def small_card(models: Path, limit: int, row: int = 0) -> dict[str, Any]:
    """A card of `limit` bytes with two models."""
    options = {"limit": limit, "row": row}
    return {
        "providers": {
            "limited_sdxl": {"model": "small-sdxl", **options}, "limited_flux": {"model": "small-flux", **options},
        },
        "chains": {"auto": ["limited_sdxl"], "both": ["limited_sdxl", "limited_flux"]},
        "more": {
            "small-sdxl": entry("limited_sdxl", models / "sdxl", GUIDED),
            "small-flux": entry("limited_flux", models / "flux", FEW),
        },
    }  # fmt: skip


def test_a_card_that_runs_out_of_memory_still_makes_every_picture(shop: Build, models: Path) -> None:
    one = shop(**small_card(models, limit=1_900_000, row=90_000))
    job = one.make(f"prompt: a quiet lake\ncount: 8\n{SMALL}")
    told = sidecars(one, job)
    assert len(told) == 8
    assert {each["batch_size"] for each in told} == {2, 3}
    assert set(reasons(one, job)) == {("limited_sdxl", None)}


@pytest.mark.torture
def test_a_card_that_is_too_small_for_one_model_hands_over_to_a_smaller_one(shop: Build, models: Path) -> None:
    one = shop(**small_card(models, limit=400_000, row=100_000))
    job = one.make(f"prompt: a quiet lake\ncount: 2\nmodel: both\n{SMALL}")
    assert ("limited_sdxl", "OutOfMemory") in reasons(one, job)
    assert {each["provider"] for each in sidecars(one, job)} == {"limited_flux"}


@pytest.mark.torture
def test_two_models_share_a_card_that_holds_one(shop: Build, models: Path) -> None:
    one = shop(**small_card(models, limit=1_900_000))
    orders = [f"- {{prompt: lake {number}, model: {('small-sdxl', 'small-flux')[number % 2]}, size: 64x64}}"
              for number in range(8)]  # fmt: skip
    job = one.make("\n".join(orders) + "\n")
    assert len(one.pictures(job)) == 8
    assert {each["plan"] for each in sidecars(one, job)} == {"resident"}
    assert sorted(event["stack"] for event in one.events("model.loaded")) == ["small-flux", "small-sdxl"]
