"""Commands of the first evening."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stockgen.cli.bought import caps_meant, where
from stockgen.cli.desk import Session
from stockgen.cli.providers import listed
from stockgen.domain.errors import UsageError
from stockgen.domain.words import Remark
from stockgen.files import write_softly
from stockgen.messages import language_of

if TYPE_CHECKING:
    from stockgen.app.catalogue import Catalogue

Json = Annotated[bool, typer.Option("--json")]


def init(context: typer.Context, folder: Annotated[Path, typer.Argument()] = Path()) -> int:
    """Make a folder with a commented config.yaml, inbox and outbox."""
    session: Session = context.obj
    config = folder / "config.yaml"
    if config.exists():
        raise UsageError("config_exists", path=str(config))
    for name in ("inbox", "outbox", "my"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    shipped = files("stockgen") / "config" / f"default.{language_of('auto')}.yaml"
    write_softly(config, shipped.read_bytes())
    there = shlex.quote(str(folder))
    session.tell(Remark("init.made", facts={"path": str(config)}), Remark("init.next", facts={"folder": there}))
    return 0


def config_check(context: typer.Context, as_json: Json = False) -> int:
    """Whether the config can be used, and what it means."""
    session: Session = context.obj
    catalogue = session.catalogue
    catalogue.check()
    _ = catalogue.say  # the user's own sentences can have faults, too
    config = catalogue.config
    coming = _schedules(session)
    if as_json:
        session.json(config.model_dump(mode="json"))
        return 0
    chain = catalogue.chains.resolve((config.defaults.model,)).chain
    session.tell(
        Remark("config.ok", facts={"path": str(session.path)}),
        Remark("config.inbox", facts={"path": str(config.inbox.path), "settle": config.inbox.settle}),
        Remark("config.outbox", facts={"path": str(config.outbox.path)}),
        Remark("config.model", facts={"chain": " → ".join(chain)}),
        Remark("config.count", facts={"count": config.defaults.count, "markets": list(config.defaults.markets)}),
    )
    for name, quota in catalogue.quotas.items():
        if name not in config.markets and name not in config.defaults.markets:
            continue
        told = {"market": name, "per_week": quota.per_week, "basket": quota.basket}
        session.tell(Remark("config.quota", facts=told))
    if config.baskets.at:
        hours = config.baskets.look / 3600
        session.tell(Remark("config.baskets", facts={"at": config.baskets.at, "hours": hours}))
    session.tell(caps_meant(session), *_writers_meant(session), *coming, *catalogue.departures, *catalogue.config.told)
    return 0


def _writers_meant(session: Session) -> list[Remark]:
    """Who thinks of ideas and who looks at pictures; nobody is asked."""
    config, writers = session.catalogue.config, list(session.catalogue.writers.values())
    if not writers:
        return [Remark("config.no_writers")]
    told = [Remark("config.writers", facts={"writers": " → ".join(one.name for one in writers)})]
    if config.checks.vision:
        seeing = next(one for one in writers if one.sees)
        told.append(Remark("config.vision", facts={"writer": seeing.name, "least": config.checks.vision.least}))
    return told


def _schedules(session: Session) -> list[Remark]:
    """What each schedule makes, and when it comes next. Raises ConfigError with all that is wrong with their jobs, also
    what the daemon finds only when one is due.
    """
    from stockgen.app.checking import job_faults
    from stockgen.domain.errors import ConfigError
    from stockgen.domain.times import local
    from stockgen.pipeline.schedules.facts import due_times
    from stockgen.pipeline.schedules.source import file_name, source_of

    catalogue = session.catalogue
    schedules, timezone = catalogue.config.schedules, catalogue.config.timezone
    reader = partial(_scheduled, catalogue)
    wrong = [fault for name, one in schedules.items() for fault in job_faults(name, one, reader)]
    if wrong:
        raise ConfigError("config_faults", wrong, path=str(session.path))
    told = []
    for name, one in schedules.items():
        pictures = catalogue.read(source_of(one), file_name(name)).pictures
        if one.enabled:
            moment = local(due_times(name, one, timezone).next(catalogue.clock.wall()), timezone)
            facts = {"name": name, "when": f"{moment:%m-%d %H:%M}", "pictures": pictures}
            told.append(Remark("config.schedule", facts=facts))
        else:
            told.append(Remark("config.schedule_off", facts={"name": name, "pictures": pictures}))
    return told


def _scheduled(catalogue: Catalogue, data: bytes, name: str) -> None:
    """Raises JobFileError for what would keep a schedule from making its job, its pictures included."""
    from stockgen.pipeline.references import CONTROL, Beside, examined, unusable, wanted

    for picture in wanted(catalogue.read(data, name)):
        found = Beside(catalogue.my / CONTROL).read(picture)
        if found is None:
            raise unusable("not_here", picture)
        examined(found, picture)


def list_(context: typer.Context, name: str, as_json: Json = False) -> int:
    """What there is to choose from."""
    session: Session = context.obj
    if name not in _LISTS:
        raise UsageError("no_list", found=name, known=", ".join(_LISTS))
    rows = _LISTS[name](session)
    if as_json:
        session.json([dict(zip(("name", "what"), row, strict=True)) for row in rows])
    else:
        session.table(("name", "what"), rows)
    return 0


# -- list ------------------------------------------------------------------------------------------------------


def _writers(session: Session) -> list[tuple[str, str]]:
    """Those of the config, the first choice first, with what each can do beside writing."""
    say = session.say
    rows = []
    for name, one in session.catalogue.writers.items():
        skills = [say("writer.sees")] if one.sees else []
        skills += [say("writer.embeds")] if one.embeds else []
        rows.append((name, ", ".join([one.name, *skills])))
    return rows


def _markets(session: Session) -> list[tuple[str, str]]:
    """Open markets with the kinds of picture that they take, then the closed ones with the reason."""
    say, catalogue = session.say, session.catalogue
    rows = []
    for name, market in sorted(catalogue.markets.items()):
        kinds = ", ".join(say(f"job_file.kind.{kind}") for kind in market.formats)
        row = say("market.row", title=market.titles.said(say.language), kinds=kinds, date=market.verified_at)
        old = catalogue.stale_markets.get(name)
        rows.append((name, f"{row}. {say.tell(old)}" if old else row))
    for name, shut in sorted(catalogue.closed_markets.items()):
        reason = shut.closed_reason.said(say.language)
        rows.append((name, say("market.row_closed", reason=reason)))
    return rows


def _styles(session: Session) -> list[tuple[str, str]]:
    own = {name: one.prompt for name, one in session.catalogue.config.styles.items()}
    shipped = {name: one.said(session.say.language) for name, one in session.catalogue.vocabulary.styles.items()}
    return sorted((shipped | own).items())


def _chains(session: Session) -> list[tuple[str, str]]:
    chains = session.catalogue.chains
    return [(name, " → ".join(chains.resolve((name,)).chain)) for name in sorted(session.catalogue.config.chains)]


def _models(session: Session) -> list[tuple[str, str]]:
    """Those that can be had, then those whose names are understood as what came after them."""
    language, succession = session.say.language, session.catalogue.succession
    told = {
        name: f"{one.title.said(language)}. {where(session, one.cloud)}"
        if one.cloud and one.cloud.retires else one.title.said(language)
        for name, one in sorted(session.catalogue.models.items())
    }  # fmt: skip
    gone = {name: f"{what} → {succession.current(name)}" for name, what in told.items() if succession.gone(name)}
    return [*((name, what) for name, what in told.items() if name not in gone), *gone.items()]


_LISTS: Mapping[str, Callable[[Session], list[tuple[str, str]]]] = {
    "providers": listed,
    "writers": _writers,
    "markets": _markets,
    "styles": _styles,
    "chains": _chains,
    "models": _models,
}
