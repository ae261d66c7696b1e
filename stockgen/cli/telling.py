"""Commands about notifications."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from stockgen.cli.desk import Session
from stockgen.domain.telling import Letter, NotDelivered
from stockgen.domain.words import Remark


def test(context: typer.Context, as_json: Annotated[bool, typer.Option("--json")] = False) -> int:
    """Send a message to each address; the exit code is 1 where one did not take it."""
    session: Session = context.obj
    names = session.catalogue.config.notify.addresses
    came = {name: _tried(session, name) for name in names}
    if as_json:
        session.json([_facts(session, name, error) for name, error in came.items()])
    else:
        sent = [Remark("notify.fine", facts={"name": name}) if error is None else error.remark
                for name, error in came.items()]  # fmt: skip
        session.tell(*(sent or [Remark("notify.nobody")]))
    return 1 if any(came.values()) else 0


def _tried(session: Session, name: str) -> NotDelivered | None:
    from stockgen.messengers.addresses import messenger

    catalogue = session.catalogue
    try:
        messenger(name, os.environ, catalogue.secrets, catalogue.keyring.hide).send(Letter(session.say("notify.test")))
    except NotDelivered as error:
        return error
    return None


def _facts(session: Session, name: str, error: NotDelivered | None) -> dict[str, Any]:
    told = session.say.tell(error.remark) if error else None
    return {"name": name, "sent": error is None, "code": error.code if error else None, "text": told}
