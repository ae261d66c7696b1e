"""What the first evening asks. Each question shows what is set already, and returns only what is to change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockgen.cli.desk import Session
from stockgen.cli.evening.asking import Asker
from stockgen.config import Config
from stockgen.config.editing import Keys
from stockgen.domain.errors import StockgenError, UsageError
from stockgen.domain.words import Language
from stockgen.filesystems import shared

if TYPE_CHECKING:
    from stockgen.gpu.plan import Plan

Changes = dict[Keys, Any]
GIB = 1 << 30
OLLAMA = "http://localhost:11434"
BEST = (
    "flux2-klein-4b",
    "flux2-klein-4b-4bit",
    "sdxl-lightning",
    "sdxl-base",
)  # docs/models.md, "What fits which card"
QUICK = ("resident", "phased")


def language(asker: Asker, now: Language) -> Language:
    """`ko` or `en`."""
    return "ko" if asker.one_of("setup.language", now, ("en", "ko")) == "ko" else "en"


def folder(asker: Asker, given: Path) -> Path:
    """The one folder that holds everything. Raises UsageError where nobody can be asked and it will not do."""

    def understood(word: str) -> Path:
        path = Path(word).expanduser().absolute()
        there = next(one for one in (path, *path.parents) if one.exists())
        if not there.is_dir():
            raise UsageError("setup_no_folder", path=str(there))
        kind = shared(there)
        if kind:
            raise UsageError("setup_shared", path=str(path), kind=kind)
        return path

    asker.tell("setup.about_folder")
    return asker.until("setup.folder", str(given.absolute()), understood)


def machine(asker: Asker) -> None:
    """Which cards are here, or why none can be used, and what that means."""
    catalogue = asker.session.catalogue
    for card in catalogue.cards:
        asker.tell("setup.card", name=card.name, total=f"{card.total / GIB:.0f}", driver=card.driver)
    if not catalogue.cards:
        asker.tell("setup.no_card")


def model(asker: Asker) -> tuple[str, Changes]:
    """The image model to begin with, "" = none; shown with what each takes on the largest card."""
    catalogue = asker.session.catalogue
    if not catalogue.cards:
        return "", {}
    fitting = dict(_fitting(asker.session))
    if not fitting:
        asker.tell("setup.no_model")
        return "", {}
    asker.tell("setup.about_models")
    names = [*fitting, "-"]
    for number, (name, plan) in enumerate(fitting.items(), 1):
        one = catalogue.models[name]
        asker.tell(
            "setup.model_row", number=number, model=name, title=one.title.said(asker.session.say.language),
            size=f"{download(asker.session, name) / GIB:.1f}", memory=f"{_weight(asker.session, name) / GIB:.1f}",
            licence=one.licence, how=asker.session.say(f"plan_name.{plan.name}"),
        )  # fmt: skip
    chosen = asker.one_of("setup.model", _now(catalogue.config, fitting), names)
    return ("", {}) if chosen == "-" else (chosen, _using(catalogue.config, catalogue.models[chosen].provider, chosen))


def writer(asker: Asker) -> Changes:
    """The text model, where an Ollama answers."""
    from stockgen.writers.ollama import pulled

    now = asker.session.catalogue.config.writers
    options = now.get("ollama", {})
    if now and not options:  # another one is set up by hand
        return {}
    try:
        names = pulled(options.get("url", OLLAMA))
    except StockgenError:
        asker.tell("setup.no_ollama", url=options.get("url", OLLAMA))
        return {}
    if not names:
        asker.tell("setup.no_text_model")
        return {}
    asker.tell("setup.about_text")
    for number, name in enumerate(names, 1):
        asker.tell("setup.text_row", number=number, model=name)
    chosen = asker.one_of("setup.text_model", options.get("model") or names[0], [*names, "-"])
    return {} if chosen in ("-", options.get("model")) else {("writers", "ollama", "model"): chosen}


def quotas(asker: Asker) -> Changes:
    """How many pictures a week each market of the defaults may get."""
    catalogue, changes = asker.session.catalogue, Changes()
    for name in catalogue.config.defaults.markets:
        market, quota = catalogue.markets.get(name), catalogue.quotas.get(name)
        if market is None or quota is None:
            continue
        title = market.titles.said(asker.session.say.language)
        count = int(asker.number("setup.quota", quota.per_week or 0, 100_000, market=title))
        if count != (quota.per_week or 0):
            changes["markets", name, "per_week"] = count
    return changes


def money(asker: Asker) -> Changes:
    """What may be spent in a month; nothing, as long as nobody says otherwise."""
    now = asker.session.catalogue.config.money.per_month_usd
    if now is None:  # other caps were set by hand
        return {}
    chosen = asker.number("setup.money", now, 100_000)
    return {} if chosen == now else {("money", "per_month_usd"): int(chosen) if chosen.is_integer() else chosen}


def notify(asker: Asker) -> Changes:
    """Where messages go; asked only where the config knows of messages."""
    if "notify" not in Config.model_fields:
        return {}
    now = list(getattr(asker.session.catalogue.config, "notify").urls)  # noqa: B009 - a key of a later version
    if now:
        return {}
    chosen = asker.words("setup.notify", "")
    return {("notify", "urls"): [chosen]} if chosen not in ("", "-") else {}


def _fitting(session: Session) -> Iterator[tuple[str, Plan]]:
    """Each model that may be sold and fits the largest card, with how it would be held there."""
    from stockgen.gpu.forecast import forecast

    catalogue = session.catalogue
    most = max(card.total for card in catalogue.cards)
    for name, one in sorted(catalogue.models.items()):
        wanted = one.role == "model" and one.sellable and one.memory is not None
        if wanted and one.weights is not None and one.provider in catalogue.plugin_modules:
            plan = forecast(one, most - (1 << 30))  # what a desktop and the driver take
            if plan is not None:
                yield name, plan


def _now(config: Config, fitting: dict[str, Plan]) -> str:
    """What is set already, else the first of the best that fits quickly, else any."""
    for provider in config.chains.get("auto", ()):
        chosen = config.providers.get(provider, {}).get("model")
        if chosen in fitting:
            return str(chosen)
    quick = [name for name in BEST if name in fitting and fitting[name].name in QUICK]
    return next(iter([*quick, *(name for name in BEST if name in fitting), *fitting]))


def _using(config: Config, provider: str, name: str) -> Changes:
    """The provider holds this model, and is asked first."""
    changes = Changes()
    if config.providers.get(provider, {}).get("model") != name:
        changes["providers", provider, "model"] = name
    chain = config.chains.get("auto", ())
    if chain[:1] != (provider,):
        changes["chains", "auto"] = [provider, *(one for one in chain if one != provider)]
    return changes


def download(session: Session, name: str) -> int:
    from stockgen.gpu.pulling import needed

    return sum(one.weights.bytes or 0 for one in needed(session.catalogue.models, name) if one.weights)


def _weight(session: Session, name: str) -> int:
    memory = session.catalogue.models[name].memory
    return memory.encoders + memory.denoiser + memory.decoder if memory else 0
