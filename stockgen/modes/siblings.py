"""What else there is of the sort of a picture's subject."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from stockgen.data.clauses import clauses
from stockgen.data.vocabulary import DEFAULT_CATEGORY, Subject
from stockgen.domain.words import Idea, Like, Order
from stockgen.modes.avoiding import Avoiding
from stockgen.modes.material import Material, shuffled
from stockgen.modes.reading import Reading

ENOUGH = 12  # subjects of one group; where there are fewer, their category's others follow


class Unlike:
    """Knows what a picture shows, in all words for it; the others show something else."""

    def __init__(self, like: Like, material: Material) -> None:
        subjects = material.reader.read(like.about).subjects
        what = subjects[0].en if subjects else like.about
        self._avoiding = Avoiding(Order(mode="dynamic", count=1, avoid=(what,) if what else ()), material)

    def same(self, subject: Subject) -> bool:
        """Whether it is what the picture shows."""
        return self._avoiding.named_in(subject.en, subject.ko, subject.told)

    def shown(self, idea: Idea) -> bool:
        """Whether an idea is of what the picture shows. The words about its look may name it: cherry blossom pink."""
        first = clauses(idea.prompt)[:1]
        return self._avoiding.named_in(*first, *idea.title.values())


def siblings(like: Like, material: Material, rng: Random) -> list[Reading]:
    """Subjects of the picture's sort but not its own: those of its group first, where these are few then others of
    their category; patterns where it is a drawing, and all that there are where its sort is not known.
    """
    unlike, subjects = Unlike(like, material), list(material.vocabulary.subjects.values())
    sort = DEFAULT_CATEGORY if like.sort in material.families else like.sort
    near = [one for one in subjects if sort and sort in (one.group, one.category)]
    found = _shuffled((one for one in near if not unlike.same(one)), rng)
    if len(found) < ENOUGH:
        categories = {one.category for one in near} or {one.category for one in subjects}
        wider = (one for one in subjects if one.category in categories and one not in near and not unlike.same(one))
        found += _shuffled(wider, rng)
    return [Reading.of(one) for one in found]


def _shuffled(subjects: Iterator[Subject], rng: Random) -> list[Subject]:
    return shuffled(list(subjects), rng)
