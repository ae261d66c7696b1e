"""Commands about keys of services. None of them ever prints one, or takes one where a shell would remember it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from stockgen.cli.desk import Session
from stockgen.config.secrets import KNOWN, cleaned, forget, keep, listed, named, open_files
from stockgen.domain.errors import UsageError
from stockgen.domain.words import Remark
from stockgen.keyring import Found, address_key, places

Key = Annotated[str, typer.Argument()]
_BEFORE = {"GEMINI_API_KEY": ("GOOGLE_API_KEY", "GEMINI_API_KEY")}  # names that are asked for in turn


def set_(context: typer.Context, key: Key) -> int:
    """Keep a key: asked for on a terminal without showing it, else read from standard input."""
    session: Session = context.obj
    kept = session.catalogue.secrets
    name = _meant(session, key)
    file = keep(name, cleaned(_asked(session, name)), kept)
    session.tell(Remark("secret.kept", facts={"name": name, "path": str(file)}))
    session.tell(*(_covered(name, file, kept) or [Remark("secret.used")]))
    return 0


def list_(context: typer.Context, as_json: Annotated[bool, typer.Option("--json")] = False) -> int:
    """Which keys are there, and from where."""
    session: Session = context.obj
    kept = session.catalogue.secrets
    found = listed(os.environ, kept, _of_writers(session))
    if as_json:
        session.json([{"name": one.name, "for": one.called, **_facts(one.found)} for one in found])
        return 0
    rows = [(one.name, one.called, session.say.tell(whereabouts(one.found[0] if one.found else None))) for one in found]
    session.table(("name", "what", "where"), rows)
    session.tell(*open_ones(session))
    return 0


def remove(context: typer.Context, key: Key) -> int:
    """Forget a key that was set."""
    session: Session = context.obj
    kept = session.catalogue.secrets
    name = _meant(session, key)
    gone = forget(name, kept)
    session.tell(Remark("secret.removed" if gone else "secret.none", facts={"name": name}))
    session.tell(*(_covered(name, None, kept) or [Remark("secret.unused")] * gone))
    return 0


def open_ones(session: Session) -> Iterator[Remark]:
    """For each file of a key that others may read, the one command that mends it."""
    for file in open_files(session.catalogue.secrets):
        yield Remark("secret.open", facts={"path": str(file), "quoted": shlex.quote(str(file))})


def _meant(session: Session, asked: str) -> str:
    """The key that somebody means, also by a word that means its service in a job file. Raises UsageError."""
    from stockgen.jobfile.names import fold

    try:
        return named(asked, _of_writers(session))
    except UsageError:
        for model in session.catalogue.models.values():
            if model.provider in KNOWN and fold(asked) in map(fold, model.provider_aliases):
                return KNOWN[model.provider]
        raise


def _of_writers(session: Session) -> list[str]:
    """The names of keys that the config's own text models, providers and notifications ask for."""
    config = session.catalogue.config
    options = [*config.writers.values(), *config.providers.values()]
    keys = [name for one in options if (name := str(one.get("key") or "")).isupper()]
    return [*keys, *map(address_key, config.notify.addresses)]


def _asked(session: Session, name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.buffer.read().decode("utf-8-sig", "replace")
    from getpass import getpass

    try:
        return getpass(session.say("secret.ask", name=name) + " ")
    except EOFError:  # Ctrl-D: nothing
        return ""


def _covered(name: str, file: Path | None, kept: Path) -> list[Remark]:
    """Another place that comes before the file, as far as this shell knows; [] = there is none. `file` None: gone."""
    for each in _BEFORE.get(name, (name,)):
        if one := next(places(each, os.environ, kept), None):
            mine = file is not None and one.path == file
            return [] if mine else [Remark("secret.covered", facts={"name": each, "where": whereabouts(one)})]
    return []


def whereabouts(found: Found | None) -> Remark:
    """Where a key was found, in words."""
    if found is None:
        return Remark("secret.nowhere")
    if found.shown:
        return Remark("secret.refused")
    return Remark(f"secret.from_{found.source}", facts={"path": str(found.path or "")})


def _facts(found: tuple[Found, ...]) -> dict[str, Any]:
    if not found:
        return {"from": None, "path": None, "refused": False}
    path = found[0].path
    return {"from": found[0].source, "path": str(path) if path else None, "refused": found[0].shown}
