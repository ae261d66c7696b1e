"""What `stockgen models add` says and asks of a LoRA."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stockgen.cli.desk import Session
from stockgen.cli.models import size
from stockgen.domain.errors import UsageError
from stockgen.domain.words import Remark
from stockgen.lock import holder

if TYPE_CHECKING:
    from stockgen.gpu.lora_findings import LoraFinding

HEAVIEST = 2.0  # of a weight (data/catalog.py)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed besides its name. None = ask for it, or take what the file says."""

    name: str = ""
    licence: str | None = None
    trigger: str | None = None
    weight: float | None = None
    sellable: bool | None = None


def add_lora(session: Session, source: str, found: LoraFinding, asked: Asked) -> int:
    """Ask what is not known, and write its entry; the exit code."""
    from stockgen.app import added
    from stockgen.app.adding_loras import Answers, lora_entry, name_of

    if asked.weight is not None and not 0 <= asked.weight <= HEAVIEST:
        raise UsageError("add_weight", found=f"{asked.weight:g}")
    catalogue = session.catalogue
    name = name_of(asked.name, found, catalogue.models)
    _tell(session, found, name)
    licence = asked.licence if asked.licence is not None else found.licence or _typed(session, "models.ask_licence")
    _tell_licence(session, found, licence)
    trigger = asked.trigger if asked.trigger is not None else _trigger(session, found.said.trigger)
    sellable = asked.sellable if asked.sellable is not None else session.ask(Remark("models.ask_sell")) or None
    if sellable is None:
        session.tell(Remark("models.not_added", facts={"command": f"stockgen models add {source}"}))
        return 1
    answers = Answers(licence, sellable, trigger, asked.weight)
    file = added.add(catalogue.my, name, lora_entry(name, found, answers, catalogue.my))
    _tell_added(session, found, name, file, sellable=sellable)
    return 0


def _trigger(session: Session, known: str) -> str:
    """What is typed; nothing = what the file says, `-` = none."""
    typed = _typed(session, "models.ask_trigger_known" if known else "models.ask_trigger", words=known)
    return "" if typed == "-" else typed or known


def _typed(session: Session, question: str, **facts: object) -> str:
    return session.typed(Remark(question, facts=facts))


def _tell(session: Session, found: LoraFinding, name: str) -> None:
    facts = {"source": found.source, "made_for": found.known.made_for, "size": size(found.bytes),
             "rank": found.known.rank, "name": name}  # fmt: skip
    session.tell(Remark("models.found_lora", facts=facts))
    if found.said.base:
        session.tell(Remark("models.lora_base", facts={"base": found.said.base}))
    if found.said.trigger:
        session.tell(Remark("models.lora_trigger", facts={"words": found.said.trigger}))


def _tell_licence(session: Session, found: LoraFinding, licence: str) -> None:
    from stockgen.app.adding import UNKNOWN, is_noncommercial

    told = f"{licence or UNKNOWN} {found.licence_url}".strip()
    session.tell(Remark("models.licence", facts={"licence": told}))
    if is_noncommercial(licence):
        session.tell(Remark("models.noncommercial"))
    if found.of_dev:
        session.tell(Remark("models.lora_of_dev"))
    if found.gated:
        session.tell(Remark("models.gated", facts={"page": f"https://huggingface.co/{found.source}"}))


def _tell_added(session: Session, found: LoraFinding, name: str, file: Path, *, sellable: bool) -> None:
    session.tell(Remark("models.added", facts={"name": name, "path": str(file)}))
    if not sellable:
        session.tell(Remark("models.trying_only", facts={"name": name}))
    if found.revision:
        session.tell(Remark("models.pull_next", facts={"command": f"stockgen models pull {name}"}))
    session.tell(Remark("models.lora_next", facts={"name": name}))
    if holder(session.state) is not None:
        session.tell(Remark("models.restart"))
