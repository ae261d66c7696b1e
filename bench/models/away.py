"""A piece of a measure in a process of its own: torch and its memory end with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

from bench.models.kits import ONE_THREAD

Given = ParamSpec("Given")
Result = TypeVar("Result")


def away(device: str, work: Callable[Given, Result], *args: Given.args, **more: Given.kwargs) -> Result:
    """What `work` returns or raises there; it and all that it is given can be pickled."""
    with ProcessPoolExecutor(1, get_context("spawn"), _prepared, (device,)) as pool:
        return pool.submit(work, *args, **more).result()


def _prepared(device: str) -> None:
    """Variables that torch and the hub's library read when they are imported; a lane's process has the same."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    if device == "cpu":  # compiling is tried out on a card only: here it takes minutes
        os.environ.update(ONE_THREAD, CUDA_VISIBLE_DEVICES="", TORCHDYNAMO_DISABLE="1")
    else:
        os.environ["PYTORCH_ALLOC_CONF"] = "expandable_segments:True"
    from stockgen.providers._diffusion.loading import hush

    hush()
