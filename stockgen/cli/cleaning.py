"""`stockgen clean`: what can be thrown away, and by order the throwing away."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Annotated

import typer

from stockgen.cli.desk import Session
from stockgen.cli.models import size
from stockgen.domain.errors import StateHeld
from stockgen.domain.times import SystemClock
from stockgen.domain.words import Remark
from stockgen.lock import holder

KIND = "clean.kind."  # what a remark about one kind begins with


def clean(
    context: typer.Context,
    spares: Annotated[bool, typer.Option("--spares")] = False,
    apply: Annotated[bool, typer.Option("--apply")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Say what can be thrown away and how much that frees; with `apply` do it."""
    session: Session = context.obj
    session.reading().close()  # without a ledger nobody knows what is needed
    result, told = _applied(session, spares) if apply else ("dry", _foretold(session, spares))
    if as_json:
        session.json(_facts(session, result, told))
    else:
        session.tell(*_worded(told), *_summary(result, told, spares))
    return 1 if any(one.code == "clean.left" for one in told) else 0


def _foretold(session: Session, spares: bool) -> Sequence[Remark]:
    from stockgen.app.cleaning import found
    from stockgen.pipeline.cleaning.removing import foretold

    with closing(session.reading()) as ledger:
        return foretold(found(session.catalogue, ledger, SystemClock(), spares))


def _applied(session: Session, spares: bool) -> tuple[str, Sequence[Remark]]:
    """By the daemon that runs, or here where none does."""
    from stockgen.app.cleaning import cleaned
    from stockgen.pipeline.cleaning.removing import told

    if holder(session.state) is None:
        try:
            return "done", told(cleaned(session.catalogue, SystemClock(), spares))
        except StateHeld:  # a daemon started this very moment
            pass
    answer = session.act("clean", spares=spares)
    return answer.result, answer.told


def _facts(session: Session, result: str, told: Sequence[Remark]) -> dict[str, object]:
    """For scripts: `bytes` of the disk that are free now, or would be."""
    kinds = {one.code.removeprefix(KIND): dict(one.facts) for one in told if one.code.startswith(KIND)}
    left = [{**one.facts, "why": session.say.tell(one.facts["why"])} for one in told if one.code == "clean.left"]
    return {"result": result, "bytes": _bytes(told), "kinds": kinds, "left": left}


def _bytes(told: Sequence[Remark]) -> int:
    return sum(int(one.facts["bytes"]) for one in told if one.code.startswith(KIND))


def _worded(told: Sequence[Remark]) -> list[Remark]:
    """With sizes for people."""
    return [
        replace(one, facts={**one.facts, "size": size(one.facts["bytes"])}) if one.code.startswith(KIND) else one
        for one in told
    ]


def _summary(result: str, told: Sequence[Remark], spares: bool) -> list[Remark]:
    if not told:
        return [Remark("clean.nothing")]
    if result == "dry":
        command = "stockgen clean --spares --apply" if spares else "stockgen clean --apply"
        return [Remark("clean.would", facts={"size": size(_bytes(told)), "command": command})]
    return [Remark("clean.freed", facts={"size": size(_bytes(told))})] if result == "done" else []
