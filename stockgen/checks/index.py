"""All pictures that were ever finished, by their likeness, in memory: 0.8 KB each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stockgen.checks.likeness import BITS, LINES, TONES, Likeness, line_bits, tone_bits, unpacked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_ROOM = 256  # pictures at first; doubled whenever they are full
_FAR = 0.4  # cosine of the tones below which no crop to 95 hundredths was ever found
_CANDIDATES = 500  # that are looked at in all variants, the nearest first


@dataclass(frozen=True, slots=True)
class Nearest:
    """The picture that is most alike. `shot` None = there is no other; `distance` in bits of 64."""

    shot: int | None
    distance: float


class Index:
    """Likenesses by the ids of their shots. Not for several threads at once."""

    def __init__(self) -> None:
        import numpy as np

        self._shots = np.zeros(0, np.int64)
        self._tones: Floats = np.zeros((TONES, 0), np.float32)  # columns: one product with a whole row is quicker
        self._lines: Floats = np.zeros((LINES, 0), np.float32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, likenesses: Iterable[tuple[int, bytes]]) -> None:
        """Add (shot, what is kept of its picture)."""

        given = list(likenesses)
        if not given:
            return
        self._make_room(len(given))
        tones, lines = unpacked(b"".join(kept for _, kept in given))
        new = slice(self._count, self._count + len(given))
        self._shots[new] = [shot for shot, _ in given]
        self._tones[:, new], self._lines[:, new] = tones.T, lines.T
        self._count += len(given)

    def nearest(self, this: Likeness, shot: int) -> Nearest:
        """The picture most like `this`, other than that of `shot` itself."""
        import numpy as np

        shots = self._shots[: self._count]
        others = shots != shot
        if not others.any():
            return Nearest(None, float(BITS))
        away = line_bits((this.lines @ self._lines[:, : self._count]).max(axis=0))
        cosines = (this.tones[:, 0] @ self._tones[:, : self._count]).max(axis=0)
        likely = np.flatnonzero(cosines >= _FAR)
        if len(likely) > _CANDIDATES:
            likely = likely[np.argpartition(cosines[likely], -_CANDIDATES)[-_CANDIDATES:]]
        if len(likely):
            closely = tone_bits(this.tones.reshape(-1, TONES), self._tones[:, likely].T)
            away[likely] = np.minimum(away[likely], closely)
        away[~others] = np.inf
        best = int(away.argmin())
        return Nearest(int(shots[best]), float(away[best]))

    def _make_room(self, more: int) -> None:
        import numpy as np

        room, wanted = len(self._shots), self._count + more
        if wanted <= room:
            return
        grown = max(_ROOM, wanted, 2 * room if room else wanted)
        self._shots = np.concatenate([self._shots, np.zeros(grown - room, np.int64)])
        self._tones = np.concatenate([self._tones, np.zeros((TONES, grown - room), np.float32)], axis=1)
        self._lines = np.concatenate([self._lines, np.zeros((LINES, grown - room), np.float32)], axis=1)
