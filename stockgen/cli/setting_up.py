"""Commands of the first evening."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from stockgen.cli.desk import Session
from stockgen.domain.errors import StockgenError, UsageError
from stockgen.domain.words import Remark
from stockgen.files import write_softly
from stockgen.lock import holder
from stockgen.messages import explained, language_of

Json = Annotated[bool, typer.Option("--json")]
LOW_DISK = 2 << 30  # bytes; a night of pictures is about one GiB


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
        told = {"market": name, "per_week": quota.per_week, "basket": quota.basket}
        session.tell(Remark("config.quota", facts=told))
    return 0


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


def doctor(context: typer.Context, as_json: Json = False) -> int:
    """What works, and for each thing that doesn't the one command that helps."""
    session: Session = context.obj
    findings = [("config", *_found(_config, session))]
    usable = findings[0][1]
    findings += [
        (name, *_found(check, session)) for name, check in _CHECKS.items() if usable or name in _WITHOUT_CONFIG
    ]
    if as_json:
        session.json([{"check": name, "ok": ok, "told": told} for name, ok, told in findings])
    else:
        for _, ok, told in findings:
            session.write(f"{'✓' if ok else '✗'} {told}\n")
    return 0 if all(ok for _, ok, _ in findings) else 1


# -- list ------------------------------------------------------------------------------------------------------


def _providers(session: Session) -> list[tuple[str, str]]:
    say = session.say
    return [(name, say(f"look.{one.look}")) for name, one in sorted(session.catalogue.providers.items())]


def _markets(session: Session) -> list[tuple[str, str]]:
    language = session.say.language
    return [(name, one.titles.said(language)) for name, one in sorted(session.catalogue.markets.items())]


def _styles(session: Session) -> list[tuple[str, str]]:
    own = {name: one.prompt for name, one in session.catalogue.config.styles.items()}
    shipped = {name: one.said(session.say.language) for name, one in session.catalogue.vocabulary.styles.items()}
    return sorted((shipped | own).items())


def _chains(session: Session) -> list[tuple[str, str]]:
    chains = session.catalogue.chains
    return [(name, " → ".join(chains.resolve((name,)).chain)) for name in sorted(session.catalogue.config.chains)]


def _models(session: Session) -> list[tuple[str, str]]:
    language = session.say.language
    return [(name, one.title.said(language)) for name, one in sorted(session.catalogue.models.items())]


_LISTS: Mapping[str, Callable[[Session], list[tuple[str, str]]]] = {
    "providers": _providers,
    "markets": _markets,
    "styles": _styles,
    "chains": _chains,
    "models": _models,
}


# -- doctor ----------------------------------------------------------------------------------------------------

Finding = tuple[bool, Remark]


def _found(check: Callable[[Session], Finding], session: Session) -> tuple[bool, str]:
    try:
        ok, told = check(session)
    except StockgenError as error:
        return False, explained(error, session.say).rstrip()
    return ok, session.say.tell(told)


def _config(session: Session) -> Finding:
    session.catalogue.check()
    _ = session.catalogue.say
    return True, Remark("config.ok", facts={"path": str(session.path)})


def _daemon(session: Session) -> Finding:
    pid = holder(session.state)
    return True, Remark("doctor.running", facts={"pid": pid}) if pid is not None else Remark("doctor.stopped")


def _folders(session: Session) -> Finding:
    from stockgen.pipeline.places import Places

    config = session.catalogue.config
    if holder(config.state) is None:
        places = Places(config.state, config.outbox.staging, config.outbox.path)
        places.make()
        places.prove_link()
    return True, Remark("doctor.folders", facts={"outbox": str(config.outbox.path)})


def _disk(session: Session) -> Finding:
    outbox = session.catalogue.config.outbox.path
    free = shutil.disk_usage(next(path for path in (outbox, *outbox.parents) if path.exists())).free
    told: dict[str, Any] = {"free": f"{free / 2**30:.1f}", "path": str(outbox)}
    return free >= LOW_DISK, Remark("doctor.disk" if free >= LOW_DISK else "doctor.disk_low", facts=told)


def _inotify(session: Session) -> Finding:
    """The kernel's limits of watches; two are needed, and other programs use them too."""
    limit = Path("/proc/sys/fs/inotify/max_user_instances")
    instances = int(limit.read_text()) if limit.exists() else 0
    fine = instances >= 128
    return fine, Remark("doctor.inotify" if fine else "doctor.inotify_low", facts={"limit": instances})


def _local(session: Session) -> Finding:
    there = find_spec("torch") is not None and find_spec("diffusers") is not None
    return True, Remark("doctor.local" if there else "doctor.no_local")


_CHECKS: Mapping[str, Callable[[Session], Finding]] = {
    "daemon": _daemon,
    "folders": _folders,
    "disk": _disk,
    "inotify": _inotify,
    "local": _local,
}
_WITHOUT_CONFIG = frozenset({"inotify", "local"})
