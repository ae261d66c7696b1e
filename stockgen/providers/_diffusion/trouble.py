"""What torch raises → what it means for us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

POISONED = 70  # exit code: every later call to the card fails, only a new process helps (sysexits.h: EX_SOFTWARE)


def is_out_of_memory(error: Exception) -> bool:
    """Whether a device, or the computer, has too little memory; the last two say so in words only."""
    import torch

    told = str(error)
    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and ("MPS backend out of memory" in told or "can't allocate memory" in told)
    )


def is_poison(error: Exception) -> bool:
    """Whether a card can't be used by this process any more."""
    import torch

    accelerator = getattr(torch, "AcceleratorError", ())  # since torch 2.8; before, words alone tell
    return isinstance(error, accelerator) or (isinstance(error, RuntimeError) and "CUDA error" in str(error))


@contextmanager
def poison_ends_the_process() -> Iterator[None]:
    """A sticky CUDA error (illegal access, failed assertion in a kernel) makes all that follows fail: exit with 70, and
    the daemon starts a new process. Raises SystemExit.
    """
    try:
        yield
    except Exception as error:
        if is_poison(error):
            raise SystemExit(POISONED) from error
        raise
