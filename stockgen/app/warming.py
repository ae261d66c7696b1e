"""What the first file needs is read before it comes, and what reading left behind is given back."""

from __future__ import annotations

import ctypes
import gc
from typing import TYPE_CHECKING

from stockgen.data import forget_read

if TYPE_CHECKING:
    from stockgen.app.catalogue import Catalogue


def warm_up(catalogue: Catalogue) -> None:
    """Read what reading a file needs, then let go of the YAML that it was made of; takes some tenths of a second."""
    _ = catalogue.lint, catalogue.material, catalogue.known
    forget_read()
    gc.collect()
    _give_back()


def _give_back() -> None:
    """Return to the kernel what glibc keeps of freed memory (mallopt(3)): 11 MB after a start, for a few ms."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # glibc's own; musl and macOS have none
        trim(0)
