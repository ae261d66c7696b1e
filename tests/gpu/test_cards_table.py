"""What each card can do with the catalogue's models: nobody buys a card, or waits a night, for a wrong promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from stockgen.data import Shelf
from stockgen.data.catalog import Model, load_catalog
from stockgen.domain.errors import OutOfMemory
from stockgen.gpu.forecast import forecast, need
from stockgen.gpu.plan import choose
from stockgen.providers import flux, flux2_klein, sdxl, z_image
from stockgen.providers._diffusion.family import need_of

MODELS = load_catalog(Shelf())
PHASES = {"sdxl": sdxl.PHASES, "flux": flux.PHASES, "flux2_klein": flux2_klein.PHASES, "z_image": z_image.PHASES}
GIB = 1 << 30
CARDS = (8, 12, 16, 24, 80)
# For each card: the plan, and the pictures at a time that it leaves room for at least; "" = it does not fit.
TABLE: Mapping[tuple[str, str], Sequence[tuple[str, int]]] = {
    ("sdxl-base", ""): [("phased", 1), ("resident", 2), ("resident", 4), ("resident", 8), ("resident", 8)],
    ("sdxl-base", "sdxl-refiner"): [("phased", 1), ("phased", 2), ("resident", 4), ("resident", 8), ("resident", 8)],
    ("sdxl-base", "sdxl-control-union"): [
        ("offload", 1),
        ("phased", 2),
        ("resident", 4),
        ("resident", 8),
        ("resident", 8),
    ],
    ("sdxl-base", "sdxl-ip-adapter"): [
        ("phased", 1),
        ("resident", 2),
        ("resident", 4),
        ("resident", 8),
        ("resident", 8),
    ],
    ("sdxl-base", "sdxl-refiner sdxl-control-union sdxl-ip-adapter"): [
        ("offload", 1),
        ("phased", 2),
        ("phased", 4),
        ("resident", 8),
        ("resident", 8),
    ],
    ("flux-schnell", ""): [("offload", 1), ("offload", 1), ("offload", 1), ("phased", 1), ("resident", 8)],
    ("flux-schnell-4bit", ""): [("", 0), ("phased", 2), ("phased", 4), ("resident", 4), ("resident", 8)],
    ("flux2-klein-4b", ""): [("offload", 1), ("phased", 2), ("phased", 4), ("resident", 4), ("resident", 8)],
    ("flux2-klein-4b-4bit", ""): [("offload", 2), ("phased", 4), ("resident", 2), ("resident", 8), ("resident", 8)],
    ("z-image-turbo", ""): [("offload", 1), ("offload", 1), ("phased", 2), ("resident", 2), ("resident", 8)],
    ("z-image-turbo-4bit", ""): [("offload", 2), ("phased", 4), ("resident", 2), ("resident", 8), ("resident", 8)],
    ("z-image-base", ""): [("offload", 1), ("offload", 1), ("phased", 1), ("resident", 1), ("resident", 8)],
}
ROWS = [
    pytest.param(name, beside, card, *wanted, id="+".join((name, *beside.split())) + f" on {card} GB")
    for (name, beside), row in TABLE.items()
    for card, wanted in zip(CARDS, row, strict=True)
]


def free(card: int) -> int:
    """What a card of so many GB leaves beside a desktop and the driver's own 0.8."""
    return int((card - 0.8) * GIB)


def those(beside: str) -> list[Model]:
    return [MODELS[name] for name in beside.split()]


@pytest.mark.parametrize(("name", "beside", "card", "plan", "pictures"), ROWS)
def test_no_card_is_promised_what_it_can_not_hold(name: str, beside: str, card: int, plan: str, pictures: int) -> None:
    found = forecast(MODELS[name], free(card), *those(beside))
    assert (found.name if found else "") == plan
    assert (found.batch if found else 0) >= pictures


def test_a_card_of_12_gb_keeps_the_text_encoder_of_flux_whole() -> None:
    for name, streamed in (("flux-schnell", {"denoiser"}), ("flux-schnell-4bit", set())):
        found = forecast(MODELS[name], free(12))
        assert found is not None
        assert found.streamed == streamed


def test_a_card_of_8_gb_streams_no_more_of_the_4_bit_models_than_the_language_model() -> None:
    for name in ("flux2-klein-4b-4bit", "z-image-turbo-4bit"):
        found = forecast(MODELS[name], free(8))
        assert found is not None
        assert found.streamed == {"encoders"}


def test_a_control_picture_costs_memory_with_every_picture_of_a_batch() -> None:
    plain, beside = (need(MODELS["sdxl-base"], one) for one in (None, MODELS["sdxl-control-union"]))
    assert plain is not None and beside is not None
    first, second = ({phase.name: phase.activations for phase in one.phases} for one in (plain, beside))
    assert second["denoise"] > first["denoise"]
    assert {name: first[name] for name in ("encode", "decode")} == {name: second[name] for name in ("encode", "decode")}


def test_a_model_that_does_not_fit_says_how_much_it_would_take() -> None:
    wanted = need(MODELS["flux-schnell-4bit"])
    assert wanted is not None
    with pytest.raises(OutOfMemory) as caught:
        choose(wanted, free(8))
    assert caught.value.facts["needed"] > free(8)


def test_a_model_without_figures_is_promised_nothing() -> None:
    plain = MODELS["sdxl-base"].model_copy(update={"memory": None})
    assert forecast(plain, free(80)) is None
    assert forecast(MODELS["sdxl-base"], free(80), plain) is None


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize(("name", "beside"), TABLE)
def test_the_forecast_is_what_the_provider_will_do(name: str, beside: str, card: int) -> None:
    model, others = MODELS[name], those(beside)
    real, wanted = loaded(model, others), need(model, *others)
    assert wanted is not None
    assert sorted(phase.name for phase in wanted.phases) == sorted(phase.name for phase in real.phases)
    try:
        plan = choose(real, free(card))
    except OutOfMemory:
        assert forecast(model, free(card), *others) is None
        return
    found = forecast(model, free(card), *others)
    assert found is not None
    assert (found.name, found.batch) == (plan.name, plan.batch)


def loaded(model: Model, others: Sequence[Model]):
    """The need that a provider makes of parts which have the catalogue's sizes."""
    memory, beside = model.memory, {one.role: one for one in others}
    assert memory is not None
    phases = PHASES[model.provider]
    sizes = {phases["denoise"][0]: memory.denoiser, "text_encoder": memory.encoders}
    if "text_encoder_2" in phases["encode"]:
        sizes |= {"text_encoder": 246_120_960, "text_encoder_2": memory.encoders - 246_120_960}
    for role, one in beside.items():
        assert one.memory is not None
        if role == "likeness":
            sizes["image_encoder"] = one.memory.encoders
            sizes["unet"] += one.memory.denoiser
        else:
            sizes[role] = one.memory.denoiser
    sizes |= {"vae": memory.decoder}
    assert model.drawing is not None
    real = {name: Sized(size) for name, size in sizes.items()}
    made = need_of(model, real, phases, model.drawing.batch, beside)
    return replace(made, rigid=frozenset({"transformer"} if model.drawing.quantize else ()))


class Sized:
    """Stands for a module of so many bytes."""

    def __init__(self, size: int) -> None:
        self.size = size

    def parameters(self):
        return [self]

    def buffers(self):
        return []

    def numel(self) -> int:
        return self.size

    def element_size(self) -> int:
        return 1
