"""Which motif an idea is of: the same prompt, the same root, or a title that differs in no more than a word.

A title counts by its telling words. Keys are hashes: two sets of words that differ in one word have a key in common,
that of the words without it, so that an idea is placed by a dozen look-ups, however many there are. Where no key is
known, an idea joins a motif that means the same, if a writer's vectors say so. Only a motif's first idea is compared
with: through a chain of small steps everything would be one motif.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from stockgen.domain.words import Idea
from stockgen.ledger import Ledger, Row
from stockgen.pipeline.baskets.alike import telling

SAME = 3  # telling words from which equal titles are one motif
COMMON = 6  # telling words that two titles must share for one word not to matter


def place(ledger: Ledger, idea: int, prompt: str, root: str, title: str, now: float, alike: Sequence[str] = ()) -> int:
    """Give an idea its motif, an old one or a new one, and return it. To be called inside `atomic`.

    `alike`: prompts of earlier ideas that mean the same (`Novelty.alike`); asked where no key finds a motif.
    """
    own, titled = _own(prompt, root), list(_titled(title))
    motif = ledger.motifs.known([*own, *titled]) or next(_begun_by(ledger, alike), None)
    if motif is None:
        motif = ledger.motifs.add(root or prompt, now)
        ledger.motifs.teach(motif, [*own, *titled])
    else:
        ledger.motifs.teach(motif, own)
    ledger.motifs.assign(idea, motif)
    return motif


def known_to_others(ledger: Ledger, idea: Idea, job: str) -> bool:
    """Whether another job than `job` has ideas of the motif that this one would be of."""
    motif = ledger.motifs.known([*_own(idea.prompt, idea.root), *_titled(idea.title["en"])])
    return motif is not None and ledger.motifs.of_others(motif, job)


def place_old(ledger: Ledger, now: float) -> None:
    """Give their motifs to the ideas that an older version planned."""
    while rows := ledger.motifs.without():
        with ledger.atomic():
            for row in rows:
                place(ledger, row["id"], row["prompt"], "", row["title_en"], now)


def takes(rows: Iterable[Row], given: Mapping[int, int], per_motif: int) -> int:
    """How many of these pictures (rows of `motif_id`, `n`) a market takes; `given`: what it has of each motif."""
    counts = Counter[int]()
    for row in rows:
        counts[row["motif_id"]] += row["n"]
    return sum(min(count, max(0, per_motif - given.get(motif, 0))) for motif, count in counts.items())


def _begun_by(ledger: Ledger, prompts: Sequence[str]) -> Iterator[int]:
    """Motifs whose first idea has one of these prompts."""
    for prompt in prompts:
        motif = ledger.motifs.known([_key("prompt", _folded(prompt))])
        if motif is not None and _folded(ledger.motifs.first(motif)) == _folded(prompt):
            yield motif


def _own(prompt: str, root: str) -> list[int]:
    """Keys of a prompt, and of its root where it has one."""
    return [_key("prompt", _folded(prompt)), *([_key("root", _folded(root))] if root else [])]


def _titled(title: str) -> Iterator[int]:
    """Keys of a title: all of its telling words, and all but each one."""
    words = sorted(telling(title))
    if len(words) >= SAME:
        yield _key("title", *words)
    if len(words) > COMMON:
        for left_out in words:
            yield _key("title", *(word for word in words if word != left_out))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _key(*parts: str) -> int:
    """64 bits of a text, signed as SQLite keeps them."""
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
