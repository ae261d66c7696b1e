"""What planning does for orders that are to be like a picture: the picture is copied, and what was made is not made
again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from stockgen.domain.words import Idea, Look
from stockgen.ledger import Ledger
from stockgen.pipeline.likes.picture import copied
from stockgen.pipeline.motifs import known_to_others
from stockgen.pipeline.places import Places
from stockgen.pipeline.planning import Planning

SPARE = 60  # ideas that may be passed over because there is a picture of them


def keep_picture(ledger: Ledger, places: Places, planning: Planning, index: int, look: Look) -> None:
    """Copy the picture that an order is to be like, for models that look at it: its owner may do with it as they like
    from now on. A program that draws does not look. Raises StorageFull, StorageLost; then nothing has changed.
    """
    order = planning.orders[index]
    if not order.like or order.like.image or look == "drawn":
        return
    picture = ledger.finding.named(order.like.name)
    image = copied(places.outbox / picture["path"], places.references) if picture else ""
    if not image:
        planning.tell("plan.like_gone", order.line, name=order.like.name)
        return
    planning.orders[index] = replace(order, like=replace(order.like, image=image))
    with ledger.atomic():
        ledger.jobs.reword(planning.job["id"], index, planning.orders[index])


def new_first(ledger: Ledger, job: str, ideas: Iterator[Idea], count: int) -> Iterator[Idea]:
    """`count` of the ideas of a job: those first that no other job has, as a reviewer sees it."""
    passed: list[Idea] = []
    for idea in ideas:
        if count <= 0:
            return
        if known_to_others(ledger, idea, job):
            passed.append(idea)
            continue
        count -= 1
        yield idea
    yield from islice(passed, count)
