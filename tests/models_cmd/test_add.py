"""Adding: nothing for sale without a plain yes, nothing that a trap forbids, nothing that can't be drawn with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from stockgen.app import added
from stockgen.app.adding import entry
from stockgen.cli import main
from stockgen.data import Shelf
from stockgen.data.catalog import Model, load_catalog
from stockgen.gpu.findings import in_file
from tests.models_cmd import weights
from tests.models_cmd.conftest import ENTRY, PLUGINS
from tests.models_cmd.hub_server import TOKEN
from tests.models_cmd.test_looking import TRAP
from tests.models_cmd.weights import safetensors, xl_pipeline


def file_in(folder: Path, tensors: weights.Tensors, name: str = "My Model v2.safetensors", **about: str) -> str:
    path = folder / name
    path.write_bytes(safetensors(tensors, about))
    return str(path)


def folder_in(root: Path, files: dict[str, bytes]) -> str:
    for name, data in files.items():
        (root / "own" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "own" / name).write_bytes(data)
    return str(root / "own")


def entries(desk) -> dict:
    return yaml.safe_load(added.path_of(desk.my).read_text("utf-8")) if added.path_of(desk.my).exists() else {}


@pytest.mark.parametrize("answer", [None, "\n", "no\n", "maybe\n"])
def test_without_a_plain_yes_nothing_is_written_and_it_says_how_to_say_yes(desk, hub, answer):
    hub.repo("maker/xl", xl_pipeline(), card={"license": "apache-2.0"})
    said = desk("add", "maker/xl", typed=answer)
    assert (said.code, entries(desk)) == (1, {})
    for part in ("apache-2.0", "--may-sell", "--not-for-sale"):
        assert part in said.out


def test_a_yes_adds_it_with_licence_commit_and_sizes(desk, hub):
    card = {"license": "other", "license_name": "open-rail", "license_link": "https://example.com/l"}
    repo = hub.repo("maker/My_XL", xl_pipeline(), card=card)
    assert desk("add", "maker/My_XL", typed="y\n").code == 0
    model = load_catalog(Shelf(desk.my))["my-xl"]
    assert (model.sellable, model.licence, model.licence_url) == (True, "open-rail", "https://example.com/l")
    assert (model.provider, model.drawing.pipeline) == ("sdxl", "StableDiffusionXLPipeline")
    assert (model.weights.source, model.weights.revision, model.weights.gated) == ("maker/My_XL", repo.main, False)
    assert (model.memory.denoiser, model.memory.decoder, model.memory.encoders) == (1000, 500, 250)
    assert model.memory.working > 1 << 30


def test_what_was_added_can_be_pulled_and_removed_again(desk, hub):
    hub.repo("maker/xl", xl_pipeline())
    desk("add", "maker/xl", "--may-sell", "--name", "sunny")
    assert desk("pull", "sunny").code == 0
    assert desk("remove", "sunny", "--yes").code == 0
    assert (entries(desk), desk.on_disk()) == ({}, 0)


def test_for_trying_only_is_written_as_not_sellable(desk, hub):
    hub.repo("maker/xl", xl_pipeline())
    said = desk("add", "maker/xl", "--not-for-sale")
    assert (said.code, entries(desk)["xl"]["sellable"], "basket" in said.out) == (0, False, True)


def test_a_licence_that_forbids_sale_is_pointed_out(desk, hub):
    hub.repo("maker/xl", xl_pipeline(), card={"license": "cc-by-nc-4.0"})
    assert "not for commercial use" in desk("add", "maker/xl").out


@pytest.mark.parametrize("name", ["maker/Trap", "MAKER/trap", "https://huggingface.co/maker/Trap"])
def test_a_trap_is_refused_by_its_hub_id_with_its_reason_whatever_is_promised(desk, hub, name):
    hub.repo("maker/Trap", xl_pipeline())
    (desk.my / "catalog").mkdir(parents=True)
    (desk.my / "catalog" / "refused.yaml").write_text(TRAP, "utf-8")
    said = desk("add", name, "--may-sell")
    assert (said.code, entries(desk), hub.asked) == (1, {}, [])
    assert "forbids sale" in said.err


@pytest.mark.parametrize("origin", ["maker/Trap", ["other/fine", "maker/Trap"]])
def test_what_is_made_from_a_trap_is_refused_like_it(desk, hub, origin):
    hub.repo("maker/tuned", xl_pipeline(), card={"license": "mit", "base_model": origin})
    (desk.my / "catalog").mkdir(parents=True)
    (desk.my / "catalog" / "refused.yaml").write_text(TRAP, "utf-8")
    said = desk("add", "maker/tuned", "--may-sell")
    assert (said.code, entries(desk)) == (1, {})
    assert "forbids sale" in said.err


def test_a_gated_repository_says_so_before_it_is_pulled(desk, hub):
    hub.repo("maker/shy", xl_pipeline(), gated=True)
    assert "HF_TOKEN=… stockgen models add maker/shy" in desk("add", "maker/shy", "--may-sell").err
    said = desk("add", "maker/shy", "--may-sell", HF_TOKEN=TOKEN)
    assert (said.code, "https://huggingface.co/maker/shy" in said.out, TOKEN in said.all) == (0, True, False)


@pytest.mark.parametrize(("tensors", "base", "provider"), [
    (weights.XL_WHOLE, "sdxl-base", "sdxl"),
    (weights.XL_UNET, "sdxl-base", "sdxl"),
    (weights.FLUX, "flux-schnell", "flux"),
    (weights.KLEIN, "flux2-klein-4b", "flux2_klein"),
    (weights.Z_IMAGE, "z-image-turbo", "z_image"),
])  # fmt: skip
def test_a_single_file_is_known_by_its_header_and_names_the_base_that_it_needs(desk, tensors, base, provider):
    said = desk("add", file_in(desk.root, tensors, **{"modelspec.license": "MIT"}), "--may-sell")
    written = entries(desk)["my-model-v2"]
    assert (written["base"], written["provider"], written["licence"]) == (base, provider, "MIT")
    assert (base in said.out, "stockgen models pull my-model-v2" in said.out) == (True, True)


@pytest.mark.parametrize(("tensors", "word"), [
    (weights.FLUX_DEV, "FLUX.1 [dev]"), (weights.SD15, "no SDXL"), (weights.KLEIN_9B, "[klein] 9B"),
    (weights.KLEIN_FP8, "8 bits"),
])  # fmt: skip
def test_a_file_that_nothing_here_draws_with_is_refused_by_what_it_is(desk, tensors, word):
    said = desk("add", file_in(desk.root, tensors), "--may-sell")
    assert (said.code, word in said.err, entries(desk)) == (1, True, {})


def test_half_a_file_and_no_file_are_told_apart(desk):
    broken = desk.root / "broken.safetensors"
    broken.write_bytes(safetensors(weights.FLUX)[:30])
    assert desk("add", str(broken), "--may-sell").code == 1
    assert desk("add", "no/such/thing", "--may-sell").code == 2
    assert desk("add", str(desk.root / "config.yaml"), "--may-sell").code == 2


def test_a_folder_is_added_where_it_lies(desk):
    assert desk("add", folder_in(desk.root, xl_pipeline()), "--may-sell").code == 0
    assert entries(desk)["own"]["weights"]["source"] == str(desk.root / "own")
    assert desk.json_of("own")["here"]
    desk("remove", "own", "--yes")
    assert (desk.root / "own" / "model_index.json").exists(), "a person's own files were deleted"
    assert entries(desk) == {}


def test_a_pipeline_that_nobody_described_is_drawn_by_diffusers_if_that_has_it(desk, capsys):
    pytest.importorskip("diffusers")

    def add(name):  # in this process, which may have imported diffusers already: that takes seconds
        config = str(desk.root / "config.yaml")
        return main(["--config", config, "models", "add", folder, "--may-sell", "--name", name], PLUGINS)

    index = {"transformer": ["diffusers", "X"], "vae": ["diffusers", "Y"], "_class_name": "PixArtSigmaPipeline"}
    files = {"transformer/m.safetensors": weights.heavy(10), "model_index.json": json.dumps(index).encode()}
    folder = folder_in(desk.root, files)
    assert add("sigma") == 0
    assert entries(desk)["sigma"]["provider"] == "diffusers"
    index["_class_name"] = "NobodyHasThisPipeline"
    folder_in(desk.root, {"model_index.json": json.dumps(index).encode()})
    assert (add("a"), list(entries(desk))) == (1, ["sigma"])
    assert "NobodyHasThisPipeline" in capsys.readouterr().err


KLEIN = {"_class_name": "Flux2KleinPipeline", "transformer": ["diffusers", "Flux2Transformer2DModel"]}


@pytest.mark.parametrize(("index", "heads"), [
    (KLEIN, 32), (KLEIN | {"_class_name": "Flux2KleinKVPipeline"}, 24), (KLEIN | {"_class_name": "Flux2Pipeline"}, 48),
])  # fmt: skip
def test_a_folder_of_the_flux_2_models_that_may_not_be_sold_is_refused_by_its_shape(desk, index, heads):
    files = {"transformer/m.safetensors": weights.heavy(10), "model_index.json": json.dumps(index).encode(),
             "transformer/config.json": json.dumps({"num_attention_heads": heads}).encode()}  # fmt: skip
    said = desk("add", folder_in(desk.root, files), "--may-sell")
    assert (said.code, "commercial" in said.err, entries(desk)) == (1, True, {})


@pytest.mark.parametrize(("distilled", "steps", "guided"), [(True, 4, False), (False, 50, True)])
def test_a_klein_folder_is_drawn_with_the_steps_that_it_was_made_for(desk, distilled, steps, guided):
    files = {"transformer/m.safetensors": weights.heavy(10),
             "model_index.json": json.dumps(KLEIN | {"is_distilled": distilled}).encode(),
             "transformer/config.json": json.dumps({"num_attention_heads": 24}).encode()}  # fmt: skip
    assert desk("add", folder_in(desk.root, files), "--may-sell").code == 0
    written = entries(desk)["own"]
    assert written["provider"] == "flux2_klein"
    assert (written["drawing"]["steps"], written["drawing"].get("guided", False)) == (steps, guided)


def test_a_name_that_is_taken_is_not_overwritten(desk):
    desk.model("mine", "maker/xl")
    path = file_in(desk.root, weights.FLUX)
    said = desk("add", path, "--may-sell", "--name", "mine")
    assert (said.code, "--name" in said.err, entries(desk)) == (2, True, {})


def test_what_a_person_wrote_into_the_file_survives(tmp_path):
    file = added.path_of(tmp_path)
    file.parent.mkdir(parents=True)
    kept = "# mine\nfirst:\n  licence: MIT  # why\n\n# about the second\nsecond: {licence: MIT}\n"
    file.write_text(kept, "utf-8")
    added.add(tmp_path, "third", {"licence": "MIT", "title": {"en": "a: b", "ko": "벚꽃"}})
    assert file.read_text("utf-8").startswith(kept)
    assert added.remove(tmp_path, "first")
    left = file.read_text("utf-8")
    assert ("# about the second" in left, "# why" in left) == (True, False)
    assert added.names(tmp_path) == ["second", "third"]
    assert not added.remove(tmp_path, "first")


def test_the_nearest_model_of_the_catalogue_lends_what_a_header_cannot_tell(tmp_path):
    drawn = {"pipeline": "StableDiffusionXLPipeline", "steps": 33, "guidance": 6.5, "guided": True, "tokens": 77,
             "dtype": "float16"}  # fmt: skip
    memory = {"encoders": 11, "denoiser": 22, "decoder": 33, "working": 44, "each": 55}
    base = Model(**ENTRY | {"name": "sdxl-base", "provider": "sdxl", "drawing": drawn, "memory": memory})
    found = in_file(Path(file_in(tmp_path, weights.XL_UNET)))
    plain = entry("tune", found, True, {"sdxl-base": base})
    assert plain["drawing"] == drawn
    assert plain["memory"] == memory | {"denoiser": (2 * 2816 + 16) * 2}
