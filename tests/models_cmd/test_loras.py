"""`stockgen models` and LoRAs: nothing is for sale before somebody has answered for it, and nothing is taken for what
it is not.
"""

from __future__ import annotations

import pytest
import yaml

from stockgen.app import added
from stockgen.data import Shelf
from stockgen.data.catalog import load_catalog
from tests.models_cmd import weights
from tests.models_cmd.weights import safetensors

CROSS = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_v"
SDXL = {f"{CROSS}.lora_A.weight": ("F16", (4, 2048)), f"{CROSS}.lora_B.weight": ("F16", (640, 4))}
SD15 = {"lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight": ("F16", (4, 768))}
FLUX = {"transformer.transformer_blocks.0.norm1.linear.lora_A.weight": ("BF16", (4, 3072))}
LOHA = {"lora_unet_down_blocks_0_attentions_0_proj_in.hada_w1_a": ("F16", (4, 8))}


def file_of(desk, name="watercolor", tensors=SDXL, **about):
    path = desk.my / "loras" / f"{name}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(safetensors(tensors, about))
    return str(path)


def entries(desk):
    return yaml.safe_load(added.path_of(desk.my).read_text("utf-8")) if added.path_of(desk.my).exists() else {}


def test_it_is_added_with_what_its_owner_says(desk):
    said = desk("add", file_of(desk), "--trigger", "w4t3r", "--weight", "0.8", "--licence", "MIT", "--may-sell")
    assert said.code == 0, said.err
    model = load_catalog(Shelf(desk.my))["watercolor"]
    assert (model.role, model.provider, model.licence, model.sellable) == ("lora", "sdxl", "MIT", True)
    assert (model.lora.trigger, model.lora.weight) == ("w4t3r", 0.8)
    assert model.weights.source == "loras/watercolor.safetensors"  # the folder can be moved
    for part in ("sdxl", "rank 4", "MIT", "lora: watercolor"):
        assert part in said.out


def test_trigger_licence_and_sale_are_asked_for(desk):
    assert desk("add", file_of(desk), typed="CC0\nw4t3r style\ny\n").code == 0
    written = entries(desk)["watercolor"]
    assert (written["licence"], written["lora"]["trigger"], written["sellable"]) == ("CC0", "w4t3r style", True)


@pytest.mark.parametrize(("typed", "trigger"), [("\ny\n", "w4t3r"), ("-\ny\n", ""), ("ink, wet\ny\n", "ink, wet")])
def test_what_the_file_says_of_itself_is_shown_and_can_be_corrected(desk, typed, trigger):
    about = {"modelspec.trigger_phrase": "w4t3r", "modelspec.license": "MIT", "ss_sd_model_name": "xl.safetensors"}
    said = desk("add", file_of(desk, **about), typed=typed)
    written = entries(desk)["watercolor"]
    assert (written["licence"], written["lora"].get("trigger", "")) == ("MIT", trigger)
    assert ("w4t3r" in said.out, "xl.safetensors" in said.out) == (True, True)


@pytest.mark.parametrize("answer", [None, "CC0\n\n\n", "CC0\n\nno\n"])
def test_without_a_plain_yes_nothing_is_written(desk, answer):
    said = desk("add", file_of(desk), typed=answer)
    assert (said.code, entries(desk)) == (1, {})
    assert "--not-for-sale" in said.out


def test_a_licence_against_sale_is_pointed_out(desk):
    said = desk("add", file_of(desk), "--licence", "CC-BY-NC-4.0", "--trigger", "", "--not-for-sale")
    assert ("not for commercial use" in said.out, entries(desk)["watercolor"]["sellable"]) == (True, False)
    of_dev = file_of(desk, "petals", FLUX, **{"modelspec.architecture": "flux-1-dev/lora"})
    assert "FLUX.1 [dev]" in desk("add", of_dev, "--licence", "MIT", "--trigger", "", "--not-for-sale").out


@pytest.mark.parametrize(("tensors", "word"), [(SD15, "sd15"), (LOHA, "lycoris"), (weights.LORA, "unknown")])
def test_one_that_nothing_here_can_wear_is_refused_by_what_it_is(desk, tensors, word):
    said = desk("add", file_of(desk, tensors=tensors), "--may-sell")
    assert (said.code, word in said.err, entries(desk)) == (1, True, {})


@pytest.mark.parametrize(("words", "word"), [(("--weight", "3"), "0 to 2"), (("--weight", "-1"), "0 to 2")])
def test_a_weight_beyond_reason_is_refused(desk, words, word):
    said = desk("add", file_of(desk), "--may-sell", *words)
    assert (said.code, word in said.err, entries(desk)) == (2, True, {})


def test_what_is_said_of_loras_is_refused_for_models(desk):
    path = desk.root / "flux.safetensors"
    path.write_bytes(safetensors(weights.FLUX))
    assert desk("add", str(path), "--may-sell", "--trigger", "x").code == 2


def test_one_of_the_hub_is_pulled_and_removed(desk, hub):
    hub.repo("maker/water", {"water.safetensors": safetensors(SDXL)}, card={"license": "mit"})
    assert desk("add", "maker/water", "--may-sell", "--trigger", "").code == 0
    assert entries(desk)["water"]["licence"] == "mit"
    assert desk.json_of("water")["here"] is False
    assert desk("pull", "water").code == 0
    assert desk.json_of("water")["here"] is True
    assert desk("remove", "water", "--yes").code == 0
    assert (entries(desk), desk.on_disk()) == ({}, 0)


def test_files_that_nobody_added_are_listed_and_not_for_sale(desk):
    file_of(desk, "수채화")
    (desk.my / "loras" / "half.safetensors").write_bytes(b"half")
    row = desk.json_of("수채화")
    assert (row["provider"], row["licence"], row["sellable"], row["here"]) == ("sdxl", "unknown", False, True)
    assert (desk.json_of("half")["provider"], desk.json_of("half")["usable"], row["usable"]) == ("unknown", False, True)
    said = desk("list")
    assert ("can't be used" in said.out, said.out.count("half")) == (True, 2)  # its name is its title
    assert ("수채화" in said.out, "LoRA for sdxl" in said.out) == (True, True)
    assert "sdxl" in desk("show", "수채화").out
    kept = desk("remove", "수채화", "--yes")
    assert (kept.code, "수채화.safetensors" in kept.err) == (2, True)


def test_one_that_was_added_is_not_listed_twice_and_stays_when_its_entry_goes(desk):
    path = file_of(desk)
    desk("add", path, "--may-sell", "--trigger", "", "--licence", "MIT")
    rows = [row for row in desk("list", "--json").json if "watercolor" in row["name"]]
    assert [(row["name"], row["sellable"]) for row in rows] == [("watercolor", True)]
    desk("remove", "watercolor", "--yes")
    assert desk.json_of("watercolor")["sellable"] is False
