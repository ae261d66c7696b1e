"""What else there is of the sort of a picture's subject."""

from __future__ import annotations

import re
from random import Random

from stockgen.data.clauses import clauses
from stockgen.data.vocabulary import DEFAULT_CATEGORY, Subject, plain
from stockgen.domain.words import Idea, Like, Order
from stockgen.modes.avoiding import Avoiding
from stockgen.modes.material import Material, shuffled
from stockgen.modes.reading import Reading

ENOUGH = 12  # subjects of one group; where there are fewer, their category's others follow
_WHERE = re.compile(r"\b(?:with|on|in|by|under|at|over|of|from|beside|behind|near|against|and|among|between)\b")


class Unlike:
    """Knows what a picture shows, in all words for it; the others show something else."""

    def __init__(self, like: Like, material: Material) -> None:
        subjects = material.reader.read(like.about).subjects
        what = subjects[0].en if subjects else _head(like.about, material)
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
    their category, then what is usually of their colours; patterns where it is a drawing, and all that there are where
    its sort is not known.
    """
    unlike = Unlike(like, material)
    others = [one for one in material.vocabulary.subjects.values() if not unlike.same(one)]
    sort = DEFAULT_CATEGORY if like.sort in material.families else like.sort
    near = [one for one in others if sort and sort in (one.group, one.category)] or others
    categories = {one.category for one in near}
    colours = {name for one in near for name in one.palettes[:1]}
    found = shuffled(near, rng)
    if len(found) < ENOUGH:
        found += shuffled([one for one in others if one not in near and one.category in categories], rng)
    if len(found) < ENOUGH:
        found += shuffled([one for one in others if one not in found and colours & {*one.palettes[:1]}], rng)
    return [Reading.of(one) for one in found]


def _head(about: str, material: Material) -> str:
    """What words that the vocabulary does not know speak of: `brass bell` of "a single brass bell on a sill"."""
    first = _WHERE.split(plain(about), maxsplit=1)[0]
    known = {one for word in material.vocabulary.words for one in word.split()}
    return " ".join(word for word in material.reader.telling(first) if plain(word) not in known)
