"""Where config and data meet: do the names fit, and what may a job file speak of?"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from unicodedata import normalize

from stockgen.app.retiring import models_in
from stockgen.app.wearing import style_faults
from stockgen.config import Config
from stockgen.config.model import Schedule
from stockgen.data.blocked import KIND
from stockgen.data.market import Market
from stockgen.data.templates import MOST_COMBINATIONS
from stockgen.domain.errors import ConfigError, JobFileError
from stockgen.domain.names import PAUSES, RESERVED_FOLDERS
from stockgen.domain.words import Look, Order, Remark
from stockgen.jobfile import Defaults, Known, Refused, Unready
from stockgen.jobfile import read as read_form
from stockgen.jobfile.findings import shown
from stockgen.jobfile.names import fold
from stockgen.jobfile.nearest import nearest
from stockgen.modes.wording import has_hangul
from stockgen.pipeline.chain import AUTO, LOCAL
from stockgen.pipeline.retouching import LANCZOS
from stockgen.pipeline.schedules.source import THEME, file_name, sources

if TYPE_CHECKING:
    from stockgen.app.catalogue import Catalogue
    from stockgen.data.catalog import Model
    from stockgen.modes import Understood
    from stockgen.modes.material import Material
    from stockgen.pipeline.chain import Chains

NOT_HERE = frozenset(
    f"job_file.{code}" for code in ("model_not_set_up", "model_gone_not_set_up", "lora_none")
)  # faults that somebody mends by adding something
ENOUGH = 5  # tags, the fewest that Adobe Stock takes


def check(catalogue: Catalogue) -> None:
    """Raises ConfigError with every name of the config that means nothing, and every fault of the providers."""
    config, wrong = catalogue.config, [*_provider_faults(catalogue), *_list_faults(catalogue)]
    wrong += _prompt_faults(catalogue)
    wrong += _model_faults(catalogue)
    wrong += _market_faults(catalogue)
    if config.checks.vision and not any(one.sees for one in catalogue.writers.values()):
        wrong.append(Remark("error.config_no_eye"))
    wrong += _finish_faults(catalogue)
    pinned = (name for name in config.gpu.pinned if name not in catalogue.models)
    wrong += [_unknown("gpu.pinned", name, catalogue.models) for name in pinned]
    wrong += [*style_faults(catalogue), *_preset_faults(catalogue), *_schedule_faults(catalogue)]
    wrong += [Remark("error.config_preset_name", facts={"found": name}) for name in config.presets if _taken(name)]
    if wrong:
        raise ConfigError("config_faults", wrong, path="config.yaml")


def _taken(preset: str) -> bool:
    """Whether a folder of the inbox of this name would have another use."""
    return normalize("NFC", preset).casefold().strip() in (*RESERVED_FOLDERS, *PAUSES)


def unsaid(order: Order, markets: Mapping[str, Market]) -> list[Remark]:
    """The order's own title and tags that a market can't be told, because it takes only another language. Where enough
    tags are left for it, both languages were meant: each market gets its own.
    """
    told = []
    tags = () if sum(map(str.isascii, order.tags)) >= ENOUGH else order.tags
    for name in order.markets:
        wanted = markets[name].language
        words = [word for word in (order.title, *tags) if word and wanted == "en" and not word.isascii()]
        if words:
            facts = {"market": markets[name].titles.said(wanted), "words": words}
            told.append(Remark("plan.other_language", order.line, facts))
    return told


def meaning(order: Order, meant: Understood, writes: bool = False) -> list[Remark]:
    """What an order's author is told about its words. `writes`: there is a text model, which will translate what is
    unknown. Raises JobFileError where nothing of them can be drawn, and nobody translates.
    """
    subject = order.prompt or order.subject or order.theme
    if meant.nothing and not writes:
        raise JobFileError("job_file", [Remark("job_file.untranslated", order.line, {"found": shown(subject)})])
    told = []
    if meant.meant and not (writes and order.mode == "dynamic"):  # a text model reads a theme as it was written
        told.append(Remark("plan.translated", order.line, {"subject": subject, "words": meant.meant}))
    if meant.unknown:
        awaited = writes and any(map(has_hangul, meant.unknown))
        code = "plan.words_awaited" if awaited else "plan.unknown_words"
        told.append(Remark(code, order.line, {"words": list(meant.unknown)}))
    if meant.texts:
        code = "plan.texts_many" if meant.texts > MOST_COMBINATIONS else "plan.texts"
        code = "plan.texts_few" if meant.texts < order.count else code
        facts = {"subject": shown(subject), "texts": min(meant.texts, MOST_COMBINATIONS), "count": order.count}
        told.append(Remark(code, order.line, facts))
    return told


def unwanted(order: Order, material: Material, words: Mapping[str, str]) -> tuple[Order, list[Remark]]:
    """The order with what should not be seen in English, as models read it, and what its author is told of that.

    `words`: English for Korean ones, before the vocabulary is asked.
    """
    from stockgen.modes.variants import english

    if order.negative_prompt.isascii():
        return order, []
    parts = [part.strip() for part in order.negative_prompt.split(",")]
    read = [(words[part], ()) if part in words else english(part, material) for part in parts]
    told = ", ".join(dict.fromkeys(english for english, _ in read if english))
    unknown = [word for _, left in read for word in left]
    facts = {"subject": shown(order.negative_prompt), "words": told}
    remarks = [Remark("plan.translated_negative", order.line, facts)] if told else []
    if unknown:
        remarks.append(Remark("plan.unknown_negative", order.line, {"words": unknown}))
    return replace(order, negative_prompt=told), remarks


def unsold(order: Order, markets: Mapping[str, Market]) -> list[Remark]:
    """Markets of the order that do not take its kind of picture, and a tier that none of them knows."""
    here = [markets[name] for name in order.markets]
    kind = Remark(f"job_file.kind.{order.sold_as}")
    told = [Remark("plan.kind_not_taken", order.line, {"market": one.name, "kind": kind})
            for one in here if order.sold_as not in one.formats]  # fmt: skip
    if order.tier and here and not any(one.tiers for one in here):
        told.append(Remark("plan.no_tier", order.line, {"tier": order.tier}))
    return told


def too_light(order: Order, markets: Mapping[str, Market], look: Look) -> list[Remark]:
    """Markets of the order that take no small files, where its pictures are drawn, which makes small ones."""
    least = [(markets[name].name, markets[name].min_bytes) for name in order.markets if markets[name].min_bytes]
    facts = [{"market": name, "least": f"{size / 1e6:.1f}"} for name, size in least]
    return [Remark("plan.light", order.line, one) for one in facts] if look == "drawn" else []


def unmakeable(order: Order, chains: Chains, gone: Sequence[Remark] = ()) -> list[Remark]:
    """Why nobody whom the order names can make it; none = somebody can. Told while its author can mend it.

    `gone`: what is told of models that it named and in whose place others stand.
    """
    resolved = chains.resolve(order.model)
    if resolved.chain:
        return []
    told = []
    for why, names in resolved.reasons():
        old = [one.facts for one in gone if one.facts["successor"] in names]
        told += [Remark("door.not_ready_after", order.line, {**one, "why": why}) for one in old]
        rest = [name for name in names if all(name != one["successor"] for one in old)]
        told += [Remark("door.not_ready", order.line, {"model": rest, "why": why})] if rest else []
    return told


def _provider_faults(catalogue: Catalogue) -> list[Remark]:
    found: list[Remark] = []
    for read in (lambda: catalogue.specs, lambda: catalogue.writers):  # reading them is what checks them
        try:
            read()
        except ConfigError as error:
            found += error.remarks
    return found


def _model_faults(catalogue: Catalogue) -> Iterator[Remark]:
    """Names that are none of a provider, a chain or a model that draws."""
    drawing = {name for name, one in catalogue.models.items() if one.role == "model"}
    names, there = {*_chosen(catalogue), *drawing}, catalogue.succession.named
    for where, name in _models(catalogue.config):
        if name not in names and not there(name):
            yield _refusal(where, name, catalogue) or _unknown_model(where, name, names, _chosen(catalogue))


def _chosen(catalogue: Catalogue) -> set[str]:
    return {AUTO, LOCAL, *catalogue.plugin_modules, *catalogue.config.chains}


def _unknown_model(where: str, found: str, names: Collection[str], chosen: Collection[str]) -> Remark:
    """With the nearest; models are too many to be listed."""
    near = nearest(found, sorted(names))
    facts = {"where": where, "found": found, "nearest": near, "known": ", ".join(sorted(chosen))}
    return Remark("error.config_model_near" if near else "error.config_model", facts=facts)


def _refusal(where: str, found: str, catalogue: Catalogue) -> Remark | None:
    """Why a model is not used that is well known; None = it is not."""
    trap = _refused(catalogue).get(fold(found))
    if trap is None:
        return None
    facts = {"where": where, "found": found, "reason": trap.reason, "instead": trap.instead}
    return Remark("error.config_refused" if trap.instead else "error.config_refused_alone", facts=facts)


def _finish_faults(catalogue: Catalogue) -> Iterator[Remark]:
    """Models that cut out and enlarge are none that draw."""
    finish, roles = catalogue.config.finish, {name: one.role for name, one in catalogue.models.items()}
    for key, found, role in (("cutout", finish.cutout, "matting"), ("upscale", finish.upscale, "upscaler")):
        known = {name for name, one in roles.items() if one == role} | ({LANCZOS} if key == "upscale" else set())
        if found not in known:
            where = f"finish.{key}"
            yield _refusal(where, found, catalogue) or _unknown(where, found, known)


def _prompt_faults(catalogue: Catalogue) -> list[Remark]:
    """What is wrong with the user's own texts for text models."""
    try:
        catalogue.prompts  # noqa: B018 - reading them is what checks them
    except ConfigError as error:
        return list(error.remarks)
    return []


def _list_faults(catalogue: Catalogue) -> list[Remark]:
    """What is wrong with the user's own lists of names: told at the start, not when the first file comes."""
    if not catalogue.shelf.has_own(KIND):
        return []
    try:
        catalogue.lint  # noqa: B018 - building it is what checks them
    except ConfigError as error:
        return list(error.remarks)
    return []


def known(catalogue: Catalogue) -> Known:
    """Names and aliases that job files may use, and what they get where they say nothing."""
    config, language = catalogue.config, catalogue.language
    markets, shut, categories = catalogue.markets, catalogue.closed_markets, catalogue.vocabulary.categories
    return Known(
        models=_model_names(catalogue),
        refused=_refused(catalogue),
        unready=_unready(catalogue),
        markets=_aliased({name: one.words for name, one in [*markets.items(), *shut.items()]}),
        closed={name: one.closed_reason.said(language) for name, one in shut.items()},
        styles=frozenset({*config.styles, *catalogue.vocabulary.styles}),
        presets=config.presets,
        categories=_aliased({name: (one.en, one.ko, *one.words) for name, one in categories.items()}),
        seasons=_aliased({name: (one.en, one.ko, *one.words) for name, one in catalogue.seasons.items()}),
        wildcards=catalogue.wildcards,
        defaults=Defaults(
            count=config.defaults.count,
            best_of=config.defaults.best_of,
            model=(_canonical(catalogue, config.defaults.model),),
            markets=config.defaults.markets,
        ),
        images_per_job=config.limits.images_per_job,
        timezone=config.timezone,
        krw_per_usd=config.money.krw_per_usd,
    )


def _models(config: Config) -> Iterator[tuple[str, str]]:
    yield "defaults.model", config.defaults.model
    yield from ((f"styles.{name}.model", style.model) for name, style in config.styles.items() if style.model)
    for chain, members in config.chains.items():
        for name in members:
            yield f"chains.{chain}", name


def _canonical(catalogue: Catalogue, model: str) -> str:
    """A model of the config by its name in the catalogue, where it is an old name of one that is gone."""
    known = {AUTO, LOCAL, *catalogue.config.chains, *catalogue.plugin_modules, *catalogue.models}
    return model if model in known else catalogue.succession.named(model) or model


def named_models(config: Config) -> Iterator[tuple[str, str]]:
    """(where, word): every place of the config that names a model."""
    yield from _models(config)
    for name, options in config.providers.items():
        if "model" in options and not options.get("base_url"):  # a server of one's own has its own names
            yield f"providers.{name}.model", str(options["model"])
    jobs = {f"presets.{name}": job for name, job in config.presets.items()}
    jobs |= {f"schedules.{name}": one.job for name, one in config.schedules.items()}
    for where, job in jobs.items():
        yield from ((f"{where}.model", word) for word in models_in(job))


def _market_faults(catalogue: Catalogue) -> Iterator[Remark]:
    """Markets of the config that are not there or are closed, and tiers of those that have none."""
    config, there, closed = catalogue.config, catalogue.markets, catalogue.closed_markets
    for where, names in (("markets", config.markets), ("defaults.markets", config.defaults.markets)):
        for name in names:
            if name in closed:
                reason = closed[name].closed_reason.said(catalogue.language)
                facts = {"where": where, "found": name, "reason": reason}
                yield Remark("error.config_market_closed", facts=facts)
            elif name not in there:
                yield _unknown(where, name, there)
    for name, own in config.markets.items():
        if own.tier and name in there and not there[name].tiers:
            yield Remark("error.config_no_tier", facts={"where": f"markets.{name}.tier"})


def _preset_faults(catalogue: Catalogue) -> Iterator[Remark]:
    """What would refuse every file that uses a preset. What is only not here (yet) keeps no daemon from starting."""
    for name in catalogue.config.presets:
        file = json.dumps({"prompt": "a calm sea", "preset": name}).encode()
        try:
            read_form(file, "preset.json", catalogue.known)
        except JobFileError as error:
            wrong = (replace(one, line=None) for one in error.remarks if one.code not in NOT_HERE)
            yield from (Remark("error.config_preset", facts={"where": "presets", "fault": one}) for one in wrong)


def _schedule_faults(catalogue: Catalogue) -> Iterator[Remark]:
    """What is wrong with the form of the schedules' jobs, and markets that are not there. Names that no market takes
    and models without files are found when one is due: they must not keep the daemon from starting.
    """
    for name, one in catalogue.config.schedules.items():
        if isinstance(one.max_waiting, dict):
            where = f"schedules.{name}.max_waiting"
            yield from (_unknown(where, found, catalogue.markets) for found in one.max_waiting
                        if found not in catalogue.markets)  # fmt: skip
        if one.themes and THEME in one.job:
            yield Remark("error.config_schedule_themes", facts={"where": f"schedules.{name}"})
        yield from job_faults(name, one, lambda data, file: read_form(data, file, catalogue.known))


def job_faults(name: str, schedule: Schedule, reader: Callable[[bytes, str], object]) -> Iterator[Remark]:
    """What `reader` finds wrong with the job of a schedule, once for all of its themes."""
    told: dict[str, Remark] = {}
    for data in sources(schedule):
        try:
            reader(data, file_name(name))
        except JobFileError as error:
            told |= {str(one): one for one in (replace(one, line=None) for one in error.remarks)}
    for fault in told.values():
        yield Remark("error.config_schedule_job", facts={"where": f"schedules.{name}.job", "fault": fault})


def _model_names(catalogue: Catalogue) -> dict[str, str]:
    names: dict[str, Sequence[str]] = {LOCAL: ("로컬", "내 컴퓨터")}
    names |= {name: (name,) for name in (AUTO, *catalogue.config.chains, *catalogue.specs)}
    usable = [one for one in catalogue.models.values() if one.provider in catalogue.specs and one.role == "model"]
    by_model = {one.name: one.aliases for one in usable}
    by_provider = {one.provider: one.provider_aliases for one in usable if one.provider_aliases}
    return _aliased(names) | _aliased(by_model) | _aliased(by_provider)


def _refused(catalogue: Catalogue) -> dict[str, Refused]:
    language = catalogue.language
    told = {name: Refused(one.title.said(language), one.reason.said(language), one.instead)
            for name, one in catalogue.refused.items()}  # fmt: skip
    words = {name: (*one.aliases, *one.hub) for name, one in catalogue.refused.items()}
    return {alias: told[name] for alias, name in _aliased(words).items()}


def _unready(catalogue: Catalogue) -> dict[str, Unready]:
    """Providers and models that the config does not name; what to add for each."""
    there = catalogue.specs
    told = {name: Unready(name, f"{name}: {{}}") for name in catalogue.plugin_modules if name not in there}
    models = [one for one in catalogue.models.values() if one.provider not in there and one.role == "model"]
    told |= {one.name: _unready_model(one, catalogue.models) for one in models}
    words: dict[str, Sequence[str]] = dict.fromkeys(told, ()) | {
        one.name: (*one.aliases, *one.provider_aliases) for one in models
    }
    return {alias: told[name] for alias, name in _aliased(words).items()}


def _unready_model(one: Model, models: Mapping[str, Model]) -> Unready:
    add = f"{one.provider}: {{model: {one.name}}}"
    if one.cloud is None or one.cloud.retires is None:
        return Unready(one.name, add)
    after = Unready(one.cloud.successor, f"{one.provider}: {{model: {one.cloud.successor}}}")
    return Unready(one.name, add, one.cloud.retires, after)


def _aliased(names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """alias in lower case → name; each name is an alias of itself, and gaps may be written in any way."""
    words = {alias: name for name, aliases in names.items() for alias in (name, *aliases)}
    return {fold(alias): name for alias, name in words.items()} | {alias.lower(): name for alias, name in words.items()}


def _unknown(where: str, found: str, known: Collection[str]) -> Remark:
    return Remark("error.config_name", facts={"where": where, "found": found, "known": ", ".join(sorted(known))})
