"""What the first evening asks. Each question shows what is set already, and returns only what is to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockgen.cli.desk import Session
from stockgen.cli.evening.asking import Asker
from stockgen.config import Config
from stockgen.config.editing import Keys
from stockgen.config.secrets import ADDRESSES, cleaned
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
EXAMPLES: Mapping[str, str] = {  # docs/notify.md
    "telegram": "tgram://123456789:AA…/4242", "ntfy": "ntfy://my-topic", "discord": "discord://ID/TOKEN",
    "mail": "mailtos://USER:PASSWORD@HOST?to=B",
}  # fmt: skip


def language(asker: Asker, now: Language) -> Language:
    """`ko` or `en`."""
    return "ko" if asker.one_of("setup.language", now, ("en", "ko")) == "ko" else "en"


def folder(asker: Asker, given: Path, lies_on: Callable[[Path], str] = shared) -> Path:
    """The one folder that holds everything. Raises UsageError where nobody can be asked and it will not do."""

    def understood(word: str) -> Path:
        path = Path(word).expanduser().absolute()
        there = next(one for one in (path, *path.parents) if one.exists())
        if not there.is_dir():
            raise UsageError("setup_no_folder", path=str(there))
        kind = lies_on(there)
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
        asker.tell("setup.no_card", command=asker.command("doctor"))


def model(asker: Asker, memory: int = 0) -> tuple[str, Changes]:
    """The image model to begin with, "" = none; shown with what each takes on the largest card. `memory`: bytes of the
    computer's own, 0 = as the kernel says.
    """
    from stockgen.gpu.device import all_memory
    from stockgen.gpu.forecast import manner

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
            licence=one.licence, how=asker.session.say(f"plan_name.{manner(plan)}"),
        )  # fmt: skip
    chosen = asker.one_of("setup.model", _now(asker.session, fitting, memory or all_memory()), names)
    return ("", {}) if chosen == "-" else (chosen, _using(catalogue.config, catalogue.models[chosen].provider, chosen))


def writer(asker: Asker, usual: str = OLLAMA) -> Changes:
    """The text model, where an Ollama answers; `usual`: at which address, where the config names none."""
    from stockgen.writers.ollama import pulled

    now = asker.session.catalogue.config.writers
    options = now.get("ollama", {})
    if now and not options:  # another one is set up by hand
        return {}
    try:
        names = pulled(options.get("url", usual))
    except StockgenError:
        asker.tell("setup.no_ollama", url=options.get("url", usual))
        return {}
    if not names:
        asker.tell("setup.no_text_model", command=asker.command("setup"))
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


def notify(asker: Asker) -> tuple[Changes, dict[str, str]]:
    """Where messages go, asked as long as nobody is told: what the config is to say, and the address, a secret."""
    if asker.session.catalogue.config.notify.urls:
        return {}, {}
    asker.tell("setup.about_notify")
    name = asker.one_of("setup.notify", "-", [*ADDRESSES, "-"])
    address = "" if name == "-" else _address(asker, name)
    return ({("notify", "urls"): [f"secret:{name}"]}, {name: address}) if address else ({}, {})


def _address(asker: Asker, name: str) -> str:
    """One that its service can have, asked for until it is; "" = nobody after all."""
    from stockgen.messengers.addresses import telegram_of

    while typed := asker.hidden("setup.address", name=name):
        try:
            address = cleaned(typed)
            if "://" in address and (telegram_of(address, name) is not None) == (name == "telegram"):
                return address
        except StockgenError:
            pass
        asker.tell("setup.address_wrong", name=name, example=EXAMPLES[name])
    return ""


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


def _now(session: Session, fitting: dict[str, Plan], memory: int) -> str:
    """What is set already, else the first of the best whose drawing part stays on the card and that the computer's own
    `memory` holds besides (bytes), else the first that fits.
    """
    from stockgen.gpu.forecast import quick

    config = session.catalogue.config
    for provider in config.chains.get("auto", ()):
        chosen = config.providers.get(provider, {}).get("model")
        if chosen in fitting:
            return str(chosen)
    there = [name for name in BEST if name in fitting]
    good = [name for name in there if quick(fitting[name]) and _weight(session, name) <= memory]
    return next(iter([*good, *there, *fitting]))


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
