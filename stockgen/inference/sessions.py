"""onnxruntime: how its sessions are opened and run here, and what its errors are to us. The only file that knows it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stockgen.domain.errors import NotConfigured, OutOfMemory

PROVIDERS = ("CPUExecutionProvider",)  # a second CUDA context would take memory that lanes count as free
THREADS = "OMP_NUM_THREADS"
# What onnxruntime 1.32 says where an allocation fails; it has no class for it.
NO_MEMORY = ("bad_alloc", "bad allocation", "Failed to allocate memory", "std::length_error")


def options(environment: Mapping[str, str] = os.environ) -> Any:
    """How sessions run: on as many threads as the process may use, or as its user has said, which sleep between two
    pictures. Without the arena, which would keep as much as was ever needed at a time. Raises NotConfigured.
    """
    with translated(""):
        from onnxruntime import SessionOptions  # type: ignore[import-untyped]

        chosen = SessionOptions()
        told = environment.get(THREADS, "")
        chosen.intra_op_num_threads = int(told) if told.isdecimal() and int(told) else len(os.sched_getaffinity(0))
        chosen.inter_op_num_threads = 1
        chosen.enable_cpu_mem_arena = False
        chosen.add_session_config_entry("session.intra_op.allow_spinning", "0")
        chosen.log_severity_level = 3
    return chosen


def opened(path: Path, name: str) -> Any:
    """A session with the model of a file; `name`: by which people know it. Raises NotConfigured, OutOfMemory."""
    with translated(name):
        from onnxruntime import InferenceSession

        return InferenceSession(str(path), options(), providers=[*PROVIDERS])


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Errors as ours: NotConfigured where packages are missing, or the file of `name` is no model that works;
    OutOfMemory.
    """
    try:
        foreign = _foreign()
    except ImportError as error:
        raise NotConfigured("no_onnx_packages") from error
    try:
        yield
    except MemoryError as error:
        raise OutOfMemory("onnx_memory", model=name) from error
    except foreign as error:
        text = str(error)
        if any(sign in text for sign in NO_MEMORY):
            raise OutOfMemory("onnx_memory", model=name) from error
        raise NotConfigured("onnx_unusable", model=name, detail=text.splitlines()[0][:160]) from error


def _foreign() -> tuple[type[Exception], ...]:
    """Its errors have no base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state  # type: ignore[import-untyped]

    classes = (one for one in vars(state).values() if isinstance(one, type))
    return tuple(one for one in classes if issubclass(one, Exception))
