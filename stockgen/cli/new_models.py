"""Commands about models that are new: adding one to the catalogue, and trying one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stockgen.cli.bought import refuse_to_try
from stockgen.cli.desk import Session
from stockgen.cli.models import named, size, tell_facts
from stockgen.domain.errors import NotConfigured, RenderError, Unfit, UsageError
from stockgen.domain.words import Remark
from stockgen.lock import holder

if TYPE_CHECKING:
    from stockgen.gpu.findings import Finding

Json = Annotated[bool, typer.Option("--json")]
WORDS = "a lighthouse on a cliff at sunrise, calm sea, soft light"  # where nobody gives any


def add(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    context: typer.Context,
    source: str,
    call_it: Annotated[str, typer.Option("--name")] = "",
    may_sell: Annotated[bool, typer.Option("--may-sell")] = False,
    not_for_sale: Annotated[bool, typer.Option("--not-for-sale")] = False,
    trigger: Annotated[str | None, typer.Option("--trigger")] = None,
    weight: Annotated[float | None, typer.Option("--weight")] = None,
    licence: Annotated[str | None, typer.Option("--licence")] = None,
) -> int:
    """Put a model or a LoRA of the hub, a folder or a file into one's own catalogue; also what cuts out or enlarges."""
    from stockgen.app import added
    from stockgen.app.adding import check_provider, entry, find, free_name
    from stockgen.cli.new_loras import Asked, add_lora
    from stockgen.cli.new_onnx import add_onnx
    from stockgen.data.catalog import load_refused
    from stockgen.gpu.hub import Hub
    from stockgen.gpu.lora_findings import LoraFinding
    from stockgen.gpu.repository import token_of
    from stockgen.inference.reading import OnnxFinding

    session: Session = context.obj
    if may_sell and not_for_sale:
        raise UsageError("add_both")
    catalogue, again = session.catalogue, f"stockgen models add {source}"
    found = find(
        source, Hub(again, token_of(os.environ, catalogue.secrets)), load_refused(catalogue.shelf), session.say.language
    )
    sold = True if may_sell else False if not_for_sale else None
    if isinstance(found, LoraFinding):
        return add_lora(session, source, found, Asked(call_it, licence, trigger, weight, sold))
    if isinstance(found, OnnxFinding) and trigger is None and weight is None:
        return add_onnx(session, source, found, Asked(call_it, licence, sellable=sold))
    if isinstance(found, OnnxFinding) or trigger is not None or weight is not None or licence is not None:
        raise UsageError("add_no_lora", found=source)
    check_provider(found)
    name = free_name(call_it, found.source, catalogue.models)
    _tell_found(session, found, name)
    if not (may_sell or not_for_sale or session.ask(Remark("models.ask_sell"))):
        session.tell(Remark("models.not_added", facts={"command": again}))
        return 1
    file = added.add(catalogue.my, name, entry(name, found, not not_for_sale, catalogue.models))
    _tell_added(session, found, name, file, sellable=not not_for_sale)
    return 0


def try_(
    context: typer.Context,
    model: str,
    words: Annotated[list[str] | None, typer.Argument()] = None,
    out: Annotated[Path | None, typer.Option("--out")] = None,
    as_json: Json = False,
) -> int:
    """One picture now."""
    from random import SystemRandom

    from stockgen.app.trying import as_png, try_
    from stockgen.cli.bars import of_steps
    from stockgen.domain.times import SystemClock

    session: Session = context.obj
    found = named(session, model)
    if found.role != "model":
        raise UsageError("try_part", model=found.name)
    refuse_to_try(found, session)
    target = out or Path(f"try-{found.name}.png")
    prompt, seed = " ".join(words or ()) or WORDS, SystemRandom().getrandbits(32)
    with _explained(session), of_steps(lambda state: session.say(f"lane.{state}")) as told:
        outcome, raw = try_(session.catalogue, found, prompt, seed, SystemClock(), told)
    as_png(raw, target)
    facts = {"seed": seed, **outcome.facts}
    if as_json:
        session.json({"path": str(target), "seconds": round(outcome.seconds, 2), "prompt": prompt, "facts": facts})
        return 0
    session.tell(Remark("models.tried", facts={"path": str(target), "seconds": outcome.seconds, "prompt": prompt}))
    tell_facts(session, facts)
    return 0


@contextmanager
def _explained(session: Session) -> Iterator[None]:
    """Errors of a picture are told as what ended this one: nobody tries it again, and no other provider follows."""
    try:
        yield
    except (NotConfigured, Unfit):
        raise
    except RenderError as error:
        known = f"reason.{error.code}"
        why = Remark(known) if session.say.has(known) else Remark("reason.other", facts={"reason": str(error)})
        raise RenderError("try_failed", why=why) from error


def _tell_found(session: Session, found: Finding, name: str) -> None:
    from stockgen.app.adding import UNKNOWN, is_noncommercial

    licence = found.licence or UNKNOWN
    facts = {"source": found.source, "pipeline": found.pipeline, "provider": found.provider, "size": size(found.bytes)}
    session.tell(Remark("models.found", facts=facts | {"name": name}))
    session.tell(Remark("models.licence", facts={"licence": f"{licence} {found.licence_url}".strip()}))
    if is_noncommercial(licence):
        session.tell(Remark("models.noncommercial"))
    if found.gated:
        session.tell(Remark("models.gated", facts={"page": f"https://huggingface.co/{found.source}"}))


def _tell_added(session: Session, found: Finding, name: str, file: Path, *, sellable: bool) -> None:
    session.tell(Remark("models.added", facts={"name": name, "path": str(file)}))
    if not sellable:
        session.tell(Remark("models.trying_only", facts={"name": name}))
    if found.base:
        session.tell(Remark("models.needs_base", facts={"base": found.base}))
    if found.base or found.revision:
        session.tell(Remark("models.pull_next", facts={"command": f"stockgen models pull {name}"}))
    session.tell(Remark("models.check_steps", facts={"path": str(file)}))
    if holder(session.state) is not None:
        session.tell(Remark("models.restart"))
