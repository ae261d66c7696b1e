"""`stockgen setup`: the first evening, from a few questions to one picture. Enter is an answer to each.

Everything is asked before anything is written, so that Ctrl-C leaves the computer as it was.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from stockgen.cli.desk import Session
from stockgen.cli.evening import questions
from stockgen.cli.evening.asking import Asker
from stockgen.cli.evening.ending import first_picture, keep_addresses, service, weights, what_next
from stockgen.cli.evening.writing import Draft
from stockgen.config.load import named
from stockgen.domain.errors import UsageError

INTERRUPTED = 130
Yes = Annotated[bool, typer.Option("--yes", "-y")]


def setup(context: typer.Context, folder: Annotated[Path | None, typer.Argument()] = None, yes: Yes = False) -> int:
    """Ask, write config.yaml, make one picture."""
    session: Session = context.obj
    folder = folder or named(session.given).parent
    if not yes and not sys.stdin.isatty():
        raise UsageError("setup_terminal")
    asker = Asker(Session(folder / "config.yaml", session.language, session.more_plugins), yes)
    asker.tell("setup.welcome")
    try:
        draft, chosen = _asked(asker, folder)
        agreed = asker.yes("setup.write", True, path=str(draft.path))
    except KeyboardInterrupt:
        asker.session.write("\n")
        agreed = False
    if not agreed:
        asker.tell("setup.stopped")
        return INTERRUPTED
    draft.write(asker)
    asker.session = Session(draft.path, asker.session.language, session.more_plugins)
    keep_addresses(asker, draft.addresses)
    weights(asker, chosen)
    first_picture(asker, first=draft.before is None)
    service(asker, context)
    what_next(asker)
    return 0


def _asked(asker: Asker, folder: Path) -> tuple[Draft, str]:
    """Every question: what is to be written, and the image model that was chosen ("" = none)."""
    given = asker.session
    language = questions.language(asker, given.say.language)
    asker.session = Session(given.given, language, given.more_plugins)
    asker.home = place = questions.folder(asker, folder)
    shipped = (files("stockgen") / "config" / f"default.{language}.yaml").read_text("utf-8")
    draft = Draft.of(place / "config.yaml", shipped)
    if draft.before is not None:
        asker.tell("setup.there", path=str(draft.path))
    with draft.session(language, given.more_plugins) as now:
        asker.session = now
        questions.machine(asker)
        chosen, changes = questions.model(asker)
        draft.changes |= changes | questions.writer(asker) | questions.quotas(asker)
        draft.changes |= questions.money(asker)
        changes, draft.addresses = questions.notify(asker)
        draft.changes |= changes
        if now.catalogue.config.language != language:
            draft.changes["language",] = language
    asker.session = Session(draft.path, language, given.more_plugins)
    return draft, chosen
