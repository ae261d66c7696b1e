"""Vectors of ideas as signed bytes, in one matrix: 38 MB for 100,000 of 384 numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_ROWS = 2048  # of a block: so no block is ever copied to grow, and one fits the processor's cache as floats


def packed(vector: Sequence[float]) -> bytes:
    """A vector with its largest number as 127; its length is lost, which no cosine needs. b"" = it has no direction."""
    import numpy as np

    numbers = np.asarray(vector, np.float32)
    largest = float(np.abs(numbers).max(initial=0.0))
    if not 0 < largest < np.inf:  # NaN is not either
        return b""
    return bytes(np.rint(numbers * (127 / largest)).astype(np.int8).data)


def cosine(one: bytes, other: bytes) -> float:
    """Of two packed vectors of equal length."""
    return float(_unit(one) @ _unit(other))


class Vectors:
    """Rows by the numbers of titles; a title may have none."""

    def __init__(self, dims: int) -> None:

        self._dims = dims
        self._blocks: list[NDArray[np.int8]] = []
        self._scales: list[Floats] = []  # 1 ÷ length of each row; 0 = there is none

    def put(self, number: int, vector: bytes) -> None:
        """Keep a packed vector; one of other length is left out."""
        import numpy as np

        if len(vector) != self._dims:
            return
        block, row = divmod(number, _ROWS)
        while len(self._blocks) <= block:
            self._blocks.append(np.zeros((_ROWS, self._dims), np.int8))
            self._scales.append(np.zeros(_ROWS, np.float32))
        numbers = np.frombuffer(vector, np.int8)
        self._blocks[block][row] = numbers
        self._scales[block][row] = 1 / np.linalg.norm(numbers.astype(np.float32))

    def cosines(self, vector: bytes, count: int) -> tuple[Floats, NDArray[np.bool_]]:
        """With the first `count` rows; and which of them there are."""
        import numpy as np

        this = _unit(vector)
        found = [np.zeros(0, np.float32)]
        found += [block.astype(np.float32) @ this * scale
                  for block, scale in zip(self._blocks, self._scales, strict=True)]  # fmt: skip
        scales = np.concatenate([np.zeros(0, np.float32), *self._scales])
        whole = np.zeros(max(count, len(scales)), np.float32), np.zeros(max(count, len(scales)), np.bool_)
        whole[0][: len(scales)], whole[1][: len(scales)] = np.concatenate(found), scales > 0
        return whole[0][:count], whole[1][:count]


def _unit(vector: bytes) -> Floats:
    import numpy as np

    numbers = np.frombuffer(vector, np.int8).astype(np.float32)
    return np.asarray(numbers / np.linalg.norm(numbers), np.float32)
