"""Orders for pictures like one of ours: the picture is looked up, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest, Order, Remark
from stockgen.modes.looks import colours_said
from stockgen.pipeline.likes.look import Here, alike
from stockgen.pipeline.likes.original import Original, original
from stockgen.pipeline.likes.picture import colours_of

if TYPE_CHECKING:
    from stockgen.app.catalogue import Catalogue
    from stockgen.ledger import Ledger


def likened(request: JobRequest, catalogue: Catalogue, ledger: Ledger | None) -> JobRequest:
    """The job with the look of each picture in the orders that are to be like it. `ledger`: None = nothing was ever
    made here. Raises JobFileError with every name that is not one of our pictures'.
    """
    if not any(order.like for order in request.orders):
        return request
    orders: list[Order] = []
    told: list[Remark] = []
    faults: list[Remark] = []
    for order in request.orders:
        try:
            found, remarks = _likened(order, catalogue, ledger)
            orders.append(found)
            told += remarks
        except JobFileError as error:
            faults += error.remarks
    if faults:
        raise JobFileError("job_file", faults)
    return replace(request, orders=tuple(orders), remarks=(*request.remarks, *told))


def _likened(order: Order, catalogue: Catalogue, ledger: Ledger | None) -> tuple[Order, list[Remark]]:
    if order.like is None or order.like.shot:
        return order, []
    if ledger is None:
        facts = {"found": order.like.name, "nearest": ""}
        raise JobFileError("job_file", [Remark("job_file.like_unknown", order.line, facts)])
    of = original(ledger, order.like.name, order.line)
    if of.order.kind == "element" and _grounded(order):
        raise JobFileError("job_file", [Remark("job_file.like_element", order.line, {"name": of.name})])
    cut = of.order.cut
    colours = colours_of(of.picture, catalogue.config.outbox.path, cut=cut)
    here = Here(
        _model(of, catalogue), {*catalogue.known.loras.values()}, catalogue.markets.keys(), colours, catalogue.material
    )
    found = alike(order, of, here)
    return found, list(_told(found, order, of, here, catalogue))


def _grounded(order: Order) -> bool:
    """Whether its author says that it is to have a background, and not what kind it is."""
    said = order.like.said if order.like else ()
    return "transparent" in said and not order.transparent and "kind" not in said


def _model(of: Original, catalogue: Catalogue) -> str:
    """The name by which whoever made it can be asked once more; "" = it is not set up any more."""
    chains = catalogue.chains
    names = [of.provider] if chains.own.get(of.provider, of.model) in (of.model, "") else []
    names += [of.model] if chains.models.get(of.model) == of.provider else []
    return next((name for name in reversed(names) if chains.resolve((name,)).chain), "")


def _told(order: Order, asked: Order, of: Original, here: Here, catalogue: Catalogue) -> Iterator[Remark]:
    """What its author hears of the picture, and of what could not be taken from it."""
    name, line = of.name, order.line
    colours = colours_said(order.palette, catalogue.language, here.material)
    title = of.idea.title[catalogue.language]
    yield Remark("plan.like", line, {"name": name, "title": title, "colours": colours or "–"})
    if not here.model and asked.like and "model" not in asked.like.said:
        made = of.model or of.provider
        yield Remark("plan.like_model", line, {"name": name, "made": made, "model": list(order.model)})
    gone = [one.name for one in of.order.lora if one.name not in here.loras]
    if gone and asked.like and "lora" not in asked.like.said:
        yield Remark("plan.like_lora", line, {"name": name, "loras": gone})
    if of.picture["state"] == "dropped":
        yield Remark("plan.like_dropped", line, {"name": name})
    if of.picture["refused"]:
        yield Remark("plan.like_refused", line, {"name": name, "markets": of.picture["refused"]})
