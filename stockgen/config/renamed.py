"""Keys of `config.yaml` whose names have changed: read on under their old ones, and told."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from stockgen.domain.words import Remark

# Old name → new name, dotted, both whole. A line stays for as long as anybody may upgrade from a version that wrote it.
# None was renamed since the first release.
RENAMED: Mapping[str, str] = MappingProxyType({})


def renamed(tree: Mapping[str, Any], table: Mapping[str, str]) -> tuple[dict[str, Any], list[Remark], list[Remark]]:
    """The file's data with today's names; what is told of each old one; and the faults: both names at once.

    `tree` is left as it is.
    """
    told: list[Remark] = []
    faults: list[Remark] = []
    now = _copy(tree)
    for old, new in table.items():
        value = _taken(now, old)
        if value is _ABSENT:
            continue
        facts = {"old": old, "new": new}
        if _put(now, new, value):
            told.append(Remark("config.renamed", facts=facts))
        else:
            faults.append(Remark("error.config_both_names", facts=facts))
    return now, told, faults


_ABSENT = object()


def _copy(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _copy(value) if isinstance(value, Mapping) else value for key, value in tree.items()}


def _taken(tree: dict[str, Any], dotted: str) -> Any:
    """Take out what stands under a dotted name."""
    first, _, rest = dotted.partition(".")
    if not rest:
        return tree.pop(first, _ABSENT)
    below = tree.get(first)
    if not isinstance(below, dict):
        return _ABSENT
    value = _taken(below, rest)
    if value is not _ABSENT and not below:
        del tree[first]
    return value


def _put(tree: dict[str, Any], dotted: str, value: Any) -> bool:
    """Set it under a dotted name; False = something stands there already."""
    first, _, rest = dotted.partition(".")
    if not rest:
        return tree.setdefault(first, value) is value
    below = tree.setdefault(first, {})
    return isinstance(below, dict) and _put(below, rest, value)
