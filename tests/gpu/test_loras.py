"""LoRAs: what they change, what they leave alone, and that afterwards everything is as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from stockgen.domain.errors import NotConfigured, Unfit
from stockgen.gpu.device import Cpu
from stockgen.gpu.settings import GpuSettings
from tests.gpu.conftest import Studio, pixels
from tests.gpu.entries import entry
from tests.gpu.limited import Limited
from tests.gpu.lora_makers import lora

Make = Callable[..., Studio]


def lora_entry(file: str, provider: str = "sdxl", **own: Any) -> dict[str, Any]:
    return entry(provider, Path(file), None, role="lora", lora=own) | {"memory": None}


LORAS = {
    "watercolor": lora_entry("loras/watercolor.safetensors"),
    "ink": lora_entry("loras/ink.safetensors", weight=0.6),
    "large": lora_entry("loras/large.safetensors"),
    "narrow": lora_entry("loras/narrow.safetensors"),
    "words": lora_entry("loras/words.safetensors", trigger="w4t3r style, soft edges"),
    "kohya": lora_entry("loras/kohya.safetensors"),
    "quarter": lora_entry("loras/quarter.safetensors"),
    "scaled": lora_entry("loras/scaled.safetensors"),
    "broken": lora_entry("loras/broken.safetensors"),
    "nan": lora_entry("loras/nan.safetensors"),
    "other": lora_entry("loras/other.safetensors"),
    "gone": lora_entry("loras/gone.safetensors"),
    "petals": lora_entry("loras/petals.safetensors", "flux"),
    "dew": lora_entry("loras/dew.safetensors", "flux2_klein"),
    "mist": lora_entry("loras/mist.safetensors", "z_image"),
}


@pytest.fixture(scope="session")
def worn(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`my/` with the tiny models and LoRAs for them."""
    my = tmp_path_factory.mktemp("loras") / "my"
    shutil.copytree(models / "my", my)
    folder = my / "loras"
    lora(models, folder / "watercolor.safetensors", seed=1)
    lora(models, folder / "ink.safetensors", seed=2, rank=8)
    lora(models, folder / "large.safetensors", seed=3, rank=48)
    lora(models, folder / "narrow.safetensors", seed=4, targets=("to_v",))
    lora(models, folder / "words.safetensors", seed=5, encoders=True)
    lora(models, folder / "kohya.safetensors", seed=6, rank=8, encoders=True, alphas=2.0)
    lora(models, folder / "quarter.safetensors", seed=6, rank=8, encoders=True)
    lora(models, folder / "scaled.safetensors", seed=7, rank=8, alphas=2.0)
    lora(models, folder / "nan.safetensors", size=float("nan"))
    lora(models, folder / "other.safetensors", "flux")
    lora(models, folder / "petals.safetensors", "flux")
    lora(models, folder / "mist.safetensors", "z_image")
    lora(models, folder / "dew.safetensors", "flux2_klein")
    (folder / "broken.safetensors").write_bytes(b"half a file")
    plain = {name: {key: value for key, value in one.items() if value is not None} for name, one in LORAS.items()}
    (my / "catalog" / "loras.yaml").write_text(yaml.safe_dump(plain, allow_unicode=True))
    return my


@pytest.fixture
def atelier(worn: Path, tmp_path: Path) -> Make:
    def make(device: Any = None, **more: Any) -> Studio:
        (tmp_path / "spool").mkdir(exist_ok=True)
        return Studio(worn, tmp_path / "spool", device or Cpu(), **more)

    return make


def drawn(one: Studio, provider: Any, *loras: str | tuple[str, float | None], **wish: Any) -> bytes:
    """A picture with these LoRAs."""
    given = [[name, None] if isinstance(name, str) else [*name] for name in loras]
    (outcome,) = one.draw(provider, 1, **({"lora": given} if given else {}), **wish)
    return pixels(outcome)


def test_a_lora_changes_the_picture_and_more_of_it_changes_it_otherwise(atelier: Make) -> None:
    one = atelier()
    provider = one.provider("sdxl", model="tiny-sdxl")
    base, full, half = (drawn(one, provider, *which) for which in ((), ("watercolor",), (("watercolor", 0.5),)))
    assert len({base, full, half}) == 3
    assert one.host.warm == ["tiny-sdxl"]  # loaded once


@pytest.mark.parametrize("refiner", ["", "tiny-refiner"])
@pytest.mark.parametrize("loras", [("watercolor",), ("words",), ("watercolor", "words"), ("kohya",), ("large", "ink")])
def test_without_them_the_model_draws_bit_for_bit_what_it_drew_before(
    atelier: Make, loras: tuple[str, ...], refiner: str
) -> None:
    one = atelier()
    provider = one.provider("sdxl", model="tiny-sdxl", refiner=refiner)
    before = drawn(one, provider)
    assert drawn(one, provider, *loras) != before
    one.host.embeddings.__init__()  # what was read before must not answer for what is read now
    assert drawn(one, provider) == before


@pytest.mark.parametrize(("provider", "model", "name"), [
    ("flux", "tiny-flux", "petals"), ("diffusers", "tiny-z", "mist"), ("z_image", "tiny-z-image", "mist"),
    ("flux2_klein", "tiny-flux2-klein", "dew"),
])  # fmt: skip
def test_other_architectures_wear_theirs_and_take_them_off(atelier: Make, provider: str, model: str, name: str) -> None:
    one = atelier()
    made = one.provider(provider, model=model)
    before = drawn(one, made)
    assert drawn(one, made, name) != before
    assert drawn(one, made) == before


@pytest.mark.parametrize("turns", [
    ("watercolor", "ink"), ("ink", "watercolor"), ("watercolor", "narrow"), ("narrow", "watercolor"),
    ("watercolor", "large"), ("large", "watercolor"), ("words", "ink"), ("ink", "words"), ("kohya", "watercolor"),
    ("watercolor", "scaled"), ("scaled", "watercolor"),
])  # fmt: skip
def test_one_after_another_draws_what_each_draws_alone(atelier: Make, turns: tuple[str, ...]) -> None:
    """Swapped hot where that may be: with another rank, other scales, fewer layers."""
    alone = []
    for name in turns:
        fresh = atelier()
        alone.append(drawn(fresh, fresh.provider("sdxl", model="tiny-sdxl"), (name, 0.7)))
    one = atelier()
    provider = one.provider("sdxl", model="tiny-sdxl")
    assert [drawn(one, provider, (name, 0.7)) for name in turns] == alone
    assert drawn(one, provider, (turns[0], 0.7)) == alone[0]


def test_several_at_once_are_not_one_of_them_and_their_weights_count(atelier: Make) -> None:
    one = atelier()
    provider = one.provider("sdxl", model="tiny-sdxl")
    pictures = [drawn(one, provider, *which) for which in (
        ("watercolor",), ("ink",), ("watercolor", "ink"), ("watercolor", ("ink", 0.2)), (("watercolor", 0.1), "ink"),
    )]  # fmt: skip
    assert len({*pictures}) == len(pictures)
    assert drawn(one, provider, "watercolor", "ink") == pictures[2]


def test_words_are_read_again_by_an_encoder_that_a_lora_has_changed(atelier: Make) -> None:
    said = "w4t3r style, soft edges, a red fox"
    one = atelier()
    provider = one.provider("sdxl", model="tiny-sdxl")
    plain, laid = drawn(one, provider, prompt=said), drawn(one, provider, "words", prompt=said)
    fresh = atelier()
    alone = drawn(fresh, fresh.provider("sdxl", model="tiny-sdxl"), "words", prompt=said)
    assert laid == alone != plain


@pytest.mark.parametrize("name", ["broken", "nan", "other"])
def test_a_broken_one_is_named_and_the_model_is_unharmed(atelier: Make, name: str) -> None:
    one = atelier()
    provider = one.provider("sdxl", model="tiny-sdxl")
    before, dressed = drawn(one, provider), drawn(one, provider, "watercolor")
    with pytest.raises(NotConfigured) as told:
        drawn(one, provider, name)
    assert (told.value.code, told.value.facts["lora"]) == ("lora_unusable", name)
    assert drawn(one, provider) == before
    assert drawn(one, provider, "watercolor") == dressed


@pytest.mark.parametrize("plan", ["resident", "phased", "offload"])
def test_every_way_to_hold_a_model_wears_them_and_takes_them_off(atelier: Make, plan: Any) -> None:
    easy = atelier()
    provider = easy.provider("sdxl", model="tiny-sdxl")
    wanted = [drawn(easy, provider, *which) for which in ((), ("watercolor",), ("ink",), ("words",), ())]
    one = atelier(Limited(limit=700_000 if plan == "offload" else 1 << 30), settings=GpuSettings(plan=plan))
    provider = one.provider("sdxl", model="tiny-sdxl")
    assert [drawn(one, provider, *which) for which in ((), ("watercolor",), ("ink",), ("words",), ())] == wanted
    (outcome,) = one.draw(provider, 1, lora=[["watercolor", None]])
    assert outcome.facts["plan"] == plan
    with one.host.lend("tiny-sdxl", 0, lambda: pytest.fail("it was warm")) as stack:
        streamed = [
            layer for part in stack.streaming for layer in stack.parts[part].modules() if not [*layer.children()]
        ]
        bare = [
            layer for layer in streamed if type(layer).__name__ == "Linear" and not hasattr(layer, "_diffusers_hook")
        ]
    assert (bool(streamed), bare) == (plan == "offload", [])  # else they would stay where the device can't see them


def fit(provider: Any, *loras: str, prompt: str = "a red fox", **wish: Any) -> Any:
    from stockgen.domain.protocols import Shot

    wish |= {"lora": [[name, None] for name in loras]}
    return provider.fit(Shot(id=1, job="k7m2q", idea=1, prompt=prompt, seed=1, width=64, height=64, wish=wish,
                             needs=frozenset({"lora"})))  # fmt: skip


def test_a_lora_of_another_architecture_is_passed_over_and_a_missing_one_is_told(atelier: Make) -> None:
    provider = atelier().provider("sdxl", model="tiny-sdxl")
    with pytest.raises(Unfit) as told:
        fit(provider, "petals")
    assert (told.value.code, told.value.facts) == (
        "unfit_lora", {"provider": "sdxl", "lora": "petals", "made_for": "flux"},
    )  # fmt: skip
    for name, code in (("gone", "weights_gone"), ("never-heard-of", "no_lora")):
        with pytest.raises(NotConfigured) as missing:
            fit(provider, name)
        assert missing.value.code == code


def test_hundreds_of_pictures_that_wait_look_at_a_folder_of_loras_once_a_second(worn: Path, tmp_path: Path) -> None:
    own = tmp_path / "my"
    shutil.copytree(worn, own)
    one = Studio(own, tmp_path, Cpu())
    provider = one.provider("sdxl", model="tiny-sdxl")
    fit(provider, "ink", "watercolor")
    (own / "loras" / "ink.safetensors").unlink()
    assert fit(provider, "ink").stack == "tiny-sdxl|ink@0.6"  # nobody has looked
    one.now.now += 1
    with pytest.raises(NotConfigured, match="weights_gone"):
        fit(provider, "ink")


def test_a_stack_is_called_by_its_loras_and_its_model_is_loaded_for_all(atelier: Make) -> None:
    provider = atelier().provider("sdxl", model="tiny-sdxl")
    assert fit(provider, "watercolor").stack == "tiny-sdxl|watercolor@1"
    assert fit(provider, "ink", "watercolor").stack == "tiny-sdxl|ink@0.6|watercolor@1"


def test_words_that_a_lora_was_trained_on_are_said_once(atelier: Make) -> None:
    provider = atelier().provider("sdxl", model="tiny-sdxl")
    assert fit(provider, "words").request["prompt"] == "w4t3r style, soft edges, a red fox"
    assert fit(provider, "words", prompt="a fox, Soft Edges").request["prompt"] == "w4t3r style, a fox, Soft Edges"
    assert fit(provider, "watercolor").request["prompt"] == "a red fox"
    asked = [fit(provider, "words", exact=exact) for exact in (True, False)]
    assert {(one.request["trigger"], *one.dropped) for one in asked} == {("w4t3r style, soft edges",)}


def test_names_and_scales_of_other_trainers_mean_the_same(atelier: Make) -> None:
    """kohya's: an alpha of 2 at rank 8 is a quarter of what the matrices say."""
    one = atelier()
    provider = one.provider("sdxl", model="tiny-sdxl")
    assert drawn(one, provider, "kohya") == drawn(one, provider, ("quarter", 0.25)) != drawn(one, provider, "quarter")


def test_the_next_one_takes_the_place_of_the_last_while_the_model_stays_as_it_is(atelier: Make) -> None:
    """Swapped hot: a denoiser that was compiled is not compiled again."""
    one = atelier()
    provider = one.provider("sdxl", model="tiny-sdxl")

    def layers() -> set[int]:
        with one.host.lend("tiny-sdxl", 0, lambda: pytest.fail("it was warm")) as stack:
            return {id(layer) for layer in stack.parts["unet"].modules()}

    drawn(one, provider, "watercolor")
    first = layers()
    for name in ("ink", "narrow", "scaled"):
        drawn(one, provider, (name, 0.5))
        assert layers() == first
    drawn(one, provider, "large")
    assert layers() != first


def test_a_compiled_denoiser_is_not_compiled_again_for_the_next_lora_or_for_none(atelier: Make) -> None:
    torch = pytest.importorskip("torch")
    one = atelier()
    provider = one.provider("sdxl", model="tiny-sdxl")
    turns = [(("watercolor", 1.0),), (("ink", 0.5),), (("scaled", 0.7),), (("narrow", 0.3),), ()]
    plain = [drawn(one, provider, *turn) for turn in turns]
    with one.host.lend("tiny-sdxl", 0, lambda: pytest.fail("it was warm")) as stack:
        for block in stack.parts["unet"].modules():
            if type(block).__name__ in stack.parts["unet"]._repeated_blocks:
                block.compile(backend="eager")
        stack.compiled = True
    counted = torch._dynamo.utils.counters
    made = []
    for turn in (turns[0], turns[-1], *turns, *turns):
        counted.clear()
        made.append((drawn(one, provider, *turn), counted["stats"]["unique_graphs"]))
    assert [picture for picture, _ in made] == [plain[0], plain[-1], *plain, *plain]
    assert [bool(graphs) for _, graphs in made] == [True, True] + [False] * (len(made) - 2)


def test_the_refiner_reads_as_if_nothing_were_laid_over_the_encoder_that_it_shares(atelier: Make) -> None:
    one = atelier()
    provider = one.provider("sdxl", model="tiny-sdxl", refiner="tiny-refiner")
    said = "w4t3r style, soft edges, a red fox"
    drawn(one, provider, prompt=said)
    drawn(one, provider, "words", prompt=said)
    bare, laid = (kept.tensors for key, kept in one.host.embeddings._kept.items() if said in key)
    assert bare["refiner.prompt_embeds"].equal(laid["refiner.prompt_embeds"])
    assert not bare["prompt_embeds"].equal(laid["prompt_embeds"])
