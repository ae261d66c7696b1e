"""pydantic's faults in words: where, what was found, what is allowed, the nearest known name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Any

from pydantic import BaseModel, ValidationError

from stockgen.domain.hiding import hidden
from stockgen.domain.words import Remark

SHOWN = 60  # characters of a value that a fault quotes


def faults(error: ValidationError, model: type[BaseModel], prefix: str = "") -> list[Remark]:
    """Every fault that pydantic found as a remark. `prefix`: where the model stands, such as `providers.flux.`."""
    return [_fault(one, model, prefix) for one in error.errors()]


def _fault(one: Any, model: type[BaseModel], prefix: str) -> Remark:
    where = prefix + _dotted(one["loc"])
    kind, found = one["type"], one["input"]
    if kind in ("extra_forbidden", "invalid_key"):
        return _unknown(where, str(one["loc"][-1]), sorted(_fields_at(model, one["loc"][:-1])))
    if kind == "missing":
        return Remark("error.config_missing_key", facts={"where": where})
    allowed = _allowed(kind, one.get("ctx", {}), str(one["msg"]))
    if where.endswith("_usd") and allowed.code == "allowed.number":
        allowed = Remark("allowed.dollars")  # who writes a sign or 원 has to hear which currency is meant
    if allowed.code == "allowed.secret_name":  # whatever was found is not quoted: people paste addresses with tokens
        return Remark("error.config_secret_name", facts={"where": where})
    if found is None:
        return Remark("error.config_empty", facts={"where": where, "allowed": allowed})
    names = allowed.facts.get("names", ()) if isinstance(found, str) else ()
    near = difflib.get_close_matches(str(found), names, n=1)
    facts = {"where": where, "found": _shown(found), "allowed": allowed, "nearest": near[0] if near else ""}
    return Remark("error.config_value_near" if near else "error.config_value", facts=facts)


def _unknown(where: str, found: str, known: Iterable[str]) -> Remark:
    near = difflib.get_close_matches(found, known, n=1)
    facts = {"where": where, "nearest": near[0] if near else "", "known": ", ".join(known)}
    return Remark("error.config_unknown_near" if near else "error.config_unknown", facts=facts)


# pydantic's names of faults → ours; docs.pydantic.dev/latest/errors/validation_errors
_KINDS: tuple[tuple[str, str], ...] = (
    ("int_", "whole"), ("float_", "number"), ("finite_", "number"), ("bool_", "yes_no"), ("string_", "text"),
    ("path_", "path"), ("tuple_", "list"), ("list_", "list"), ("dict_", "mapping"), ("model_", "mapping"),
)  # fmt: skip
_BOUNDS = {"ge": "least", "gt": "above", "le": "most", "lt": "below"}
# Codes that the models of config/model.py raise as ValueError.
_OURS = ("duration", "timezone", "path", "hours", "time", "weekly", "devices", "size", "cron", "schedule_name",
         "max_waiting", "time_or_never", "address", "off_or_keys", "within_hours", "secret_name")  # fmt: skip


def _allowed(kind: str, context: Mapping[str, Any], text: str) -> Remark:
    """What may stand there. `text` is pydantic's own sentence, for what no model of ours does."""
    for key, code in _BOUNDS.items():
        if key in context:
            return Remark(f"allowed.{code}", facts={"limit": f"{context[key]:g}"})
    if kind == "literal_error":
        return Remark("allowed.one_of", facts={"names": re.findall(r"'([^']*)'", str(context["expected"]))})
    if kind == "value_error":
        code = str(context["error"])
        return Remark(f"allowed.{code}") if code in _OURS else Remark("allowed.other", facts={"text": code})
    for beginning, code in _KINDS:
        if kind.startswith(beginning):
            return Remark(f"allowed.{code}")
    return Remark("allowed.other", facts={"text": text})


def _shown(value: Any) -> str:
    """A value as its author wrote it, more or less."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = hidden(" ".join(str(value).split()))
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _fields_at(model: type[BaseModel], location: tuple[Any, ...]) -> set[str]:
    at: Any = model
    for name in location:
        field = at.model_fields.get(name) if isinstance(at, type) and issubclass(at, BaseModel) else None
        at = _keyed(field.annotation) if field else _value_type(at)
    return set(at.model_fields) if isinstance(at, type) and issubclass(at, BaseModel) else set()


def _keyed(annotation: Any) -> Any:
    """The model of one that may also be off (`Vision | None`), anything else as it is."""
    if isinstance(annotation, UnionType):
        return next(
            (one for one in annotation.__args__ if isinstance(one, type) and issubclass(one, BaseModel)), annotation
        )
    return annotation


def _value_type(annotation: Any) -> Any:
    arguments = getattr(annotation, "__args__", ())
    return arguments[-1] if arguments else None


def _dotted(location: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in location if part != "[key]")
