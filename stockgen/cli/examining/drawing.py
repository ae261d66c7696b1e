"""What draws on this computer: packages, cards and their drivers, models and whether they fit."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from stockgen.cli.called import again
from stockgen.cli.desk import Session
from stockgen.cli.examining.findings import GIB, Finding
from stockgen.domain.words import Remark

if TYPE_CHECKING:
    from stockgen.config import Config
    from stockgen.gpu.installed import Torch


def packages(session: Session) -> Iterator[Finding]:
    there = all(find_spec(name) is not None for name in ("torch", "diffusers"))
    yield True, Remark("doctor.local" if there else "doctor.no_local")


def cards(session: Session) -> Iterator[Finding]:
    """Every card that is there, and why image models have none; that is a fault only where one is set up."""
    from stockgen.gpu.cards import absent, on_bus

    catalogue, wanted = session.catalogue, session.catalogue.config.gpu.devices
    for card in catalogue.cards:
        size = {"free": f"{card.free / GIB:.1f}", "total": f"{card.total / GIB:.1f}"}
        yield True, Remark("doctor.card", facts={"index": card.index, "name": card.name, "driver": card.driver} | size)
    for index in absent(wanted, catalogue.cards):
        known = ", ".join(str(card.index) for card in catalogue.cards) or "–"
        yield False, Remark("doctor.card_absent", facts={"index": index, "known": known})
    kinds = {one.device for one in catalogue.devices}
    if "mps" in kinds:
        yield True, Remark("doctor.apple")
    if "cpu" in kinds:
        yield True, Remark("doctor.processor")
    if not kinds and not catalogue.cards:
        # Without a card pictures are drawn by program, and that is fine; a card that can't be used is not.
        yield not on_bus(), Remark("doctor.no_card", facts={"why": _why_none(session)})


def _why_none(session: Session) -> Remark:
    driver = session.catalogue.driver
    whys = {
        "no_library": "doctor.why_no_library", "no_driver": "doctor.why_no_driver", "failed": "doctor.why_failed",
    }  # fmt: skip
    return Remark(whys.get(driver.why, "doctor.why_none"), facts={"detail": driver.detail})


def torch(session: Session) -> Iterator[Finding]:
    """Whether the installed torch can use each card."""
    from stockgen.gpu.installed import torch_here

    yield from suited(torch_here(), session)


def suited(here: Torch | None, session: Session) -> Iterator[Finding]:
    """The same of any torch; None = none is installed, which another check tells."""
    from stockgen.gpu.installed import unsuited

    for card in session.catalogue.cards if here else ():
        wrong = unsuited(here, card) if here else None
        if wrong is not None:
            yield False, wrong


def memory(session: Session, total: int | None = None) -> Iterator[Finding]:
    """Whether the computer's own memory holds each model while it is loaded, and while its parts wait for their turn.
    `total`: bytes of it, None = as the kernel says.
    """
    from stockgen.gpu.device import all_memory
    from stockgen.gpu.forecast import need

    here = total if total is not None else all_memory()
    for name in _of_card(session) if session.catalogue.devices else ():
        if session.catalogue.providers[name].missing() is not None:
            continue
        model = session.catalogue.models.get(session.catalogue.specs[name].options.get("model", ""))
        wanted = need(model) if model is not None and model.memory is not None else None
        least = sum(wanted.parts.values()) if wanted else 0
        if here < least:
            facts = {"model": model.name if model else "", "needed": f"{least / GIB:.1f}", "total": f"{here / GIB:.1f}"}
            yield None, Remark("doctor.memory_low", facts=facts | {"stockgen": again(session)})


def providers(session: Session) -> Iterator[Finding]:
    """Each provider that needs a card: is it ready, or what is missing? Several are set up by default, and nobody needs
    the files of all: where one is ready, another whose files were never fetched is no fault.
    """
    names = _of_card(session) if session.catalogue.devices else ()
    lacks = {name: session.catalogue.providers[name].missing() for name in names}
    for name, why in lacks.items():
        if why is None:
            yield True, Remark("doctor.ready", facts={"provider": name})
        elif why.code == "weights_missing" and None in lacks.values():
            yield True, Remark("doctor.unused", facts={"provider": name, "why": why.remark})
        else:
            yield False, Remark("doctor.not_ready", facts={"provider": name, "why": why.remark})


def plans(session: Session) -> Iterator[Finding]:
    """How each card would hold the model of each provider, by the catalogue's figures and what is free now."""
    from stockgen.gpu.forecast import forecast, manner

    catalogue = session.catalogue
    for name in _of_card(session):
        options = catalogue.specs[name].options
        model, refiner = (catalogue.models.get(options.get(key, "")) for key in ("model", "refiner"))
        if model is None or model.memory is None:
            continue
        for card in catalogue.cards:
            plan = forecast(model, card.free, refiner)
            facts = {"model": model.name, "index": card.index, "free": f"{card.free / GIB:.1f}"}
            if plan is None:
                yield False, Remark("doctor.plan_none", facts=facts | {"stockgen": again(session)})
            else:
                told = {"how": Remark(f"plan_name.{manner(plan)}"), "batch": plan.batch}
                yield True, Remark("doctor.plan", facts=facts | told)


def retouchers(session: Session) -> Iterator[Finding]:
    """The models that cut out and enlarge: are they here, where something wants them?"""
    catalogue = session.catalogue
    finish = catalogue.config.finish
    for name, wanted in ((finish.cutout, _cuts(catalogue.config)), (finish.upscale, finish.upscale != "lanczos")):
        why = catalogue.kit.missing(name)
        if why is None and name != "lanczos":
            yield True, Remark("doctor.retoucher", facts={"model": name})
        elif why is not None and wanted:
            yield False, Remark("doctor.no_retoucher", facts={"model": name, "why": why.remark})


def _cuts(config: Config) -> bool:
    """Whether the config itself orders pictures without a background, or names who cuts them out."""
    orders = [*config.presets.values(), *(one.job for one in config.schedules.values())]
    named = config.finish.cutout != type(config.finish)().cutout
    return named or any("transparent" in order or order.get("kind") == "element" for order in orders)


def _of_card(session: Session) -> list[str]:
    return sorted(name for name, one in session.catalogue.providers.items() if one.place == "gpu")
