"""Commands about models that are in the catalogue: which there are, and their files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stockgen.cli import bought
from stockgen.cli.desk import Session
from stockgen.domain.errors import NotPulled, UsageError
from stockgen.domain.words import Remark
from stockgen.messages import harmless

if TYPE_CHECKING:
    from stockgen.data.catalog import Model, Refusal
    from stockgen.gpu.fetching import FilePlan
    from stockgen.gpu.pulling import Plan
    from stockgen.gpu.weights import WeightsIndex

Json = Annotated[bool, typer.Option("--json")]
Yes = Annotated[bool, typer.Option("--yes", "-y")]
GIB = 1 << 30
MIB = 1 << 20
SIZES = frozenset({"bytes", "encoders", "denoiser", "decoder", "working", "each"})  # facts that are bytes


def list_(context: typer.Context, as_json: Json = False) -> int:
    """All models, and which are here."""
    session: Session = context.obj
    known = {**session.catalogue.models, **loose_loras(session)}
    rows = [_brief(session, model) for _, model in sorted(known.items())]
    if as_json:
        session.json(rows)
        return 0
    say = session.say
    session.table(
        ("name", "title", "provider", "here", "price", "licence", "sellable"),
        [
            (one["name"], one["title"], _made_for(session, one), _where(session, known, one),
             bought.span(session, known[one["name"]].cloud), one["licence"],
             say("models.yes" if one["sellable"] else "models.no"))
            for one in rows if not one.get("gone")
        ],
    )  # fmt: skip
    gone = [f"{one['name']} → {one['successor']}" for one in rows if one.get("gone")]
    if gone:
        session.tell(Remark("models.successors", facts={"names": ", ".join(gone)}))
    return 0


def show(context: typer.Context, model: str, as_json: Json = False) -> int:
    """Everything that is known of one model; of a refused one, why."""
    session: Session = context.obj
    trap = refused(session, model)
    if trap is not None:
        facts = _refusal(session, trap)
    else:
        found = named(session, model)
        path = _path(session, found)
        known = found.model_dump(mode="json", exclude_none=True)
        facts = known | _brief(session, found) | {"path": str(path) if path else None}
        if not as_json:
            facts = bought.shown(session, found, facts)
    if as_json:
        session.json(facts)
    else:
        tell_facts(session, facts)
    return 0


def pull(context: typer.Context, models: Annotated[list[str], typer.Argument()]) -> int:
    """Fetch models with all that they need."""
    return fetch(context.obj, models)


def fetch(session: Session, models: list[str]) -> int:
    """The same for whoever has a session. Raises NotPulled, UsageError."""
    from stockgen.cli.bars import of_bytes
    from stockgen.gpu.fetching import Addresses
    from stockgen.gpu.hub import Hub
    from stockgen.gpu.pulling import carry_out, check_room, needed, planned
    from stockgen.gpu.repository import token_of

    again = f"stockgen models pull {' '.join(models)}"
    hub, index = Hub(again, token_of(os.environ, session.catalogue.secrets)), index_of(session)
    asked = {one.name: one for one in (_to_pull(session, word) for word in models)}
    known = {**session.catalogue.models, **asked}  # a file in my/loras that nobody has added is none of the catalogue's
    wanted = {one.name: one for name in asked for one in needed(known, name)}
    web = Addresses(again, index)
    plans: list[Plan] = []
    files: list[FilePlan] = []
    for one in wanted.values():
        plan = planned(one, one.weights, hub, index) if one.weights and one.weights.on_hub else None
        file = web.planned(one, one.weights) if one.weights and one.weights.address else None
        plans += [plan] if plan else []
        files += [file] if file else []
        if not (plan or file):
            _tell_here(session, one, index)
    if plans:
        check_room(plans, hub.cache, free_bytes, again)
    check_room(files, web.folder, free_bytes, again)
    works = [(one.model.name, one.coming, partial(carry_out, one, hub, index)) for one in plans]
    works += [(one.model.name, one.coming, partial(web.carry_out, one)) for one in files]
    for name, coming, fetch in works:
        with of_bytes(name, coming) as told:
            pulled = fetch(told)
        session.tell(Remark("models.pulled", facts={"model": name, "size": size(pulled.bytes), "path": pulled.path}))
    return 0


def remove(context: typer.Context, model: str, yes: Yes = False) -> int:
    """Forget a model and delete its files."""
    from stockgen.app import added
    from stockgen.gpu.fetching import Addresses
    from stockgen.gpu.hub import Hub
    from stockgen.gpu.pulling import dependents, removed

    session: Session = context.obj
    found, index = named(session, model), index_of(session)
    if found.name not in session.catalogue.models:
        raise UsageError("lora_own_file", path=str(index.local(found)))
    own = found.name in added.names(session.catalogue.my)
    others = [one for one in dependents(session.catalogue.models, found.name) if index.pulled(one) is not None]
    if others:
        raise NotPulled("model_needed", model=found.name, others=others, command=f"stockgen models remove {others[0]}")
    facts = {"model": found.name, "size": size(index.here(found) or 0)}
    question = "models.ask_remove_own" if own else "models.ask_remove"
    if not yes and not session.ask(Remark(question, facts=facts)):
        session.tell(Remark("models.kept", facts={"command": f"stockgen models remove {found.name} --yes"}))
        return 1
    again = "stockgen models list"
    address = found.weights is not None and found.weights.address
    freed = Addresses(again, index).removed(found) if address else removed(found, Hub(again), index)
    if own:
        added.remove(session.catalogue.my, found.name)
    session.tell(Remark("models.removed", facts={"model": found.name, "bytes": freed, "size": size(freed)}))
    return 0


# -- what commands about models share ------------------------------------------------------------------------------


def named(session: Session, word: str) -> Model:
    """A model by name or alias. Raises NotPulled for a refused one, UsageError for one that is not there."""
    import difflib

    from stockgen.app.adding import refusal
    from stockgen.jobfile.names import fold

    models, providers = session.catalogue.models, session.catalogue.config.providers
    words = {fold(each): one for one in models.values() for each in one.provider_aliases}
    words = {each: models.get(providers.get(one.provider, {}).get("model", ""), one) for each, one in words.items()}
    words |= {fold(each): one for each, one in loose_loras(session, word).items()}
    words |= {fold(each): one for one in models.values() for each in (one.name, *one.aliases)}
    found = words.get(fold(word))
    if found is not None:
        return found
    trap = refused(session, word)
    if trap is not None:
        raise refusal(trap, session.say.language)
    near = difflib.get_close_matches(fold(word), words, n=1)
    if near:
        raise UsageError("no_such_model_near", found=word, nearest=words[near[0]].name)
    raise UsageError("no_such_model", found=word)


def loose_loras(session: Session, word: str = "") -> dict[str, Model]:
    """The files in `my/loras` that no entry names, as what they would be; `word`: only the one of that name."""
    from stockgen.domain.errors import NotConfigured
    from stockgen.gpu.lora_files import nameless
    from stockgen.jobfile.names import fold

    found = {}
    for name, path in session.catalogue.loras.loose().items():
        if word and fold(name) != fold(word):
            continue
        try:
            found[name] = session.catalogue.loras.find(name).model
        except NotConfigured:
            found[name] = nameless(name, path)
    return found


def refused(session: Session, word: str) -> Refusal | None:
    """A model that is not to be used, by name, alias or hub id."""
    from stockgen.data.catalog import load_refused
    from stockgen.jobfile.names import fold

    for one in load_refused(session.catalogue.shelf).values():
        if fold(word) in {fold(each) for each in (one.name, *one.aliases, *one.hub)}:
            return one
    return None


def index_of(session: Session) -> WeightsIndex:
    """Which models' files are here."""
    from stockgen.gpu.weights import WeightsIndex

    setup = session.catalogue.setup
    return WeightsIndex(setup.models, setup.my)


def size(count: int) -> str:
    """Bytes for people."""
    return f"{count / GIB:.1f} GiB" if count >= GIB else f"{count / MIB:.1f} MiB" if count >= MIB else f"{count} B"


def free_bytes(folder: Path) -> int:
    """What is left on the disk where a folder lies, or will lie."""
    return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free


# -- words ---------------------------------------------------------------------------------------------------------


def _brief(session: Session, model: Model) -> dict[str, Any]:
    here = index_of(session).here(model) if model.weights else 0
    return {
        "name": model.name,
        "title": model.title.said(session.say.language),
        "provider": model.provider,
        "role": model.role,
        "here": here is not None,
        "bytes": here or 0,
        "licence": model.licence,
        "sellable": model.sellable,
        **_worn(model),
        **bought.facts(session, model),
    }


def _worn(model: Model) -> dict[str, Any]:
    """Of a LoRA: whether any provider here could lay it over a model; one that is broken is for none."""
    from stockgen.gpu.loras import USABLE

    return {"usable": model.provider in USABLE} if model.role == "lora" else {}


def _to_pull(session: Session, word: str) -> Model:
    """As `named`; raises UsageError for one that is bought, too."""
    found = named(session, word)
    bought.refuse_to_pull(found, session)
    return found


def _made_for(session: Session, row: dict[str, Any]) -> str:
    """Who draws with it; a LoRA is told as one."""
    return session.say("models.lora_for", provider=row["provider"]) if row["role"] == "lora" else row["provider"]


def _where(session: Session, known: Mapping[str, Model], row: dict[str, Any]) -> str:
    cloud = known[row["name"]].cloud
    if cloud is not None:
        return bought.where(session, cloud)
    if not row["here"]:
        return session.say("models.no")
    if row.get("usable") is False:
        return session.say("models.unusable")
    return size(row["bytes"]) if row["bytes"] else session.say("models.nothing_needed")


def _tell_here(session: Session, model: Model, index: WeightsIndex) -> None:
    if model.weights is None:
        session.tell(Remark("models.needs_nothing", facts={"model": model.name}))
    else:
        session.tell(Remark("models.here", facts={"model": model.name, "path": str(index.find(model))}))


def _path(session: Session, model: Model) -> Path | None:
    from stockgen.domain.errors import NotConfigured

    try:
        return index_of(session).find(model)
    except NotConfigured:
        return None


def _refusal(session: Session, one: Refusal) -> dict[str, Any]:
    language = session.say.language
    said = {"title": one.title.said(language), "reason": one.reason.said(language)}
    return one.model_dump(mode="json", exclude_none=True) | said | {"refused": True}


def tell_facts(session: Session, facts: dict[str, Any]) -> None:
    """One a line, whole: paths are there to be copied."""
    for what, known in _lines(session, facts):
        session.write(f"{what}: {harmless(known)}".rstrip() + "\n")


def _lines(session: Session, facts: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """(what, known) for people: sizes with their units, nothing that is empty, what is inside indented below."""
    for key, value in facts.items():
        label = prefix + (session.say(f"fact.{key}") if session.say.has(f"fact.{key}") else harmless(key))
        if isinstance(value, dict) and value:
            yield label, ""
            yield from _lines(session, value, f"{prefix}  ")
        elif isinstance(value, bool):
            yield label, session.say("models.yes" if value else "models.no")
        elif key in SIZES and isinstance(value, int):
            yield from [(label, size(value))] if value else ()  # nothing is here yet; `here` says so
        elif isinstance(value, list) and value:
            yield label, ", ".join(str(one) for one in value)
        elif value not in ("", None, [], {}):
            yield label, str(value)
