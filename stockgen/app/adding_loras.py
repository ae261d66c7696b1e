"""A LoRA that was found → its entry of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize

from stockgen.app.adding import PAGE, UNKNOWN, free_name
from stockgen.data.catalog import Model
from stockgen.data.closed import parsed
from stockgen.domain.errors import UsageError
from stockgen.gpu.lora_findings import LoraFinding
from stockgen.gpu.pulling import WEIGHTS


@dataclass(frozen=True, slots=True)
class Answers:
    """What its owner says of a LoRA. `weight` None = 1."""

    licence: str
    sellable: bool
    trigger: str = ""
    weight: float | None = None


def name_of(wanted: str, found: LoraFinding, models: Mapping[str, Model]) -> str:
    """The name that was asked for; else that of the file, by which orders may know it already. Raises UsageError."""
    own = normalize("NFC", Path(found.source).name.removesuffix(WEIGHTS))
    if wanted or found.revision:
        return free_name(wanted, found.source, models)
    taken = {word.casefold() for one in models.values() for word in (one.name, *one.aliases)}
    if own.casefold() in taken:
        raise UsageError("add_name_taken", found=own)
    return own


def lora_entry(name: str, found: LoraFinding, answers: Answers, my: Path) -> dict[str, Any]:
    """What is written into `my/catalog/added.yaml`. Raises ConfigError where that would be no entry."""
    weights: dict[str, Any] = {"source": _source(found, my), "bytes": found.bytes}
    if found.revision:
        weights |= {"revision": found.revision, "gated": found.gated, "files": [*found.files]}
    laid = {"trigger": answers.trigger} | ({} if answers.weight is None else {"weight": answers.weight})
    title = found.said.title or name
    plain = {
        "title": {"en": title, "ko": title},
        "provider": found.known.made_for,
        "licence": answers.licence or UNKNOWN,
        "licence_url": found.licence_url,
        "sellable": answers.sellable,
        "look": "diffusion",
        "source": f"{PAGE}{found.source}" if found.revision else weights["source"],
        "role": "lora",
        "weights": weights,
        "lora": laid,
    }
    parsed(Model, name, plain | {"name": name})
    return {key: value for key, value in plain.items() if value != ""}


def _source(found: LoraFinding, my: Path) -> str:
    """A file in `my/` by its way from there, so that the folder can be moved."""
    if found.revision:
        return found.source
    path = Path(found.source)
    inside = my.resolve()
    return path.relative_to(inside).as_posix() if path.is_relative_to(inside) else str(path)
