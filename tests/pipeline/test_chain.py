"""Which providers a job's `model` means, and which of them can do a shot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from stockgen.domain.errors import NotConfigured, Retired, Unfit
from stockgen.domain.protocols import OURS, Fit, Next, Outcome, Provider, Reporter, Shot, Terms
from stockgen.domain.words import Look, Place
from stockgen.pipeline.chain import Barred, Chains, Resolved


class Painter:
    """A provider that fits, or raises what it was given."""

    place: Place = "cpu"
    batch = 1
    terms: Terms = OURS

    def __init__(self, name: str, look: Look = "diffusion", wrong: Exception | None = None,
                 missing: Mapping[str, NotConfigured] | None = None) -> None:  # fmt: skip
        self.name, self.look, self._wrong, self._missing = name, look, wrong, missing or {}

    def missing(self, model: str = "") -> NotConfigured | None:
        return self._missing.get(model)

    def fit(self, shot: Shot) -> Fit:
        if self._wrong:
            raise self._wrong
        return Fit(shot=shot, provider=self.name, model=self.name, stack=f"{self.name} stack", request={})

    def render(self, batch: Sequence[Fit], spool: Path, report: Reporter) -> Iterator[Outcome]:
        raise NotImplementedError

    def redeem(self, spool: Path) -> Sequence[Outcome]:
        return ()


def chains(*painters: Painter, **named: Sequence[str]) -> Chains:
    providers: Mapping[str, Provider] = {painter.name: painter for painter in painters}
    return Chains(named, providers)


def both(found: Resolved) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return found.chain, tuple(found.left_out)


PROCEDURAL = Painter("procedural", "drawn")
SDXL, FLUX = Painter("sdxl"), Painter("flux")


def test_auto_never_falls_to_drawn_pictures_while_a_model_is_configured() -> None:
    assert both(chains(SDXL, PROCEDURAL, auto=["flux", "sdxl"]).resolve(["auto"])) == (("sdxl",), ("flux",))


def test_auto_draws_where_nothing_else_is_configured_and_names_what_is_missing() -> None:
    assert both(chains(PROCEDURAL, auto=["flux", "sdxl"]).resolve(["auto"])) == (("procedural",), ("flux", "sdxl"))
    assert both(chains(PROCEDURAL).resolve(["auto"])) == (("procedural",), ())


def test_local_sends_no_words_away_and_is_otherwise_auto() -> None:
    cloud = Painter("openai")
    cloud.place = "net"
    found = chains(SDXL, cloud, PROCEDURAL, auto=["openai", "sdxl"])
    assert both(found.resolve(["local"])) == (("sdxl",), ())
    assert both(found.resolve(["auto"])) == (("openai", "sdxl"), ())
    assert both(chains(SDXL, FLUX, auto=["sdxl"], local=["flux"]).resolve(["local"])) == (("flux",), ())


def test_local_draws_where_no_model_is_here() -> None:
    assert both(chains(PROCEDURAL, auto=["sdxl"]).resolve(["local"])) == (("procedural",), ("sdxl",))


def test_a_shop_behind_local_comes_before_drawn_pictures() -> None:
    cold = Painter("sdxl", missing={"": GONE})
    found = chains(cold, shop(), PROCEDURAL, auto=["sdxl", "openai"])
    assert both(found.resolve(["local", "openai"])) == (("openai",), ("sdxl",))
    assert both(chains(SDXL, shop(), PROCEDURAL, auto=["sdxl"]).resolve(["local", "openai"])) == (
        ("sdxl", "openai"),
        (),
    )
    nobody = chains(cold, shop(KEYLESS), PROCEDURAL, auto=["sdxl"])
    assert both(nobody.resolve(["local", "openai"])) == (("procedural",), ("sdxl", "openai"))


def test_a_chain_that_names_procedural_has_it() -> None:
    found = chains(SDXL, PROCEDURAL, safe=["sdxl", "procedural"])
    assert both(found.resolve(["safe"])) == (("sdxl", "procedural"), ())


KEYLESS = NotConfigured("no_key", provider="openai")
DEAR = Terms(paid=True)


def shop(missing: NotConfigured | None = None) -> Painter:
    cloud = Painter("openai", missing={"": missing} if missing else None)
    cloud.terms = DEAR
    return cloud


def test_nothing_is_bought_before_somebody_has_written_a_cap() -> None:
    uncapped = replace(chains(shop(), SDXL, auto=["sdxl", "openai"]), capped=False)
    found = uncapped.resolve(["auto"])
    assert (found.chain, [str(why) for why in found.left_out.values()]) == (("sdxl",), ["no_cap: provider=openai"])
    assert chains(shop(), SDXL, auto=["sdxl", "openai"]).resolve(["auto"]).chain == ("sdxl", "openai")


def test_nobody_hears_of_a_shop_in_auto_that_was_never_set_up() -> None:
    never = replace(chains(shop(KEYLESS), SDXL, PROCEDURAL, auto=["sdxl", "openai"]), capped=False)
    assert both(never.resolve(["auto"])) == (("sdxl",), ())
    nobody = replace(chains(shop(KEYLESS), PROCEDURAL, auto=["openai"]), capped=False)
    assert both(nobody.resolve(["auto"])) == (("procedural",), ())
    keyless = chains(shop(KEYLESS), SDXL, auto=["sdxl", "openai"])  # somebody has written a cap
    assert keyless.resolve(["auto"]).left_out == {"openai": KEYLESS}


def test_who_names_a_shop_hears_both_things_that_it_needs() -> None:
    never = replace(chains(shop(KEYLESS), SDXL, dear=["openai", "sdxl"]), capped=False)
    for wanted in (["openai"], ["dear"]):
        ((why, names),) = never.resolve(wanted).reasons()
        assert (why.code, names) == ("error.no_key_no_cap", ["openai"])
        assert [why.facts[key].code for key in ("first", "second")] == ["error.no_key", "error.no_cap"]


GONE = NotConfigured("weights_missing", model="sdxl-base", command="stockgen models pull sdxl-base")


def test_a_job_does_not_wait_for_a_model_whose_files_are_not_there() -> None:
    cold = Painter("sdxl", missing={"": GONE})
    assert chains(cold, FLUX, auto=["sdxl", "flux"]).resolve(["auto"]) == Resolved(("flux",), left_out={"sdxl": GONE})
    assert chains(cold, PROCEDURAL, auto=["sdxl"]).resolve(["auto"]).chain == ("procedural",)


def test_a_model_of_the_catalogue_is_run_by_its_provider_and_is_the_one_that_was_named() -> None:
    by_model = {"sdxl-lightning": "sdxl", "flux-schnell": "flux", "sdxl-base": "sdxl"}
    found = Chains({"auto": ["flux-schnell", "sdxl"]}, {"sdxl": SDXL, "flux": FLUX}, by_model)
    assert found.resolve(["sdxl-lightning", "sdxl-base"]) == Resolved(("sdxl",), {"sdxl": "sdxl-lightning"})
    assert found.resolve(["auto"]) == Resolved(("flux", "sdxl"), {"flux": "flux-schnell"})
    assert found.resolve(["sdxl"]) == Resolved(("sdxl",))


def test_chains_may_name_chains() -> None:
    found = chains(SDXL, FLUX, PROCEDURAL, local=["sdxl", "flux"], auto=["local"], all=["openai", "auto", "procedural"])
    assert both(found.resolve(["auto"])) == (("sdxl", "flux"), ())
    assert both(found.resolve(["all"])) == (("sdxl", "flux", "procedural"), ("openai",))


@pytest.mark.parametrize("named", [{"a": ["b"], "b": ["a", "sdxl"]}, {"a": ["a", "sdxl"]}])
def test_chains_that_name_each_other_come_to_an_end(named: dict[str, list[str]]) -> None:
    assert chains(SDXL, **named).resolve(["a"]).chain == ("sdxl",)


def test_a_chain_named_like_a_provider_still_has_that_provider() -> None:
    assert both(chains(SDXL, FLUX, sdxl=["sdxl", "flux"]).resolve(["sdxl"])) == (("sdxl", "flux"), ())


def test_several_models_are_tried_in_their_order_and_each_once() -> None:
    assert both(chains(SDXL, FLUX, both=["flux", "sdxl"]).resolve(["sdxl", "both", "openai"])) == (
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


# -- whom nobody asks now --------------------------------------------------------------------------------------


def barring(**bars: Barred) -> Chains:
    """Three providers, some of which nobody asks."""
    three = chains(SDXL, FLUX, PROCEDURAL)
    return replace(three, bar=lambda fit: bars.get(fit.provider))


ALL = ("sdxl", "flux", "procedural")
CLOSED = Barred("quota_spent: provider=x", until=9000.0, held=True)
NEVER = Barred("refused_before: provider=x")
MODEL = Barred("model_busy: provider=x", until=5000.0)

# who is barred how -> (position, waits, not before)
WAITS: list[tuple[dict[str, Barred], tuple[int, bool, float]]] = [
    ({}, (0, False, 0.0)),
    ({"sdxl": CLOSED}, (1, False, 0.0)),
    ({"sdxl": NEVER, "flux": CLOSED}, (2, False, 0.0)),
    ({"sdxl": CLOSED, "flux": CLOSED, "procedural": CLOSED}, (0, True, 0.0)),  # a hold keeps it there
    ({"sdxl": NEVER, "flux": CLOSED, "procedural": NEVER}, (1, True, 0.0)),
    ({"sdxl": MODEL, "flux": CLOSED, "procedural": NEVER}, (0, True, 5000.0)),
]


@pytest.mark.parametrize(("bars", "expected"), WAITS)
def test_who_is_closed_is_passed_over_and_waited_for_only_where_nobody_is_left(
    bars: dict[str, Barred], expected: tuple[int, bool, float]
) -> None:
    placed = barring(**bars).place(shot(*ALL))
    assert placed.fit
    assert (placed.shot.chain_pos, placed.waits, placed.not_before) == expected


def test_where_nobody_will_ever_do_it_the_last_one_says_why() -> None:
    placed = barring(sdxl=NEVER, flux=NEVER, procedural=NEVER).place(shot(*ALL))
    assert (placed.fit, placed.reason) == (None, "refused_before: provider=x")


def test_who_was_passed_over_is_kept_with_the_reason() -> None:
    unfit = chains(Painter("sdxl", wrong=Unfit("unfit_shape")), FLUX, PROCEDURAL)
    closed = replace(unfit, bar=lambda fit: CLOSED if fit.provider == "flux" else None)
    placed = closed.place(shot(*ALL))
    assert placed.passed == {"sdxl": "unfit_shape", "flux": "quota_spent: provider=x"}
    then = Next("requeue", 1, 0.0, False, False, "refused")
    followed, _ = barring(flux=CLOSED).follow(shot(*ALL), then)
    assert (followed.chain_pos, followed.degraded, followed.passed) == (2, True, {"flux": "quota_spent: provider=x"})


# whose turn it was, whom it was passed over by, who is barred -> where it belongs, and whether it is degraded there
AGAIN: list[tuple[int, tuple[str, ...], dict[str, Barred], tuple[int, bool]]] = [
    (0, (), {"sdxl": CLOSED}, (1, False)),
    (0, (), {"sdxl": CLOSED, "flux": CLOSED}, (2, True)),
    (1, ("sdxl",), {}, (0, False)),
    (2, ("sdxl", "flux"), {"sdxl": CLOSED}, (1, False)),
    (1, ("sdxl",), {"flux": CLOSED}, (0, False)),
    (1, (), {}, (1, False)),  # the first one has had its turn
    (2, (), {}, (2, True)),
    (1, ("sdxl",), {"sdxl": NEVER}, (1, False)),
    (2, ("sdxl",), {"sdxl": CLOSED}, (2, True)),  # flux has failed at it: it is not asked twice
    (2, ("sdxl",), {"sdxl": CLOSED, "procedural": CLOSED}, (0, False)),
]


@pytest.mark.parametrize(("pos", "passed", "bars", "expected"), AGAIN)
def test_what_was_passed_on_comes_back_to_whoever_reopens(
    pos: int, passed: tuple[str, ...], bars: dict[str, Barred], expected: tuple[int, bool]
) -> None:
    then, _ = barring(**bars).again(shot(*ALL, pos=pos), passed)
    assert (then.action, then.chain_pos, then.degraded) == ("requeue", *expected)
    gone = {name for name in passed if then.passed.get(name, "") is None}
    assert gone == {name for name in passed if ALL.index(name) >= then.chain_pos}  # from there on nothing is behind it


class Cutter(Painter):
    """One that draws without a background."""

    def fit(self, shot: Shot) -> Fit:
        fit = super().fit(shot)
        return replace(fit, request={"alpha": True})


NO_CUTOUT = NotConfigured("weights_missing", model="birefnet-general", command="stockgen models pull birefnet-general")


def transparent(*chain: str) -> Shot:
    return Shot(id=1, job="j", idea=1, prompt="a cup", seed=1, width=64, height=64, wish={"transparent": True},
                chain=chain)  # fmt: skip


def test_whoever_draws_a_background_is_passed_over_where_nothing_cuts_it_away() -> None:
    found = replace(chains(SDXL, Cutter("openai")), cutout=lambda: NO_CUTOUT)
    placed = found.place(transparent("sdxl", "openai"))
    assert placed.fit is not None
    assert (placed.fit.provider, list(placed.passed)) == ("openai", ["sdxl"])
    assert (placed.passed["sdxl"] or "").startswith("no_cutout")
    assert {name: why.code for name, why in placed.why_not.items()} == {"sdxl": "reason.no_cutout"}


def test_where_it_can_be_cut_away_or_may_stay_the_first_one_draws() -> None:
    ready, nothing = chains(SDXL, Cutter("openai")), replace(chains(SDXL), cutout=lambda: NO_CUTOUT)
    for found, shot in ((ready, transparent("sdxl", "openai")), (nothing, replace(transparent("sdxl"), wish={}))):
        placed = found.place(shot)
        assert placed.fit is not None
        assert placed.fit.provider == "sdxl"


def test_who_can_not_cut_out_says_with_which_command() -> None:
    found = replace(chains(SDXL), cutout=lambda: NO_CUTOUT)
    why = found.asked(transparent("sdxl"))["sdxl"]
    assert why is not None
    assert why.remark.facts["why"] == NO_CUTOUT.remark
