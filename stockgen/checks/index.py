"""All pictures that were ever finished, by their likeness: 0.8 KB of each in memory, the rest is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stockgen.checks.edges import SPECTRUM, directions
from stockgen.checks.laying import in_cells, lay
from stockgen.checks.likeness import TONES, Likeness, coarse, edges, planes, unpacked
from stockgen.checks.matching import NOTHING_IN_COMMON, distance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

Recall = Callable[[Sequence[int]], Mapping[int, bytes]]  # by id: all that was kept of some pictures

_ROOM = 256  # pictures at first; doubled whenever they are full
_BY_SPECTRUM, _BY_TONES = 16, 4  # that are laid on the picture, the nearest first
_COMES_BACK = 0.0  # cosine of spectra: seeds in rings are no halftone. Copies have 0.4 and more; 0 = not known
_FINALISTS = 3  # of these, those that they fit best, that are compared in all details
_SURE = 2.0  # distance: then no other is compared. Whether the picture is too near is clear, and the search is quick
_LYING = 0.1  # cosine of edges; no copy lay worse: a grey one has few of the edges that colours made
_MIRRORED = 0.15  # the first is also tried in its second best mirror, if that fits less well by no more than this


@dataclass(frozen=True, slots=True)
class Nearest:
    """The picture that is most alike. `shot` None = there is no other; `distance` from 0 to 32."""

    shot: int | None
    distance: float


@dataclass(frozen=True, slots=True)
class Known:
    """One that is there: the first 384 bytes kept of it, and how many there are in all."""

    id: int
    shot: int
    coarse: bytes
    size: int


class Index:
    """Likenesses by the ids of their shots. Not for several threads at once."""

    def __init__(self, recall: Recall) -> None:
        import numpy as np

        self._recall = recall
        self._ids, self._shots = np.zeros(0, np.int64), np.zeros(0, np.int64)
        # Columns, as one product with a whole row is quicker. Mirroring turns signs of tones, so they go without.
        self._tones: Floats = np.zeros((TONES, 0), np.float32)
        self._spectra: Floats = np.zeros((SPECTRUM, 0), np.float32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, known: Iterable[Known]) -> None:
        """Add some."""
        import numpy as np

        given = list(known)
        if not given:
            return
        self._make_room(len(given))
        tones, spectra = coarse(b"".join(each.coarse for each in given), np.array([each.size for each in given]))
        new = slice(self._count, self._count + len(given))
        self._ids[new] = [each.id for each in given]
        self._shots[new] = [each.shot for each in given]
        self._tones[:, new] = abs(tones.T)
        self._spectra[:, new] = spectra.T
        self._count += len(given)

    def nearest(self, this: Likeness, shot: int) -> Nearest:
        """The picture most like `this`, other than that of `shot` itself."""
        import numpy as np

        others = self._shots[: self._count] != shot
        if not others.any():
            return Nearest(None, NOTHING_IN_COMMON)
        ids = [int(each) for each in self._ids[self._candidates(this, others)]]
        kept = self._recall(ids)
        there = [each for each in ids if each in kept]
        if not there:
            return Nearest(None, NOTHING_IN_COMMON)
        away = _distances(unpacked(this.small), [kept[each] for each in there])
        best = min(range(len(there)), key=away.__getitem__)
        return Nearest(int(self._shots[np.flatnonzero(self._ids[: self._count] == there[best])[0]]), away[best])

    def _candidates(self, this: Likeness, others: NDArray[np.bool_]) -> list[int]:
        """Where those lie that are nearest by spectrum or by tones, and not against it by spectrum."""
        import numpy as np

        spectra = this.spectrum @ self._spectra[:, : self._count]
        others = others & (spectra >= _COMES_BACK)
        tones = abs(this.tones) @ self._tones[:, : self._count]
        found: set[int] = set()
        for cosines, wanted in ((spectra, _BY_SPECTRUM), (tones, _BY_TONES)):
            np.copyto(cosines, -np.inf, where=~others)
            most = np.argpartition(cosines, -wanted)[-wanted:] if len(cosines) > wanted else np.arange(len(cosines))
            found.update(int(each) for each in most if others[each])
        return sorted(found)

    def _make_room(self, more: int) -> None:
        import numpy as np

        room, wanted = len(self._shots), self._count + more
        if wanted <= room:
            return
        new = max(_ROOM, wanted, 2 * room if room else wanted) - room
        self._ids, self._shots = (np.concatenate([each, np.zeros(new, np.int64)]) for each in (self._ids, self._shots))
        self._tones = np.concatenate([self._tones, np.zeros((TONES, new), np.float32)], axis=1)
        self._spectra = np.concatenate([self._spectra, np.zeros((SPECTRUM, new), np.float32)], axis=1)


def _distances(this: Floats, kept: Sequence[bytes]) -> list[float]:
    """From a picture's small copy to each of some that were kept: by details of the few that its edges fit best, until
    one is a copy for sure; others have nothing in common. Where an older version kept edges only, they say all.
    """
    import numpy as np

    mirrors, ways = lay(in_cells(directions(this)), np.stack([edges(each) for each in kept]))
    cosines = mirrors.max(axis=1)
    away = [NOTHING_IN_COMMON] * len(kept)
    finalists = 0
    for at in np.argsort(-cosines):
        other = planes(kept[at])
        if other is None:
            away[at] = (1 - float(cosines[at])) * NOTHING_IN_COMMON
        elif cosines[at] >= _LYING and finalists < _FINALISTS:
            least = cosines[at] - (0 if finalists else _MIRRORED)
            best = [mirror for mirror in np.argsort(-mirrors[at])[:2] if mirrors[at][mirror] >= least]
            away[at] = min(distance(this, other, ways[at][mirror]) for mirror in best)
            finalists += 1
            if away[at] <= _SURE:
                break
    return away
