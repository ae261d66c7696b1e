"""How providers stand, for `status` and `list providers`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stockgen.domain.words import Remark

if TYPE_CHECKING:
    from stockgen.cli.desk import Session
    from stockgen.pipeline.closures import Closure


def known(session: Session) -> list[dict[str, Any]]:
    """How they stand as far as the config and the ledger know: importing all of them to ask each takes longer than
    `status` may.
    """
    from stockgen.pipeline.standing import standing

    catalogue = session.catalogue
    there, chains = catalogue.named_providers, catalogue.config.chains
    named = there | {name for chain in chains.values() for name in chain if name not in chains}
    lacking = {name: None if name in there else Remark("plan.not_set_up") for name in named}
    return standing(lacking, _closures(session), catalogue.clock.wall(), session.say)


def closed(session: Session, told: Sequence[Mapping[str, Any]]) -> list[Remark]:
    """A sentence for each that is closed, or has a model that is; nobody waits for what is no more."""
    from stockgen.domain.times import local, wall

    timezone = session.catalogue.config.timezone
    return [
        Remark("status.closed", facts={"provider": one["name"], "why": one["reason"],
               "until": f"{local(wall(one['until']), timezone):%m-%d %H:%M}"})
        for one in told if one["until"] is not None
    ]  # fmt: skip


def listed(session: Session) -> list[tuple[str, str]]:
    """Each of the config with its way of making pictures, and what it lacks, or until when it is closed."""
    from stockgen.pipeline.standing import lacks, standing

    say, catalogue = session.say, session.catalogue
    stand = standing(lacks(catalogue.chains), _closures_if_any(session), catalogue.clock.wall(), say)
    rows = []
    for one in (one for one in stand if one["name"] in catalogue.providers):
        provider = catalogue.providers[one["name"]]
        facts = [say(f"look.{provider.look}"), *([say("provider.paid")] if provider.terms.paid else [])]
        state = [say(f"provider.{one['state']}", why=one["reason"])] if one["reason"] else []
        rows.append((one["name"], ". ".join([", ".join(facts), *state])))
    return rows


def shut(session: Session, name: str, model: str) -> Remark | None:
    """That nobody asks a provider for that model now, with the reason and until when; None = as far as the ledger
    knows it would be asked.
    """
    from stockgen.pipeline.standing import standing

    mine = [one for one in _closures_if_any(session) if one.provider == name and one.model in ("", model)]
    (stand,) = standing({name: None}, mine, session.catalogue.clock.wall(), session.say)
    if stand["reason"] is None:
        return None
    endless = Remark("doctor.cloud_not_ready", facts={"provider": name, "why": stand["reason"]})
    return next(iter(closed(session, [stand])), endless)


def _closures_if_any(session: Session) -> list[Closure]:
    from stockgen.ledger import FILE_NAME

    return _closures(session) if (session.state / FILE_NAME).exists() else []


def _closures(session: Session) -> list[Closure]:
    from stockgen.pipeline.closures import Closure

    return [Closure.of(row) for row in session.reading().closures.listed()]
