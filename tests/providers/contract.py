"""What every provider must do, as functions that a test of any provider can call.

Sizes stay small where the provider allows it, so that all of this takes a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st
from PIL import Image

from stockgen.domain.errors import Cancelled, RenderError
from stockgen.domain.protocols import Fit, Outcome, Provider, Reporter, Shot

words = st.text(max_size=60) | st.sampled_from(["soft blue waves", "매화 배경", "a flat lay of tea", ""])
sides = st.integers(-1, 20_000)


def shots() -> st.SearchStrategy[Shot]:
    """Shots with any size, prompt and wish, also such as no job file can bring about."""
    wish = st.fixed_dictionaries(
        {},
        optional={
            "kind": st.sampled_from(["background", "illustration", "photo", "element"]),
            "style": words,
            "negative_prompt": words,
            "steps": st.integers(1, 150),
            "guidance": st.floats(0, 30),
        },
    )
    needs = st.frozensets(st.sampled_from(["control", "lora"]))
    seeds = st.integers(0, 2**32 - 1)
    return st.builds(
        Shot,
        id=st.integers(1, 2**31),
        job=st.just("k7m2q"),
        idea=st.just(1),
        prompt=words,
        seed=seeds,
        width=sides,
        height=sides,
        needs=needs,
        wish=wish,
        solo=st.booleans(),
    )


def fit_is_total(provider: Provider, shot: Shot) -> None:
    """`fit` promises a picture or raises one of our errors; the same shot gets the same promise."""
    try:
        fit = provider.fit(shot)
    except RenderError:
        return
    assert fit.request["width"] > 0
    assert fit.request["height"] > 0
    assert fit.quote >= 0
    assert fit.shot == shot
    assert fit == provider.fit(shot)


def each_shot_is_answered_once(provider: Provider, fits: Sequence[Fit], spool: Path) -> None:
    """One Outcome for each member of a batch, no other."""
    outcomes = render(provider, fits, spool)
    assert sorted(outcome.shot for outcome in outcomes) == sorted(fit.shot.id for fit in fits)
    assert all(outcome.seconds >= 0 for outcome in outcomes)


def files_keep_the_promised_size(provider: Provider, fits: Sequence[Fit], spool: Path) -> None:
    """Every picture decodes and has the size that `fit` told."""
    promised = {fit.shot.id: (fit.request["width"], fit.request["height"]) for fit in fits}
    for outcome in render(provider, fits, spool):
        assert outcome.file is not None, outcome.error
        assert spool in outcome.file.parents
        with Image.open(outcome.file) as image:
            image.load()
            assert image.size == promised[outcome.shot]


def the_same_shot_is_the_same_picture(provider: Provider, fits: Sequence[Fit], spool: Path) -> None:
    """The seed decides, and nothing else does."""
    first, again = spool / "first", spool / "again"
    first.mkdir()
    again.mkdir()
    assert _pixels(render(provider, fits, first)) == _pixels(render(provider, fits, again))


def cancelled_within_one_step(provider: Provider, fits: Sequence[Fit], spool: Path) -> None:
    """A shot that is cancelled at its first heartbeat has no second one, and the others are not harmed."""
    unwanted = fits[0].shot.id
    beats: list[int] = []

    def report(shot: int, step: int, steps: int) -> None:
        beats.append(shot)
        if shot == unwanted:
            raise Cancelled("cancelled", shot=shot)

    outcomes = {outcome.shot: outcome for outcome in _until_raised(provider, fits, spool, report)}
    assert beats.count(unwanted) == 1
    if unwanted in outcomes:
        assert isinstance(outcomes.pop(unwanted).error, Cancelled)
        assert all(outcome.error is None for outcome in outcomes.values())


def render(provider: Provider, fits: Sequence[Fit], spool: Path) -> list[Outcome]:
    """Render a batch with nobody listening."""
    return list(provider.render(fits, spool, lambda _shot, _step, _steps: None))


def a_batch(provider: Provider, count: int, side: int = 64) -> list[Fit]:
    """`count` fits of one stack, as far as the provider batches at all."""
    made = [
        Shot(
            id=number,
            job="k7m2q",
            idea=1,
            prompt="soft blue waves",
            seed=100 + number,
            width=side,
            height=side,
        )
        for number in range(1, count + 1)
    ]
    return [provider.fit(shot) for shot in made][: max(1, provider.batch)]


def _until_raised(provider: Provider, fits: Sequence[Fit], spool: Path, report: Reporter) -> list[Outcome]:
    """A provider may let Cancelled end its batch; the lane then renders the others again."""
    outcomes: list[Outcome] = []
    try:
        outcomes.extend(provider.render(fits, spool, report))
    except Cancelled:
        return outcomes
    return outcomes


def _pixels(outcomes: Sequence[Outcome]) -> dict[int, bytes]:
    pixels = {}
    for outcome in outcomes:
        assert outcome.file is not None, outcome.error
        with Image.open(outcome.file) as image:
            pixels[outcome.shot] = image.convert("RGB").tobytes()
    return pixels
