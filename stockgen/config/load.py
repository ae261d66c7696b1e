"""`config.yaml` → `Config`, with every fault at once in words."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from stockgen.config.model import LATER, LATER_MARKET_KEYS, LATER_STYLE_KEYS, RELOADABLE, Config
from stockgen.domain.errors import ConfigError
from stockgen.domain.words import Remark


def find(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The config file: `--config`, else $STOCKGEN_CONFIG, else ./config.yaml. Raises ConfigError where none is."""
    named = given or (Path(environment["STOCKGEN_CONFIG"]) if environment.get("STOCKGEN_CONFIG") else None)
    path = (named or Path("config.yaml")).absolute()
    if not path.is_file():
        raise ConfigError("config_missing", path=str(path))
    return path


def load(path: Path) -> Config:
    """Read, check and place a config file. Raises ConfigError with all faults."""
    tree = _tree(path)
    later = [_later(name) for name in sorted(_paths(tree)) if _is_later(name)]
    try:
        config = Config.model_validate(tree)
    except ValidationError as error:
        raise ConfigError("config_faults", [*later, *faults(error, Config)], path=str(path)) from error
    if later:
        raise ConfigError("config_faults", later, path=str(path))
    return config.placed(path.parent)


def faults(error: ValidationError, model: type[BaseModel], prefix: str = "") -> list[Remark]:
    """Every fault that pydantic found as a remark: where, what was found, what is allowed, the nearest known name."""
    return [_fault(one, model, prefix) for one in error.errors() if not _is_later(_dotted(one["loc"]))]


def changed(old: Config, new: Config) -> tuple[Config, list[str]]:
    """What SIGHUP makes of a new config: `old` with the reloadable parts of `new`, and the names that need a restart."""
    names = list(Config.model_fields)
    differing = [name for name in names if getattr(old, name) != getattr(new, name)]
    apply = {name: getattr(new, name) for name in differing if name in RELOADABLE}
    return old.model_copy(update=apply), [name for name in differing if name not in RELOADABLE]


def _tree(path: Path) -> dict[str, Any]:
    try:
        tree = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Strict)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        told = Remark("error.config_yaml", line, {"detail": getattr(error, "problem", None) or str(error)[:200]})
        raise ConfigError("config_faults", [told], path=str(path)) from error
    except OSError as error:
        raise ConfigError("config_missing", path=str(path)) from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError("config_faults", [Remark("error.config_mapping")], path=str(path))
    return tree


class _Strict(yaml.SafeLoader):
    """SafeLoader that refuses a key written twice: PyYAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{name!r} stands here twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def _fault(one: Any, model: type[BaseModel], prefix: str) -> Remark:
    where = prefix + _dotted(one["loc"])
    if one["type"] == "extra_forbidden":
        known = sorted(_fields_at(model, one["loc"][:-1]))
        near = difflib.get_close_matches(str(one["loc"][-1]), known, n=1, cutoff=0.6)
        code = "error.config_unknown_near" if near else "error.config_unknown"
        return Remark(code, facts={"where": where, "nearest": near[0] if near else "", "known": ", ".join(known)})
    context = one.get("ctx", {})
    allowed = context.get("expected") or _bounds(context) or str(context.get("error", one["msg"]))
    return Remark("error.config_value", facts={"where": where, "found": repr(one["input"])[:80], "allowed": allowed})


def _bounds(context: Mapping[str, Any]) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    return " ".join(f"{signs[key]} {value}" for key, value in context.items() if key in signs)


def _fields_at(model: type[BaseModel], location: tuple[Any, ...]) -> set[str]:
    at: Any = model
    for name in location:
        field = at.model_fields.get(name) if isinstance(at, type) and issubclass(at, BaseModel) else None
        at = field.annotation if field else _value_type(at)
    return set(at.model_fields) if isinstance(at, type) and issubclass(at, BaseModel) else set()


def _value_type(annotation: Any) -> Any:
    arguments = getattr(annotation, "__args__", ())
    return arguments[-1] if arguments else None


def _paths(tree: Mapping[str, Any], prefix: str = "") -> set[str]:
    found = set()
    for key, value in tree.items():
        found.add(f"{prefix}{key}")
        if isinstance(value, Mapping):
            found |= _paths(value, f"{prefix}{key}.")
    return found


def _is_later(name: str) -> bool:
    parts = name.split(".")
    in_item = {"markets": LATER_MARKET_KEYS, "styles": LATER_STYLE_KEYS}
    return name in LATER or (len(parts) == 3 and parts[2] in in_item.get(parts[0], frozenset()))


def _later(name: str) -> Remark:
    return Remark("error.config_later", facts={"where": name})


def _dotted(location: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in location)
