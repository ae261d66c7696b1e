"""Pulling: pinned, resumable, without pickles, with room, and every refusal with what to do."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from stockgen.data.catalog import Model, Weights
from stockgen.domain.errors import NotPulled
from stockgen.gpu.hub import Hub
from stockgen.gpu.pulling import check_room, planned
from stockgen.gpu.weights import WeightsIndex
from tests.house import SOON
from tests.models_cmd.conftest import ENTRY
from tests.models_cmd.hub_server import TOKEN, HubServer, sha_of
from tests.models_cmd.weights import heavy, xl_pipeline

BIG = 1 << 20
HUGE = 24 << 20


def test_a_model_stays_at_the_commit_that_was_pulled_though_its_branch_moves_on(desk, hub):
    repo = hub.repo("maker/xl", xl_pipeline())
    desk.model("mine", "maker/xl")
    assert desk("pull", "mine").code == 0
    first = repo.main
    repo.push(xl_pipeline(1200))
    assert desk("pull", "mine").code == 0
    pulled = desk.index.pulled("mine")
    assert (pulled.revision, Path(pulled.path).name) == (first, first)
    assert len(list(desk.cache.glob("models--maker--xl/snapshots/*"))) == 1


def grown(file: Path, hub: HubServer) -> int:
    """Wait until something of a file has been written; huggingface_hub writes it in pieces of 10 MB."""
    end = time.monotonic() + SOON
    while not (file.exists() and file.stat().st_size):
        assert time.monotonic() < end
        hub.go.wait(0.02)
    return file.stat().st_size


def test_a_download_that_was_killed_half_way_goes_on_where_it_was(desk, hub):
    data = heavy(HUGE)
    hub.repo("maker/one", {"config.json": b"{}", "model.safetensors": data})
    desk.model("mine", "maker/one")
    hub.stall_at = HUGE // 2
    process = desk.start("pull", "mine")
    partial = desk.cache / "models--maker--one" / "blobs" / f"{sha_of(data)}.incomplete"
    assert grown(partial, hub) < len(data)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    arrived = partial.stat().st_size
    assert 0 < arrived < len(data)
    assert desk.index.pulled("mine") is None, "half a model was written down as one"

    hub.go.set()
    hub.stall_at = None
    assert desk("pull", "mine").code == 0
    assert hub.served[f"bytes={arrived}-"] == len(data) - arrived
    assert (Path(desk.index.pulled("mine").path) / "model.safetensors").read_bytes() == data
    assert not partial.exists()


def test_whole_files_are_not_fetched_again_after_a_kill(desk, hub):
    first, second = heavy(BIG // 4, 1), heavy(BIG, 2)
    hub.repo("maker/two", {"config.json": b"{}", "a.safetensors": first, "b.safetensors": second})
    desk.model("mine", "maker/two")
    hub.stall_at = BIG // 2
    process = desk.start("pull", "mine")
    assert hub.stalled.wait(SOON)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    hub.go.set()
    hub.stall_at = None
    before = len(hub.asked)
    assert desk("pull", "mine").code == 0
    assert f"/cdn/{sha_of(first)}" not in [one.path for one in hub.asked[before:]]


def test_what_arrives_damaged_is_thrown_away_and_never_used(desk, hub):
    data = heavy(BIG)
    hub.repo("maker/one", {"config.json": b"{}", "model.safetensors": data})
    desk.model("mine", "maker/one")
    hub.broken.add(sha_of(data))
    said = desk("pull", "mine")
    assert (said.code, "damaged" in said.err) == (1, True)
    assert desk.index.pulled("mine") is None
    hub.broken.clear()
    assert desk("pull", "mine").code == 0


def test_only_weights_configs_and_vocabularies_are_asked_for_and_each_once(desk, hub):
    files = xl_pipeline()
    hub.repo("maker/xl", files)
    desk.model("mine", "maker/xl")
    assert desk("pull", "mine").code == 0
    folder = Path(desk.index.pulled("mine").path)
    fetched = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert fetched == [
        "model_index.json", "text_encoder/config.json", "text_encoder/model.safetensors", "tokenizer/merges.txt",
        "tokenizer/vocab.json", "unet/config.json", "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae/config.json", "vae/diffusion_pytorch_model.safetensors",
    ]  # fmt: skip
    unwanted = [sha_of(files[name]) for name in files if name.endswith(".bin") or name.startswith(("onnx", "whole"))]
    assert [path for path in hub.fetched() if path.endswith((".py", ".md", *unwanted))] == []
    assert desk.index.pulled("mine").bytes == sum(len(files[name]) for name in fetched)


def test_only_the_files_that_the_catalogue_names_are_fetched(desk, hub):
    hub.repo("maker/xl", xl_pipeline())
    desk.model("mine", "maker/xl", weights={"files": ["whole.safetensors"]})
    assert desk("pull", "mine").code == 0
    assert [path.name for path in Path(desk.index.pulled("mine").path).iterdir()] == ["whole.safetensors"]


def test_weights_that_are_there_as_pickles_only_are_refused_before_anything_is_fetched(desk, hub):
    files = xl_pipeline()
    del files["vae/diffusion_pytorch_model.safetensors"]
    hub.repo("maker/old", files | {"vae/diffusion_pytorch_model.bin": b"a pickle"})
    desk.model("mine", "maker/old")
    said = desk("pull", "mine")
    assert (said.code, "vae/diffusion_pytorch_model.bin" in said.err) == (1, True)
    assert [path for path in hub.fetched() if not path.endswith("model_index.json")] == []


def test_base_and_vae_come_along(desk, hub):
    hub.repo("maker/base", xl_pipeline())
    hub.repo("maker/vae", {"config.json": b"{}", "model.safetensors": heavy(100, 8)})
    hub.repo("maker/tune", {"tune.safetensors": heavy(100, 9)})
    desk.model("vae", "maker/vae", role="vae", drawing=None)
    desk.model("base", "maker/base", vae="vae")
    desk.model("tune", "maker/tune", base="base")
    assert desk("pull", "tune").code == 0
    assert desk.index.names() == ["base", "tune", "vae"]


@pytest.fixture
def online(monkeypatch):
    """huggingface_hub reads HF_HUB_OFFLINE when it's imported, and a test with tiny models may have set it here."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


@pytest.mark.usefixtures("online")
def test_too_little_disk_is_told_before_a_byte_is_fetched(tmp_path, hub):
    hub.repo("maker/one", {"config.json": b"{}", "model.safetensors": heavy(BIG)})
    model = Model(**ENTRY, name="mine", weights=Weights(source="maker/one"))
    index = WeightsIndex(tmp_path / "models", None)
    there = Hub("again", endpoint=hub.url, cache=tmp_path / "hub")
    plan = planned(model, model.weights, there, index)
    assert plan is not None and plan.coming > BIG
    asked: list[Path] = []
    with pytest.raises(NotPulled) as caught:
        check_room([plan], there.cache, lambda folder: asked.append(folder) or BIG, "again")
    assert (caught.value.code, asked) == ("hub_no_room", [tmp_path / "hub"])
    assert hub.fetched() == []
    check_room([plan], there.cache, lambda _folder: plan.coming + (2 << 30), "again")


@pytest.mark.usefixtures("online")
def test_what_has_come_already_needs_no_room_again(tmp_path, hub):
    data = heavy(BIG)
    hub.repo("maker/one", {"config.json": b"{}", "model.safetensors": data})
    model = Model(**ENTRY, name="mine", weights=Weights(source="maker/one"))
    blobs = tmp_path / "hub" / "models--maker--one" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{sha_of(data)}.incomplete").write_bytes(data[:1000])
    there = Hub("again", endpoint=hub.url, cache=tmp_path / "hub")
    plan = planned(model, model.weights, there, WeightsIndex(tmp_path / "models", None))
    assert plan is not None and plan.coming == len(data) - 1000 + len(b"{}")


@pytest.mark.parametrize(("language", "word"), [("en", "accept"), ("ko", "동의")])
def test_a_gated_model_is_explained_with_its_page_and_what_to_type(desk_in, hub, language, word):
    hub.repo("maker/shy", xl_pipeline(), gated=True)
    desk = desk_in(language)
    desk.model("mine", "maker/shy")
    said = desk("pull", "mine")
    assert said.code == 1
    for part in (word, "https://huggingface.co/maker/shy", "https://huggingface.co/settings/tokens",
                 "HF_TOKEN=… stockgen models pull mine"):  # fmt: skip
        assert part in said.err
    assert desk.index.pulled("mine") is None


def test_a_token_opens_a_gated_model_and_is_told_to_nobody_else(desk, hub):
    hub.repo("maker/shy", xl_pipeline(), gated=True)
    desk.model("mine", "maker/shy")
    assert "accept" in desk("pull", "mine", HF_TOKEN=TOKEN[:-1]).err
    said = desk("pull", "mine", HF_TOKEN=TOKEN)
    assert said.code == 0
    assert TOKEN not in said.all
    assert {one.token for one in hub.asked if one.host == "localhost"} == {""}, "the token went to another host"


def test_a_services_credential_is_a_token(desk, hub, tmp_path):
    hub.repo("maker/shy", xl_pipeline(), gated=True)
    desk.model("mine", "maker/shy")
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "stockgen_hf_token").write_text(f"{TOKEN}\n")
    assert desk("pull", "mine", CREDENTIALS_DIRECTORY=str(tmp_path / "credentials")).code == 0


def test_a_repository_or_revision_that_is_not_there_is_told_by_its_name(desk, hub):
    hub.repo("maker/one", {"config.json": b"{}", "model.safetensors": heavy(10)})
    desk.model("gone", "maker/gone")
    desk.model("old", "maker/one", weights={"revision": "0" * 40})
    gone, old = desk("pull", "gone"), desk("pull", "old")
    assert (gone.code, old.code) == (1, 1)
    assert "maker/gone" in gone.err
    assert "0" * 40 in old.err


def test_no_network_is_told_with_the_command_that_goes_on(desk, hub):
    desk.model("mine", "maker/one")
    said = desk("pull", "mine", HF_ENDPOINT="http://127.0.0.1:9")  # the port that discards; nobody listens
    assert (said.code, "network" in said.err, "stockgen models pull mine" in said.err) == (1, True, True)
    assert "Traceback" not in said.err


def test_offline_mode_is_told_as_what_it_is(desk, hub):
    desk.model("mine", "maker/one")
    said = desk("pull", "mine", HF_HUB_OFFLINE="1")
    assert (said.code, "HF_HUB_OFFLINE" in said.err) == (1, True)


def test_a_name_that_nobody_knows_comes_with_the_nearest(desk, hub):
    desk.model("sunny-xl", "maker/one")
    said = desk("pull", "suny-xl")
    assert (said.code, "sunny-xl" in said.err, hub.asked) == (2, True, [])
