"""From when on two ideas are too much alike. Chosen on one half of tests/novelty/corpus.yaml, and what they let through
and refuse wrongly measured on the other: docs/novelty.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BY_WORDS = 0.60  # likeness of titles, where one of the two has no vector
BY_BOTH = 0.87  # cosine and a part of the likeness of titles, where both have
WORDS = 0.4  # that part
SAME_MOTIF = 0.15  # so much more than too near is the same picture to a reviewer


def nearness(words: Floats, cosines: Floats | None = None, measured: NDArray[np.bool_] | None = None) -> Floats:
    """How much nearer than allowed each earlier idea is: 0 and above = too near.

    `words`: likenesses of titles; `cosines` of vectors, for those that are `measured`.
    """
    import numpy as np

    by_words = words - np.float32(BY_WORDS)
    if cosines is None or measured is None:
        return by_words
    both = (cosines + WORDS * words) - np.float32(BY_BOTH)
    return np.asarray(np.where(measured, both, by_words), np.float32)
