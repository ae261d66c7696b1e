"""LoRAs where config, job files and catalogue meet: their names, those of styles, and what is told of them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stockgen.domain.errors import NotConfigured
from stockgen.domain.words import JobRequest, Lora, Order, Remark
from stockgen.jobfile.names import fold
from stockgen.jobfile.nearest import nearest

if TYPE_CHECKING:
    from stockgen.app.catalogue import Catalogue
    from stockgen.config.model import Style


def lora_names(catalogue: Catalogue) -> dict[str, str]:
    """alias in lower case → name, of every LoRA that there is now; files are listed, none is read."""
    models = catalogue.models
    words = {name: (*(models[name].aliases if name in models else ()), name) for name in catalogue.loras.names()}
    return {alias: name for name, each in words.items() for word in each for alias in (fold(word), word.lower())}


def styled(catalogue: Catalogue, request: JobRequest) -> JobRequest:
    """The orders with the model and the LoRAs of their styles. Whatever an order names itself stays; `auto`, and what
    the config has as its default, is what an order has that names no model.
    """
    styles = {name: one for name, one in catalogue.config.styles.items() if one.model or one.lora}
    if not styles:
        return request
    return replace(request, orders=tuple(_styled(catalogue, one, styles) for one in request.orders))


def _styled(catalogue: Catalogue, order: Order, styles: Mapping[str, Style]) -> Order:
    style = styles.get(order.style)
    if style is None:
        return order
    known = catalogue.known
    if style.model and order.model == known.defaults.model:
        order = replace(order, model=(known.models.get(fold(style.model), style.model),))
    if style.lora and not order.lora:
        worn = [Lora(known.loras.get(fold(one.name), one.name), one.weight) for one in style.lora]
        order = replace(order, lora=tuple(worn))
    return order


def style_faults(catalogue: Catalogue) -> Iterator[Remark]:
    """LoRAs that styles name and that are not there, with the nearest."""
    named = [(f"styles.{name}.lora", one.name) for name, style in catalogue.config.styles.items() for one in style.lora]
    known = lora_names(catalogue) if named else {}
    for where, name in named:
        if fold(name) in known or name.lower() in known:
            continue
        near = known.get(nearest(name, sorted(known)), "")
        facts = {"where": where, "found": name}
        yield (
            Remark("error.config_lora_near", facts=facts | {"nearest": near})
            if near
            else Remark("error.config_lora", facts=facts)
        )


def unsold_loras(catalogue: Catalogue, orders: Sequence[Order]) -> list[Remark]:
    """What is told of LoRAs whose pictures may not be sold, each once."""
    told: dict[str, Remark] = {}
    for order in orders:
        for one in order.lora:
            if one.name not in told and (remark := _unsold(catalogue, one.name)) is not None:
                told[one.name] = replace(remark, line=order.line)
    return [*told.values()]


def _unsold(catalogue: Catalogue, name: str) -> Remark | None:
    try:
        found = catalogue.loras.find(name)
    except NotConfigured:
        return None  # whoever is asked to draw with it says so
    if found.model.sellable:
        return None
    if name in catalogue.models:
        return Remark("plan.lora_unsold", facts={"lora": name, "licence": found.model.licence})
    command = f"stockgen models add {shlex.quote(str(found.file))}"
    return Remark("plan.lora_unknown", facts={"lora": name, "command": command})
