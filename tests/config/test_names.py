"""Names that don't exist are told before a night is lost over them."""

from __future__ import annotations

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.config import load


def test_an_unknown_provider_is_told_with_those_that_there_are(mismatches):
    assert mismatches("providers: {procedual: {}}") == [
        "There is no provider `procedual`. "
        "There are: blabbing, bought, cutter, diffusers, flux, flux2_klein, gemini, limited_flux, limited_sdxl, "
        "openai, plain, procedural, scripted, sdxl, second, smaller, third, z_image"
    ]


def test_the_options_of_a_provider_are_checked_by_its_own_model(mismatches):
    faults = mismatches("providers: {scripted: {batch: many, stepz: 3, look: pretty}}")
    assert [one.split("`")[1].removeprefix("providers.scripted.") for one in faults] == ["batch", "look", "stepz"]
    assert "Did you mean `steps`?" in faults[2]


@pytest.mark.parametrize(("text", "where"), [
    ("chains: {auto: [zebra]}", "chains.auto"),
    ("chains: {mine: [procedural, zebra]}", "chains.mine"),
    ("defaults: {model: zebra}", "defaults.model"),
    ("defaults: {markets: [zebra]}", "defaults.markets"),
    ("markets: {zebra: {}}", "markets"),
])  # fmt: skip
def test_a_name_of_nothing_is_told_with_its_place(mismatches, text, where):
    (fault,) = mismatches(text)
    assert fault.startswith(f"`{where}` names `zebra`, which does not exist.")


def test_a_slip_in_a_models_name_is_not_answered_with_fifty_names(mismatches):
    (fault,) = mismatches("styles: {wet: {prompt: wet, model: sdxl-bse}}")
    assert fault == "`styles.wet.model` names `sdxl-bse`, which does not exist. Did you mean `sdxl-base`?"
    (fault,) = mismatches("styles: {wet: {prompt: wet, model: birefnet-general}}")  # it draws nothing
    assert ("birefnet-general" in fault, "sdxl" in fault, "u2net" in fault) == (True, True, False)


@pytest.mark.parametrize(("text", "why"), [
    ("finish: {cutout: bria-rmbg}", "paid contract"),
    ("finish: {upscale: 4x-UltraSharp}", "commercial use"),
    ("defaults: {model: flux-dev}", "not used here"),
])  # fmt: skip
def test_a_model_that_may_not_be_used_is_told_with_the_reason(mismatches, text, why):
    (fault,) = mismatches(text)
    assert why in fault


def test_a_preset_that_would_refuse_every_file_is_found_before_one_comes(mismatches):
    faults = mismatches("presets: {sticker: {kind: elementt, size: 9:x}, calm: {kind: element, transparent: no}}")
    assert [name for name in ("sticker → kind", "sticker → size", "calm → kind") if name in "".join(faults)] == [
        "sticker → kind", "sticker → size", "calm → kind",
    ]  # fmt: skip
    assert len(faults) == 3


def test_a_preset_of_a_model_that_is_not_set_up_yet_keeps_no_daemon_from_starting(write):
    path = write("providers: {procedural: {}}\npresets: {fine: {model: sdxl}, worn: {lora: ink}}")
    Catalogue(load(path), path.parent / "my").check()


@pytest.mark.parametrize(("text", "where"), [
    ("defaults: {markets: [shutterstock]}", "defaults.markets"),
    ("markets: {shutterstock: {per_week: 3}}", "markets"),
])  # fmt: skip
def test_a_market_that_takes_no_generated_pictures_is_told_with_its_reason(mismatches, text, where):
    (fault,) = mismatches(text)
    assert fault.startswith(f"`{where}` names the market `shutterstock`")
    assert "close accounts" in fault


def test_a_tier_of_a_market_that_has_none_is_told_instead_of_ignored(mismatches):
    (fault,) = mismatches("markets: {adobe_stock: {tier: Standard}, miricanvas: {tier: Standard}}")
    assert fault.startswith("`markets.adobe_stock.tier`")


def test_all_wrong_names_are_told_at_once(mismatches):
    assert len(mismatches("chains: {auto: [a, b]}\ndefaults: {model: c, markets: [d]}\nmarkets: {e: {}}\n")) == 5


def test_the_shipped_config_passes(write):
    path = write("")
    Catalogue(load(path), path.parent / "my").check()


@pytest.mark.parametrize("name", ["accepted", "Rejected", "results", "결과", "PAUSE", "일시정지"])
def test_a_preset_whose_folder_would_have_another_use_is_refused(mismatches, name):
    (fault,) = mismatches(f"presets: {{{name}: {{size: wide}}}}\n")
    assert fault.startswith(f"A preset can't be called `{name}`")
