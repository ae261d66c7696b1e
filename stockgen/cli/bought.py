"""What people are told of models that are bought: what a picture costs, until when they are there, what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from stockgen.cli.desk import Session
from stockgen.cli.providers import shut
from stockgen.domain.errors import UsageError
from stockgen.domain.words import Remark

if TYPE_CHECKING:
    from stockgen.data.catalog import Model
    from stockgen.data.cloud import Cloud
    from stockgen.domain.errors import NotConfigured

SHOWN = ((1024, 1024), (3072, 2048), (2880, 2880))  # of models that draw any size; the last one costs most
MICRO = 1e-6  # USD
CAPS = ("per_month_usd", "per_day_usd", "per_job_usd")


def costs(cloud: Cloud) -> Iterator[tuple[str, float]]:
    """(size and quality, USD of one picture at most); its words cost a little more, by their number."""
    if cloud.free:
        for width, height in SHOWN:
            for quality in cloud.free.grid:
                tokens = cloud.free.tokens(width, height, quality)
                yield f"{width}x{height} {quality}", tokens * cloud.prices.out * MICRO
    elif cloud.listed:
        for quality, tokens in cloud.listed.tokens.items():
            yield f"{cloud.listed.sizes[-1]} {quality}", tokens * cloud.prices.out * MICRO
    elif cloud.ratios:
        for name, each in cloud.ratios.resolutions.items():
            yield name, each.tokens * cloud.prices.out * MICRO


def span(session: Session, cloud: Cloud | None) -> str:
    """The lowest and the highest of them in words; "" = it is free, or not there any more."""
    usd = [price for _, price in costs(cloud)] if cloud else []
    return session.say("models.per_picture", low=money(min(usd)), high=money(max(usd))) if usd else ""


def money(usd: float) -> str:
    """A price: cents, and of less than a cent three more digits; rounded up, since it is a bound."""
    digits = 2 if usd >= 0.1 else 3 if usd >= 0.01 else 4
    return f"{-(-usd * 10**digits // 1) / 10**digits:.{digits}f}"


def facts(session: Session, model: Model) -> dict[str, Any]:
    """What `models list` says of one."""
    cloud = model.cloud
    if cloud is None:
        return {}
    succession = session.catalogue.succession
    gone = cloud.retired(succession.today())
    usd = [price for _, price in costs(cloud)]
    return {
        "gone": gone,
        "retires": f"{cloud.retires:%Y-%m-%d}" if cloud.retires else None,
        "successor": succession.facts(model.name).get("successor"),
        "usd": [round(min(usd), 6), round(max(usd), 6)] if usd else None,
    }


def where(session: Session, cloud: Cloud) -> str:
    """Until when it is there, instead of where its files are."""
    if cloud.retires is None:
        return session.say("models.online")
    off = cloud.retired(session.catalogue.succession.today())
    return session.say("models.since" if off else "models.until", date=f"{cloud.retires:%Y-%m-%d}")


def shown(session: Session, model: Model, whole: dict[str, Any]) -> dict[str, Any]:
    """What `models show` says to people: sizes in a sentence, prices in dollars and won, nothing twice."""
    cloud, say = model.cloud, session.say
    if cloud is None:
        return whole
    rate = session.catalogue.config.money.krw_per_usd
    sources = {"prices": "price", "tokens": "quota", "sizes": "sizes", "dates": "dates"}
    service = {
        "id": cloud.id, "released": cloud.released, "retires": cloud.retires,
        "successor": session.catalogue.succession.facts(model.name).get("successor"),
        "prices": {key: price for key, price in cloud.prices.model_dump().items() if price} or None,
        "sizes": _sizes(session, cloud), "quality": [*cloud.qualities], "transparent": cloud.transparent,
        "watermark": cloud.watermark,
        "costs": {size: say("models.price", usd=money(usd), won=f"{usd * rate:,.0f}") for size, usd in costs(cloud)},
        "sources": {sources.get(key, key): told for key, told in cloud.sources.items()},
    }  # fmt: skip
    if cloud.gone_for_good:
        service = {key: service[key] for key in ("id", "retires", "successor", "sources")}
    twice = ("gone", "retires", "successor", "usd", "here", "bytes", "path", "cloud")
    return {key: value for key, value in whole.items() if key not in twice} | {"cloud": service}


def _sizes(session: Session, cloud: Cloud) -> str:
    if cloud.free:
        return session.say("models.free_sizes", **cloud.free.model_dump(exclude={"grid", "margin"}))
    if cloud.listed:
        return ", ".join(cloud.listed.sizes)
    return ", ".join([*cloud.ratios.resolutions, *cloud.ratios.ratios]) if cloud.ratios else ""


def refuse_to_pull(model: Model, session: Session) -> None:
    """Raises UsageError with what to do instead, for a model that is bought."""
    if model.cloud is not None:
        refuse_gone(model, session)
        raise UsageError("nothing_to_pull", model=model.name, provider=model.provider)


def refuse_to_try(model: Model, session: Session) -> None:
    """Raises UsageError for a model that is bought: caps are kept by the ledger, which only jobs go through."""
    if model.cloud is not None:
        refuse_gone(model, session)
        raise UsageError("nothing_to_try", model=model.name)


def refuse_gone(model: Model, session: Session) -> None:
    """Raises UsageError for a model that its service has switched off."""
    if session.catalogue.succession.gone(model.name):
        raise UsageError("model_gone", **session.catalogue.succession.facts(model.name))


# -- for `doctor` ----------------------------------------------------------------------------------------------


def services(session: Session) -> Iterator[tuple[bool | None, Remark]]:
    """Each service of the config: its packages, its key (that it is there, never what it is), a cap."""
    catalogue = session.catalogue
    lacks = {
        name: provider.missing() for name, provider in sorted(catalogue.providers.items())
        if provider.place == "net" and (provider.terms.paid or catalogue.specs[name].options.get("base_url"))
    }  # fmt: skip
    keyless = {name for name, lack in lacks.items() if lack is not None and lack.code == "no_key"}
    for name, lack in lacks.items():
        others = name in keyless and keyless != lacks.keys()
        nothing = not _caps(session) and lack is not None and lack.code in ("no_key", "cloud_packages")
        if not catalogue.providers[name].terms.paid:
            yield _of_ones_own(session, name, lack)
        elif nothing or others:  # nobody wants it
            yield True, Remark("doctor.cloud_off", facts={"provider": name})
        else:
            yield _paid(session, name, lack)


def _paid(session: Session, name: str, lack: NotConfigured | None) -> tuple[bool, Remark]:
    from stockgen.domain.errors import NotConfigured

    caps, catalogue = _caps(session), session.catalogue
    lack = lack or (None if caps else NotConfigured("no_cap", provider=name))
    if lack is not None:
        return False, Remark("doctor.cloud_not_ready", facts={"provider": name, "why": lack.remark})
    model = _model(session, name)
    told = shut(session, name, model)
    if told is not None:  # all is there, and the service has said that it is not good
        return False, told
    cloud = catalogue.models[model].cloud if model in catalogue.models else None
    high = money(max(usd for _, usd in costs(cloud))) if cloud else "?"
    return True, Remark("doctor.cloud_ready", facts={"provider": name, "model": model, "high": high, "caps": caps})


def _of_ones_own(session: Session, name: str, lack: NotConfigured | None) -> tuple[bool, Remark]:
    if lack is not None:
        return False, Remark("doctor.cloud_not_ready", facts={"provider": name, "why": lack.remark})
    told = shut(session, name, _model(session, name))
    if told is not None:
        return False, told
    url = session.catalogue.specs[name].options["base_url"]
    return True, Remark("doctor.cloud_free", facts={"provider": name, "url": str(url)})


def _model(session: Session, name: str) -> str:
    catalogue = session.catalogue
    return catalogue.succession.current(str(catalogue.specs[name].options.get("model") or ""))


def _caps(session: Session) -> str:
    """Those that are written, in words; "" = nothing may be bought."""
    if session.catalogue.caps.nothing:
        return ""
    return ", ".join(session.say.tell(one) for one in _written(session))


def caps_meant(session: Session) -> Remark:
    """What the config lets pictures cost, in both currencies: who meant won must see what was understood."""
    if session.catalogue.caps.nothing:
        return Remark("config.no_money")
    return Remark("config.money", facts={"caps": _caps(session)})


def _written(session: Session) -> Iterator[Remark]:
    from stockgen.ledger.spend import MICROS
    from stockgen.pipeline.costs import amount

    money = session.catalogue.config.money
    for key in CAPS:
        usd = getattr(money, key)
        if usd is not None:
            cap = amount(round(usd * MICROS), money.krw_per_usd)
            yield Remark(f"doctor.cap.{key}", facts={"amount": cap})
