"""Which providers a job's `model` means, and which of them can do a shot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from stockgen.domain.errors import NotConfigured, Retired, Unfit
from stockgen.domain.protocols import Fit, Next, Outcome, Provider, Reporter, Shot
from stockgen.domain.words import Look, Place
from stockgen.pipeline.chain import Chains


class Painter:
    """A provider that fits, or raises what it was given."""

    place: Place = "cpu"
    batch = 1

    def __init__(self, name: str, look: Look = "diffusion", wrong: Exception | None = None) -> None:
        self.name, self.look, self._wrong = name, look, wrong

    def fit(self, shot: Shot) -> Fit:
        if self._wrong:
            raise self._wrong
        return Fit(shot=shot, provider=self.name, model=self.name, stack=f"{self.name} stack", request={})

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        raise NotImplementedError


def chains(*painters: Painter, **named: Sequence[str]) -> Chains:
    providers: Mapping[str, Provider] = {painter.name: painter for painter in painters}
    return Chains(named, providers)


PROCEDURAL = Painter("procedural", "drawn")
SDXL, FLUX = Painter("sdxl"), Painter("flux")


def test_auto_never_falls_to_drawn_pictures_while_a_model_is_configured() -> None:
    assert chains(SDXL, PROCEDURAL, auto=["flux", "sdxl"]).resolve(["auto"]) == (("sdxl",), ("flux",))


def test_auto_draws_where_nothing_else_is_configured_and_names_what_is_missing() -> None:
    assert chains(PROCEDURAL, auto=["flux", "sdxl"]).resolve(["auto"]) == (("procedural",), ("flux", "sdxl"))
    assert chains(PROCEDURAL).resolve(["auto"]) == (("procedural",), ())


def test_a_chain_that_names_procedural_has_it() -> None:
    found = chains(SDXL, PROCEDURAL, safe=["sdxl", "procedural"])
    assert found.resolve(["safe"]) == (("sdxl", "procedural"), ())


def test_chains_may_name_chains() -> None:
    found = chains(SDXL, FLUX, PROCEDURAL, local=["sdxl", "flux"], auto=["local"], all=["openai", "auto", "procedural"])
    assert found.resolve(["auto"]) == (("sdxl", "flux"), ())
    assert found.resolve(["all"]) == (("sdxl", "flux", "procedural"), ("openai",))


@pytest.mark.parametrize("named", [{"a": ["b"], "b": ["a", "sdxl"]}, {"a": ["a", "sdxl"]}])
def test_chains_that_name_each_other_come_to_an_end(named: dict[str, list[str]]) -> None:
    assert chains(SDXL, **named).resolve(["a"])[0] == ("sdxl",)


def test_a_chain_named_like_a_provider_still_has_that_provider() -> None:
    assert chains(SDXL, FLUX, sdxl=["sdxl", "flux"]).resolve(["sdxl"]) == (("sdxl", "flux"), ())


def test_several_models_are_tried_in_their_order_and_each_once() -> None:
    assert chains(SDXL, FLUX, both=["flux", "sdxl"]).resolve(["sdxl", "both", "openai"]) == (
        ("sdxl", "flux"), ("openai",),
    )  # fmt: skip


def shot(*chain: str, pos: int = 0) -> Shot:
    return Shot(id=1, job="aaaaa", idea=1, prompt="", seed=1, width=64, height=64, chain=chain, chain_pos=pos)


WRONG = [Unfit("unfit"), NotConfigured("not_configured"), Retired("retired")]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda error: error.code)
def test_place_goes_on_to_the_first_that_can_do_it(wrong: Exception) -> None:
    placed = chains(Painter("sdxl", wrong=wrong), FLUX).place(shot("sdxl", "flux"))
    assert placed.fit
    assert (placed.fit.provider, placed.shot.chain_pos, placed.degraded) == ("flux", 1, False)


def test_a_provider_that_left_the_config_since_planning_is_passed_over() -> None:
    placed = chains(FLUX).place(shot("sdxl", "flux"))
    assert placed.fit
    assert placed.shot.chain_pos == 1


def test_where_nobody_can_do_it_the_last_one_says_why() -> None:
    placed = chains(Painter("sdxl", wrong=Unfit("unfit", why="size"))).place(shot("sdxl"))
    assert (placed.fit, placed.reason) == (None, "unfit: why=size")
    assert chains().place(shot("sdxl")).reason == "not_configured"


def test_only_a_look_that_differs_from_the_first_is_degraded() -> None:
    unfit = Painter("sdxl", wrong=Unfit("unfit"))
    assert chains(unfit, PROCEDURAL).place(shot("sdxl", "procedural")).degraded
    assert not chains(unfit, FLUX).place(shot("sdxl", "flux")).degraded
    between = chains(unfit, FLUX, Painter("procedural", "drawn", Unfit("unfit")))
    assert not between.place(shot("sdxl", "procedural", "flux")).degraded


def test_a_requeue_is_carried_past_whoever_can_not_do_it() -> None:
    three = chains(SDXL, Painter("procedural", "drawn", Unfit("unfit")), FLUX)
    then = Next("requeue", 1, 0.0, True, False, "refused")
    followed, stack = three.follow(shot("sdxl", "procedural", "flux"), then)
    assert (followed.chain_pos, followed.degraded, stack) == (2, False, "flux stack")
    two = chains(SDXL, Painter("procedural", "drawn", Unfit("unfit")))
    assert two.follow(shot("sdxl", "procedural"), then)[0].action == "fail"
