"""Our pictures beside those that a pipeline of diffusers draws of the same words and seeds in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stockgen.domain.protocols import Fit
from tests.gpu.conftest import Studio, off
from tests.gpu.test_work import drawn

WORDS = ("a red fox", "the sea at night, long and wide", "벚꽃")


def ordered(
    one: Studio, provider: Any, words: Sequence[str] = WORDS, like: Mapping[int, str] | None = None,
    size: tuple[int, int] = (64, 64), **wish: Any,
) -> list[Fit]:  # fmt: skip
    """A picture for each of `words`, numbered from 1, as are the seeds; `like`: number → what it shall look like."""
    fits = []
    for shot, prompt in enumerate(words, 1):
        looks = {"like": {"image": like[shot]}} if like and shot in like else {}
        (fit,) = one.fits(provider, 1, prompt, **looks, **wish)
        fits.append(provider.fit(replace(fit.shot, id=shot, seed=shot, width=size[0], height=size[1])))
        asked = fits[-1].request
        assert (asked["width"], asked["height"]) == size
    return fits


def made(one: Studio, provider: Any, fits: list[Fit]) -> dict[int, bytes]:
    """The pictures by number."""
    return drawn(list(provider.render(fits, one.spool, lambda *_: None)))


def plain(folder: Path, words: Sequence[str] = WORDS, size: tuple[int, int] = (64, 64), **how: Any) -> list[bytes]:
    """What the pipeline of a folder draws of `words` in one call."""
    import diffusers
    import torch

    pipe: Any = diffusers.DiffusionPipeline
    pipe = pipe.from_pretrained(folder, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in range(1, len(words) + 1)]
    asked = {"num_inference_steps": 2, "width": size[0], "height": size[1]} | how
    return [each.tobytes() for each in pipe(prompt=[*words], generator=generators, **asked).images]


def apart(ours: Mapping[int, bytes], theirs: Sequence[bytes]) -> int:
    """How many levels of 255 they differ at most; ours have a line about their size in front."""
    assert len(ours) == len(theirs)
    return max(off(ours[number][-len(want) :], want) for number, want in enumerate(theirs, 1))
