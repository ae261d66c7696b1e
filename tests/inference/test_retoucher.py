"""The one process that cuts out and enlarges: real rembg, real onnxruntime, models made by the tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stockgen.domain.errors import BadPicture, LaneDied, NotConfigured, StorageLost
from tests.inference.bench import DISC, Bench, model, thing
from tests.inference.models import enlarger, nearest, red_matte
from tests.lanes.harness import alive, until


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("onnx")
    red_matte(folder / "dis.onnx", 1024)
    red_matte(folder / "u2.onnx", 320)
    enlarger(folder / "twice.onnx", 2)
    nearest(folder / "fourfold.onnx", 4)
    (folder / "broken.onnx").write_bytes(b"\x08\x0a this is no model")
    return folder


def bench_at(root: Path, files: Path) -> Bench:
    address = {"source": "https://127.0.0.1:9/isnet.onnx"}
    made = Bench(
        root,
        model("dis", files / "dis.onnx", matting={"session": "dis_custom"}),
        model("u2", files / "u2.onnx", matting={"session": "u2net_custom"}),
        model("broken", files / "broken.onnx", matting={"session": "dis_custom"}),
        model("isnet", "", matting={"session": "isnet-general-use"}, weights=address),
        model("nowhere", "", matting={"session": "u2net"}, weights=address),
        model("twice", files / "twice.onnx", upscaling={"scale": 2}),
        model("fourfold", files / "fourfold.onnx", upscaling={"scale": 4}),
        model("wrong", files / "twice.onnx", upscaling={"scale": 3}),
    )
    made.pulled("isnet", files / "dis.onnx")
    return made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Iterator[Bench]:
    """One process for all tests that leave it alive: rembg takes seconds to import."""
    made = bench_at(tmp_path_factory.mktemp("shared"), files)
    yield made
    made.close()


@pytest.fixture
def bench(tmp_path: Path, files: Path) -> Iterator[Bench]:
    made = bench_at(tmp_path, files)
    yield made
    made.close()


@pytest.mark.parametrize("name", ["dis", "u2", "isnet"])
def test_what_the_picture_shows_is_cut_out(shared: Bench, tmp_path: Path, name: str) -> None:
    task = shared.task(1, thing(tmp_path / "1.png"), cutout=name, margin=0.05)
    done = shared.do(task)
    assert done.error is None
    with Image.open(task.into) as cut:
        width, height = DISC[2] - DISC[0], DISC[3] - DISC[1]
        assert cut.mode == "RGBA"
        assert abs(cut.height - 1.1 * height) <= 4
        assert abs(cut.width - width - 0.1 * height) <= 4
        assert cut.getpixel((0, 0))[3] == 0  # type: ignore[index]
        assert cut.getpixel((cut.width // 2, cut.height // 2)) == (255, 0, 0, 255)
    assert done.facts["cutout"] == name
    assert done.facts["measures"]
    assert {"read", "matte", "lift", "write"} <= done.facts["spent"].keys()


def test_one_that_was_drawn_without_a_ground_needs_no_model_to_find_it(shared: Bench, tmp_path: Path) -> None:
    raw = tmp_path / "1.png"
    clear = Image.new("RGBA", (100, 100))
    clear.paste((0, 90, 200, 255), (30, 40, 60, 80))  # not red at all
    clear.save(raw)
    done = shared.do(task := shared.task(1, raw, cutout="dis"))
    assert done.facts["cutout"] == "native"
    with Image.open(task.into) as cut:
        assert max(cut.size) <= 44


def test_what_was_cut_out_is_enlarged_to_what_its_markets_want_and_no_further(shared: Bench, tmp_path: Path) -> None:
    raw = thing(tmp_path / "1.png")
    far = ({"long_side": 333}, 333), ({"pixels": 80_000}, None), ({"long_side": 5000}, 4 * 91), ({}, 92)
    for shot, (wanted, longest) in enumerate(far):
        done = shared.do(task := shared.task(shot, raw, cutout="dis", upscale="fourfold", **wanted))
        with Image.open(task.into) as cut:
            if longest:
                assert abs(max(cut.size) - longest) <= 2
            else:
                assert 80_000 <= cut.width * cut.height <= 82_000
        assert done.facts.get("upscale") == ("fourfold" if wanted else None)


def test_a_picture_is_enlarged_to_cover_exactly_what_was_ordered(shared: Bench, tmp_path: Path) -> None:
    raw = tmp_path / "1.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (60, 80, 3), dtype=np.uint8)).save(raw)
    for shot, name in enumerate(["twice", "fourfold"]):
        done = shared.do(task := shared.task(shot, raw, upscale=name, size=(203, 150)))
        with Image.open(task.into) as large:
            assert (large.mode, large.size, done.facts["upscale"]) == ("RGB", (203, 152), name)


def test_a_second_wish_for_the_same_picture_is_none(shared: Bench, tmp_path: Path) -> None:
    task = shared.task(7, thing(tmp_path / "7.png"), cutout="dis")
    shared.retoucher.want(task)
    shared.do(task)
    shared.turn()
    assert shared.come == {}


@pytest.mark.parametrize(
    ("wanted", "kind", "code"),
    [
        ({"cutout": "broken"}, NotConfigured, "onnx_unusable"),
        ({"cutout": "nowhere"}, NotConfigured, "weights_missing"),
        ({"cutout": "nobody"}, NotConfigured, "no_such_retoucher"),
        ({"upscale": "wrong", "size": (500, 500)}, NotConfigured, "onnx_unfit"),
    ],
)
def test_a_model_that_does_not_work_is_named(shared: Bench, tmp_path: Path, wanted, kind, code) -> None:
    done = shared.do(task := shared.task(1, thing(tmp_path / "1.png"), **wanted))
    assert isinstance(done.error, kind)
    assert done.error.code == code
    assert not task.into.exists()
    assert shared.do(shared.task(2, tmp_path / "1.png", cutout="dis")).error is None  # the next one is fine


def test_what_is_no_picture_or_is_gone_ends_only_its_own_task(shared: Bench, tmp_path: Path) -> None:
    (tmp_path / "no.png").write_bytes(b"no picture")
    assert isinstance(shared.do(shared.task(1, tmp_path / "no.png", cutout="dis")).error, BadPicture)
    assert isinstance(shared.do(shared.task(2, tmp_path / "gone.png", cutout="dis")).error, StorageLost)
    plain = shared.do(shared.task(3, thing(tmp_path / "3.png", colour="white"), cutout="dis"))
    assert isinstance(plain.error, BadPicture)
    assert plain.error.code == "cutout_nothing"


def test_where_the_upscaler_fails_what_was_cut_out_is_kept(shared: Bench, tmp_path: Path) -> None:
    done = shared.do(task := shared.task(1, thing(tmp_path / "1.png"), cutout="dis", upscale="wrong", long_side=300))
    assert done.error is None
    assert done.facts["upscale"] == "lanczos"
    assert "onnx_unfit" in done.facts["upscale_failed"]
    with Image.open(task.into) as cut:
        assert abs(max(cut.size) - 300) <= 2


def test_it_says_beforehand_what_is_missing(shared: Bench) -> None:
    missing = {name: shared.retoucher.missing(name) for name in ("dis", "isnet", "nowhere", "lanczos", "twice")}
    codes = {name: error.code if error else None for name, error in missing.items()}
    assert codes == {"dis": None, "isnet": None, "nowhere": "weights_missing", "lanczos": None, "twice": None}
    assert "stockgen models pull nowhere" in str(missing["nowhere"])


def test_nothing_is_ever_fetched_where_a_file_has_gone(bench: Bench, files: Path, tmp_path: Path) -> None:
    """rembg would download what is not in its folder; the address here is one that answers nobody."""
    gone = tmp_path / "gone.onnx"
    gone.write_bytes((files / "dis.onnx").read_bytes())
    bench.pulled("isnet", gone)
    assert bench.retoucher.missing("isnet") is None
    bench.retoucher.want(task := bench.task(1, thing(tmp_path / "1.png"), cutout="isnet"))
    gone.unlink()  # after it was looked for, and before it is opened
    bench.work(lambda: 1 in bench.come)
    error = bench.come[1].error
    assert isinstance(error, NotConfigured)
    assert error.facts["command"] == "stockgen models pull isnet"
    assert task.cutout == "isnet"


def test_one_process_for_all_begun_with_the_first_and_ended_when_nobody_asks(bench: Bench, tmp_path: Path) -> None:
    raw = thing(tmp_path / "1.png")
    bench.turn()
    assert bench.retoucher.pid == 0  # nobody has asked
    bench.do(bench.task(1, raw, upscale="twice", size=(300, 300)))
    pid = bench.retoucher.pid
    bench.do(bench.task(2, raw, upscale="twice", size=(300, 300)))
    assert bench.retoucher.pid == pid != 0
    bench.clock.now += 29.0
    bench.turn()
    assert alive(pid)
    assert bench.retoucher.next_at() <= bench.clock.now + 1.0
    bench.clock.now += 2.0
    bench.turn()
    assert bench.retoucher.pid == 0
    assert until(lambda: not alive(pid))
    assert bench.do(bench.task(3, raw, upscale="twice", size=(300, 300))).error is None


def test_a_process_that_dies_costs_its_own_picture_alone(bench: Bench, tmp_path: Path) -> None:
    raw = thing(tmp_path / "1.png")
    bench.do(bench.task(1, raw, upscale="twice", size=(300, 300)))
    os.kill(bench.retoucher.pid, signal.SIGSTOP)  # it has the next one in hand and does nothing
    for shot in (2, 3):
        bench.retoucher.want(bench.task(shot, raw, upscale="twice", size=(300, 300)))
    bench.turn()
    os.kill(bench.retoucher.pid, signal.SIGKILL)
    bench.work(lambda: {2, 3} <= bench.come.keys())
    assert isinstance(bench.come[2].error, LaneDied)
    assert bench.come[2].error.facts["signal"] == "SIGKILL"
    assert bench.come[3].error is None


def test_one_that_says_nothing_for_too_long_is_killed(bench: Bench, tmp_path: Path) -> None:
    raw = thing(tmp_path / "1.png")
    bench.do(bench.task(1, raw, upscale="twice", size=(300, 300)))
    os.kill(pid := bench.retoucher.pid, signal.SIGSTOP)
    bench.retoucher.want(bench.task(2, raw, upscale="twice", size=(300, 300)))
    bench.turn()
    bench.clock.now += 61.0
    bench.work(lambda: 2 in bench.come)
    assert isinstance(bench.come[2].error, LaneDied)
    assert until(lambda: not alive(pid))


def test_nothing_of_it_is_left_when_it_is_closed(bench: Bench, tmp_path: Path) -> None:
    raw = thing(tmp_path / "1.png")
    bench.do(bench.task(1, raw, upscale="twice", size=(300, 300)))
    pid = bench.retoucher.pid
    bench.close()
    assert until(lambda: not alive(pid))


def test_it_holds_no_key_and_sleeps_between_two_pictures(bench: Bench, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-children")
    bench.do(bench.task(1, thing(tmp_path / "1.png"), upscale="twice", size=(300, 300)))
    environment = Path(f"/proc/{bench.retoucher.pid}/environ").read_bytes()
    assert b"sk-not-for-children" not in environment
    assert os.getpriority(os.PRIO_PROCESS, bench.retoucher.pid) == os.getpriority(os.PRIO_PROCESS, 0) + 5
