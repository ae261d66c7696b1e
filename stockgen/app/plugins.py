"""Providers and writers by file name: listed without importing any, imported only where the config names them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from stockgen.config import faults
from stockgen.domain.errors import ConfigError
from stockgen.domain.protocols import Home, Writer
from stockgen.domain.words import Remark
from stockgen.lanes.spec import ProviderSpec
from stockgen.pipeline.chain import ALWAYS_THERE


def modules_of(packages: Sequence[str]) -> dict[str, str]:
    """Every plugin of some packages: file name → module. What begins with `_` is a part of one."""
    return {name: f"{package}.{name}" for package in packages for name in _names(package)}


def configured(modules: Mapping[str, str], wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, ProviderSpec]:
    """The providers that the config names, and the one that needs nothing, with checked options.

    Raises ConfigError with every fault of every provider.
    """
    checked = _checked("provider", modules, {ALWAYS_THERE: {}} | dict(wanted))
    return {name: ProviderSpec(name, modules[name], options.model_dump()) for name, options in checked.items()}


def writers(modules: Mapping[str, str], wanted: Mapping[str, Mapping[str, Any]], home: Home) -> dict[str, Writer]:
    """The text models that the config names, in its order; nobody is asked yet.

    Raises ConfigError with every fault of every writer.
    """
    checked = _checked("writer", modules, wanted)
    return {name: importlib.import_module(modules[name]).build(options, home) for name, options in checked.items()}


def _checked(what: str, modules: Mapping[str, str], wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, BaseModel]:
    found: dict[str, BaseModel] = {}
    wrong: list[Remark] = []
    for name, options in wanted.items():
        if name not in modules:
            known = ", ".join(sorted(modules))
            wrong.append(Remark(f"error.config_{what}", facts={"found": name, "known": known}))
            continue
        plugin = importlib.import_module(modules[name])
        try:
            found[name] = plugin.Options.model_validate(options)
        except ValidationError as error:
            wrong += faults(error, plugin.Options, f"{what}s.{name}.")
    if wrong:
        raise ConfigError("config_faults", wrong, path="config.yaml")
    return found


def _names(package: str) -> list[str]:
    path = importlib.import_module(package).__path__
    return [one.name for one in pkgutil.iter_modules(path) if not one.ispkg and not one.name.startswith("_")]
