"""A job file's bytes as this installation would make them: read, lint, successors, and what its author is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stockgen.app.checking import meaning, too_light, unmakeable, unsaid, unsold, unwanted
from stockgen.app.cutting import cut_away
from stockgen.app.liking import likened
from stockgen.app.linting import saleable
from stockgen.app.needing import needed
from stockgen.app.retiring import leaving, succeeded
from stockgen.app.seasonal import settled
from stockgen.app.wearing import styled, unsold_loras
from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest, Order, Remark
from stockgen.jobfile import read
from stockgen.modes import understood as words_of
from stockgen.pipeline.sizing import final_size

if TYPE_CHECKING:
    from stockgen.app.catalogue import Catalogue
    from stockgen.ledger import Ledger

THOUGHT_OF = ("keyword", "dynamic")  # modes whose pictures are described as what a model would draw


def understood(catalogue: Catalogue, data: bytes, name: str, preset: str, ledger: Ledger | None) -> JobRequest:
    """What `Catalogue.read` promises. Raises JobFileError with every fault."""
    request = likened(read(data, name, catalogue.known, preset), catalogue, ledger)
    request = styled(catalogue, request)
    request = saleable(request, catalogue.lint, catalogue.material)
    request, told = _with_successors(catalogue, request)
    for order in request.orders:
        final_size(order, catalogue.markets)  # markets that exclude each other are told while somebody can mend it
        told += leaving(order, catalogue.chains.used(order.model), catalogue.succession)
    orders, more = _said(catalogue, request.orders)
    told += more
    if any(_unseen(catalogue, order) for order in orders):
        told.append(Remark("plan.drawn"))
    return settled(replace(request, orders=tuple(orders), remarks=(*request.remarks, *told)), catalogue, ledger)


def _unseen(catalogue: Catalogue, order: Order) -> bool:
    """Whether its pictures are drawn by a program that can't draw what it names."""
    drawing = order.akin and order.like is not None and order.like.sort in catalogue.families
    return order.mode in THOUGHT_OF and not drawing and catalogue.chains.first_look(order.model) == "drawn"


def _with_successors(catalogue: Catalogue, request: JobRequest) -> tuple[JobRequest, list[Remark]]:
    """With the models that took the place of those that are gone. Raises JobFileError where nobody can make it."""
    present = [succeeded(order, catalogue.succession) for order in request.orders]
    nobody = [one for order, remarks in present for one in unmakeable(order, catalogue.chains, remarks)]
    if nobody:
        raise JobFileError("job_file", nobody)
    told = [one for _, remarks in present for one in remarks]
    return replace(request, orders=tuple(order for order, _ in present)), told


def _said(catalogue: Catalogue, given: Sequence[Order]) -> tuple[list[Order], list[Remark]]:
    """The orders with unwanted things in English, and what is told of their words, their markets and their kinds.

    Raises JobFileError where nothing of some can be drawn, or nobody can give what they need.
    """
    orders: list[Order] = []
    told: list[Remark] = unsold_loras(catalogue, given)
    nothing: list[Remark] = []
    try:
        told += needed(catalogue, given)
    except JobFileError as error:
        nothing += error.remarks
    for one in given:
        order, remarks = unwanted(one, catalogue.material, catalogue.prompting.unwanted)
        orders.append(order)
        told += remarks
        try:
            told += meaning(order, words_of(order, catalogue.material), bool(catalogue.writers))
        except JobFileError as error:
            nothing += error.remarks
        told += cut_away(order, catalogue.material)
        told += unsaid(order, catalogue.markets) + unsold(order, catalogue.markets)
        told += too_light(order, catalogue.markets, catalogue.chains.first_look(order.model))
    if nothing:
        raise JobFileError("job_file", nothing)
    return orders, told
