"""Orders that no market would take are not made: found while their author can mend them, and before a card is warm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stockgen.data.lint import SILENT, Hit, Lint
from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest, Order, Remark
from stockgen.jobfile.findings import shown
from stockgen.modes import understood
from stockgen.modes.material import Material
from stockgen.modes.wording import is_latin


def saleable(request: JobRequest, lint: Lint, material: Material) -> JobRequest:
    """The job without the orders that a name costs, and without refused words in titles and tags; each is told.

    What should not be seen (`negative_prompt`) may name anything. Raises JobFileError where no order is left.
    """
    kept: list[Order] = []
    lost: list[Remark] = []
    cleared: list[Remark] = []
    for order in request.orders:
        spoken = _spoken_for(order, material)
        hits = {hit.name: hit for text in _seen(order, material) for hit in lint.found(text) if hit.name not in spoken}
        if hits:
            lost += [_told(order, hit) for hit in hits.values()]
        else:
            clean, told = _said(order, lint)
            kept.append(clean)
            cleared += told
    if not kept:
        raise JobFileError("job_file", lost)
    return replace(request, orders=tuple(kept), remarks=(*request.remarks, *lost, *cleared))


def _seen(order: Order, material: Material) -> Iterator[str]:
    """Everything of an order that may come into a prompt, as its author wrote it or as it is understood."""
    yield from (order.subject, order.prompt, order.theme, order.style, material.style(order).prompt)
    yield understood(order, material).meant


def _spoken_for(order: Order, material: Material) -> frozenset[str]:
    """Korean names of a subject for which the vocabulary has words of its own, so that the name comes into no prompt:
    포스트잇 is drawn as sticky notes.
    """
    if order.mode != "keyword":
        return frozenset()
    reading = material.reader.read(order.subject)
    words = [word for subject in reading.subjects for word in subject.words]
    words += [word for how in reading.words for word in how.words]
    return frozenset(word for word in words if not is_latin(word))


def _told(order: Order, hit: Hit) -> Remark:
    facts = {"subject": shown(order.subject or order.prompt or order.theme or order.style), "name": hit.name}
    return Remark(f"lint.{hit.kind}", order.line, facts)


def _said(order: Order, lint: Lint) -> tuple[Order, list[Remark]]:
    """The order with what may stand in its title and tags, and what was taken out."""
    told = []
    named = lint.found(order.title)
    title = lint.without(order.title, but=SILENT) if named else order.title
    if named:
        told.append(Remark("lint.title", order.line, {"found": [hit.words for hit in named]}))
    refused = [tag for tag in order.tags if lint.found(tag)]
    if refused:
        told.append(Remark("lint.tags", order.line, {"found": refused}))
    return replace(order, title=title, tags=tuple(tag for tag in order.tags if tag not in refused)), told
