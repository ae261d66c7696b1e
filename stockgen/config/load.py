"""`config.yaml` → `Config`, with every fault at once in words."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stockgen.config.faults import faults
from stockgen.config.keys import keys_in
from stockgen.config.model import LATER, RELOADABLE, Config
from stockgen.config.renamed import RENAMED, renamed
from stockgen.config.strict import read_tree
from stockgen.domain.errors import ConfigError
from stockgen.domain.words import Remark


def find(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The config file: `--config`, else $STOCKGEN_CONFIG, else ./config.yaml. Raises ConfigError where none is."""
    path = named(given, environment).absolute()
    if path.is_dir():
        raise ConfigError("config_folder", path=str(path))
    if not path.exists():
        raise ConfigError("config_missing", path=str(path))
    return path


def named(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the config file is said to be; nobody has looked yet."""
    return given or Path(environment.get("STOCKGEN_CONFIG") or "config.yaml")


def load(path: Path, old_names: Mapping[str, str] = RENAMED) -> Config:
    """Read, check and place a config file. `old_names` as RENAMED. Raises ConfigError with all faults."""
    tree = read_tree(path)
    keys = list(keys_in(tree))
    if keys:  # and nothing else is told, because faults quote what they found
        raise ConfigError("config_faults", keys, path=str(path))
    tree, told, later = renamed(tree, old_names)
    later += [_later(name) for name in sorted(_paths(tree)) if _is_later(name)]
    try:
        config = Config.model_validate(tree).placed(path.parent).telling(told)
    except ValidationError as error:
        found = [one for one in faults(error, Config) if not _is_later(str(one.facts["where"]))]
        raise ConfigError("config_faults", [*later, *found], path=str(path)) from error
    wrong = [*later, *_same_places(config)]
    if wrong:
        raise ConfigError("config_faults", wrong, path=str(path))
    return config


def changed(old: Config, new: Config) -> tuple[Config, list[str]]:
    """What SIGHUP makes of a new config: `old` with the reloadable parts of `new`, and what needs a restart.

    A part of which single keys are reloadable is named key by key, any other one as a whole.
    """
    apply: dict[str, Any] = {}
    restart: list[str] = []
    for name in Config.model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        if name in RELOADABLE:
            apply[name] = after
        elif any(key.startswith(f"{name}.") for key in RELOADABLE):
            keys = [key for key in type(before).model_fields if getattr(before, key) != getattr(after, key)]
            now = {key: getattr(after, key) for key in keys if f"{name}.{key}" in RELOADABLE}
            apply[name] = before.model_copy(update=now)
            restart += [f"{name}.{key}" for key in keys if key not in now]
        else:
            restart.append(name)
    return old.model_copy(update=apply).telling(new.told), restart


def _same_places(config: Config) -> list[Remark]:
    """Places that must differ: what lies in one of them would be taken for what belongs into the other."""
    places = {
        "state": config.state, "inbox.path": config.inbox.path, "outbox.path": config.outbox.path,
        "outbox.staging": config.outbox.staging,
    }  # fmt: skip
    first: dict[Path, str] = {}
    told = []
    for name, path in places.items():
        at = Path(os.path.normpath(path))
        if first.setdefault(at, name) != name:
            told.append(Remark("error.config_same_place", facts={"where": name, "other": first[at], "path": str(at)}))
    return told


def _paths(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in tree.items():
        yield f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _paths(value, f"{prefix}{key}.")


def _is_later(name: str) -> bool:
    return name in LATER


def _later(name: str) -> Remark:
    return Remark("error.config_later", facts={"where": name})
