"""What a shot takes besides its words: who can give it, who says no, and what is told of the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from stockgen.domain.errors import NotConfigured, Unfit
from stockgen.domain.protocols import Shot
from stockgen.providers._diffusion.extras import OWN, Choice, Extras, extras
from tests.gpu.conftest import Studio

Make = Callable[..., Studio]
SHOT = Shot(id=1, job="k7m2q", idea=1, prompt="a fox", seed=1, width=64, height=64)
CONTROL = {"image": "room.png", "type": "canny", "strength": 0.8}
MISSING = NotConfigured("weights_missing", model="x", command="stockgen models pull x")


def taken(choice: Choice, shot: Shot = SHOT, *, guided: bool = True, here: bool = True, **wish: Any) -> Extras:
    from stockgen.data.catalog import Drawing

    drawing = Drawing(pipeline="P", steps=4, guidance=0, guided=guided, tokens=77, dtype="float16")
    needs = frozenset({"control"} & wish.keys())
    return extras(replace(shot, wish=wish, needs=needs), choice, drawing, {}, lambda _: None if here else MISSING)  # type: ignore[arg-type]


def test_a_model_that_sees_for_itself_is_given_the_picture() -> None:
    got = taken(Choice("klein", "m", likeness=OWN), like={"image": "a.png"})
    assert got.request == {"like": {"image": "a.png"}}
    assert got.parts == got.dropped == {}


@pytest.mark.parametrize(("likeness", "image"), [(OWN, ""), ("adapter", ""), ("", "a.png")])
def test_a_picture_that_is_gone_or_can_not_be_seen_is_told_and_stops_nothing(likeness: str, image: str) -> None:
    got = taken(Choice("p", "m", likeness=likeness), like={"image": image})
    assert got == Extras(dropped={"like": "dropped.like"})


def test_an_adapter_is_loaded_where_it_is_here_and_told_with_its_command_where_it_is_not() -> None:
    choice = Choice("sdxl", "m", likeness="adapter")
    assert taken(choice, like={"image": "a.png"}).parts == {"likeness": "adapter"}
    away = taken(choice, here=False, like={"image": "a.png"})
    assert away == Extras(dropped={"like": "dropped.likeness"})


def test_a_control_picture_is_never_silently_left_out() -> None:
    with pytest.raises(Unfit) as unfit:
        taken(Choice("flux", "m"), control=CONTROL)
    assert (unfit.value.code, unfit.value.facts["provider"]) == ("unfit_control", "flux")
    with pytest.raises(NotConfigured) as missing:
        taken(Choice("sdxl", "m", control="union"), here=False, control=CONTROL)
    assert missing.value.facts["command"] == "stockgen models pull x"


def test_control_and_likeness_and_refiner_are_loaded_together() -> None:
    choice = Choice("sdxl", "m", refiner="r", control="c", likeness="l")
    got = taken(choice, control=CONTROL, like={"image": "a.png"})
    assert got.parts == {"refiner": "r", "control": "c", "likeness": "l"}
    assert got.request == {"control": CONTROL, "like": {"image": "a.png"}}
    assert "refiner" not in taken(choice, guided=False, control=CONTROL).parts


def test_a_shot_that_wants_nothing_of_it_loads_none_of_it() -> None:
    choice = Choice("sdxl", "m", control="c", likeness="l")
    assert taken(choice) == Extras()
