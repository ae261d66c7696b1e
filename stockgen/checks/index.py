"""All pictures that were ever finished, by their likeness, in memory: 1.9 KB each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stockgen.checks.edges import EDGES
from stockgen.checks.likeness import (
    BITS,
    LINES,
    TONES,
    Likeness,
    corrected,
    line_bits,
    line_signs,
    tone_bits,
    tone_signs,
    unpacked,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_ROOM = 256  # pictures at first; doubled whenever they are full
_FAR = 0.4  # cosine of the tones below which no crop to 95 hundredths was ever found
_CANDIDATES = 500  # that are looked at in all variants, the nearest first
_FINALISTS = 32  # of these, whose edges are looked at
_CLOSE = 20  # bits: no copy lay further off before its edges were looked at


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
        self._edges = np.zeros((0, EDGES), np.int8)
        self._by_tones, self._by_lines = _Mirrors(tone_signs()), _Mirrors(line_signs())
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, likenesses: Iterable[tuple[int, bytes]]) -> None:
        """Add (shot, what is kept of its picture)."""

        given = list(likenesses)
        if not given:
            return
        self._make_room(len(given))
        tones, lines, edges = unpacked(b"".join(kept for _, kept in given))
        new = slice(self._count, self._count + len(given))
        self._shots[new] = [shot for shot, _ in given]
        self._tones[:, new] = tones.T[self._by_tones.order]
        self._lines[:, new] = lines.T[self._by_lines.order]
        self._edges[new] = edges
        self._count += len(given)

    def nearest(self, this: Likeness, shot: int) -> Nearest:
        """The picture most like `this`, other than that of `shot` itself."""
        import numpy as np

        shots = self._shots[: self._count]
        others = shots != shot
        if not others.any():
            return Nearest(None, float(BITS))
        away = self._coarsely(this)
        away[~others] = np.inf
        finalists = np.argpartition(away, _FINALISTS)[:_FINALISTS] if len(away) > _FINALISTS else np.arange(len(away))
        finalists = finalists[away[finalists] <= _CLOSE]
        if len(finalists):
            away[finalists] = corrected(away[finalists], this, self._edges[finalists])
        best = int(away.argmin())
        return Nearest(int(shots[best]), max(0.0, float(away[best])))

    def _coarsely(self, this: Likeness) -> Floats:
        """Bits by tones or lines, whichever are nearer."""
        import numpy as np

        away = line_bits(self._by_lines.best(this.lines[0], self._lines[:, : self._count]))
        cosines = self._by_tones.best(this.tones[0, 0], self._tones[:, : self._count])
        likely = np.flatnonzero(cosines >= _FAR)
        if len(likely) > _CANDIDATES:
            likely = likely[np.argpartition(cosines[likely], -_CANDIDATES)[-_CANDIDATES:]]
        if len(likely):
            tones = np.empty((len(likely), TONES), np.float32)
            tones[:, self._by_tones.order] = self._tones[:, likely].T
            away[likely] = np.minimum(away[likely], tone_bits(this.tones.reshape(-1, TONES), tones))
        return away

    def _make_room(self, more: int) -> None:
        import numpy as np

        room, wanted = len(self._shots), self._count + more
        if wanted <= room:
            return
        grown = max(_ROOM, wanted, 2 * room if room else wanted)
        self._shots = np.concatenate([self._shots, np.zeros(grown - room, np.int64)])
        self._tones = np.concatenate([self._tones, np.zeros((TONES, grown - room), np.float32)], axis=1)
        self._lines = np.concatenate([self._lines, np.zeros((LINES, grown - room), np.float32)], axis=1)
        self._edges = np.concatenate([self._edges, np.zeros((grown - room, EDGES), np.int8)])


class _Mirrors:
    """The best cosine of all four mirrored ways for the price of one: a mirror only turns signs, so numbers whose signs
    turn together are summed up once. `order` puts them side by side.
    """

    def __init__(self, signs: Floats) -> None:
        import numpy as np

        _, across, down, _ = signs
        groups = [(across == x) & (down == y) for x in (1, -1) for y in (1, -1)]
        self.order = np.concatenate([np.flatnonzero(group) for group in groups])
        self._ends = np.cumsum([group.sum() for group in groups])

    def best(self, row: Floats, columns: Floats) -> Floats:
        """Of one vector with all columns, which are in this order."""
        import numpy as np

        row, starts = row[self.order], [0, *self._ends[:-1]]
        none, down, across, both = (  # that turn when mirrored upside down, left to right, either way
            row[start:end] @ columns[start:end] for start, end in zip(starts, self._ends, strict=True)
        )
        return np.asarray(np.maximum(none + across + abs(down + both), none - across + abs(down - both)), np.float32)
