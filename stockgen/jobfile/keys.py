"""Key → converter: which keys there are, and the settings that a mapping of them makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stockgen.domain.errors import JobFileError
from stockgen.jobfile.choices import category, language, mode, preset, season, style, tier
from stockgen.jobfile.choices import kind as kind_of
from stockgen.jobfile.field import Field
from stockgen.jobfile.findings import Findings, fault, shown
from stockgen.jobfile.known import Known
from stockgen.jobfile.lists import avoided, markets, models, tags
from stockgen.jobfile.loras import loras
from stockgen.jobfile.moments import not_before
from stockgen.jobfile.names import fold, names
from stockgen.jobfile.nearest import nearest
from stockgen.jobfile.nodes import Fields, Node, Text
from stockgen.jobfile.numbers import best_of, counts, guidance, priority, seed, steps
from stockgen.jobfile.pictures import control, like
from stockgen.jobfile.sizes import size
from stockgen.jobfile.subjects import keywords, prompts
from stockgen.jobfile.values import budget, yes_no
from stockgen.jobfile.words import telling, words

CONVERTERS: Mapping[str, Callable[[Field, Known], Any]] = {
    "keywords": keywords,
    "prompt": prompts,
    "count": counts,
    "model": models,
    "mode": mode,
    "kind": kind_of,
    "size": size,
    "seed": seed,
    "style": style,
    "markets": markets,
    "title": words,
    "tags": tags,
    "category": category,
    "language": language,
    "tier": tier,
    "priority": priority,
    "preset": preset,
    "negative_prompt": words,
    "steps": steps,
    "guidance": guidance,
    "not_before": not_before,
    "budget": budget,
    "theme": telling,
    "season": season,
    "avoid": avoided,
    "like": like,
    "lora": loras,
    "control": control,
    "best_of": best_of,
    "transparent": yes_no,
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A converted value, with the name of its key as it was written and its line."""

    value: Any
    name: str
    line: int


Settings = Mapping[str, Setting]


def settings(fields: Fields, known: Known, findings: Findings, prefix: str = "") -> Settings:
    """Canonical key → setting for every key that can be used; the others go into `findings`.

    `prefix` stands before the names of keys in faults: it says that they come from a preset.
    """
    found: dict[str, Setting] = {}
    for field in _fields(fields, known, findings, prefix):
        if field.key in found:
            other = found[field.key]
            code = "twice" if fold(other.name) == fold(field.name) else "twice_meant"
            findings.fault(code, field.line, key=field.name, other=other.name, first=other.line)
            continue
        try:
            found[field.key] = Setting(_converted(field, known), field.name, field.line)
        except JobFileError as error:
            findings.add(error)
    return found


def _fields(fields: Fields, known: Known, findings: Findings, prefix: str) -> Iterator[Field]:
    for key, node in fields.pairs:
        name = prefix + shown(key.value)
        canonical = names().keys.get(fold(key.value))
        if canonical:
            yield Field(canonical, name, key.line, node)
        else:
            findings.add(unknown_key(key.value, name, key.line))


def unknown_key(written: str, name: str, line: int) -> JobFileError:
    """The fault of a key that does not exist."""
    near = nearest(fold(written), names().keys)
    code = "unknown_key_near" if near else "unknown_key"
    return fault(code, line, key=name, nearest=near, known=", ".join(names().canonical))


def _converted(field: Field, known: Known) -> Any:
    if _missing(field.node):
        raise fault("no_value", field.line, key=field.name)
    return CONVERTERS[field.key](field, known)


def _missing(node: Node) -> bool:
    return isinstance(node, Text) and node.empty
