"""A piece of a measure in a process of its own: torch and its memory end with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

ONE_THREAD = {"OMP_NUM_THREADS": "1"}  # torch's threads would fight with finishing for the cores
Given = ParamSpec("Given")
Result = TypeVar("Result")


def away(device: str, work: Callable[Given, Result], *args: Given.args, **more: Given.kwargs) -> Result:
    """What `work` returns or raises there; it and all that it is given can be pickled."""
    with ProcessPoolExecutor(1, get_context("spawn"), _prepared, (device,)) as pool:
        return pool.submit(work, *args, **more).result()


def quiet() -> None:
    """No network, and no remarks of libraries."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before anything imports huggingface_hub
    from stockgen.providers._diffusion.loading import hush

    hush()


def _prepared(device: str) -> None:
    """Variables that torch reads when it is imported; a lane's process has the same."""
    if device == "cpu":
        os.environ.update(ONE_THREAD, CUDA_VISIBLE_DEVICES="")
    else:
        os.environ["PYTORCH_ALLOC_CONF"] = "expandable_segments:True"
    quiet()
