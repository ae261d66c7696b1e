"""Changes values in the text of a config file and leaves everything else as it stands: comments, order, layout.

A value is found by what PyYAML says of its place; what is not there yet is written in front of its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

Keys = tuple[str, ...]


def edited(text: str, changes: Mapping[Keys, Any]) -> str:
    """The text with each value set. Raises ValueError for a text whose values can't be placed (a list where keys were
    expected), yaml.YAMLError for one that is no YAML.
    """
    for keys, value in changes.items():
        text = _set(text, keys, value)
    return text


def _set(text: str, keys: Keys, value: Any) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None:
        return _appended(text, keys, value)
    node, rest = root, list(keys)
    key_node: yaml.Node | None = None
    while rest and isinstance(node, yaml.MappingNode):
        found = next(((key, one) for key, one in node.value if key.value == rest[0]), None)
        if found is None:
            return _inserted(text, node, rest, value, key_node)
        (key_node, node), rest = found, rest[1:]
    if key_node is None or (rest and not _empty(node)):
        raise ValueError(".".join(keys))
    return _replaced(text, key_node, node, _nested(rest, value))


def _replaced(text: str, key: yaml.Node, node: yaml.Node, value: Any) -> str:
    """In place of the old value; what stands in several lines ends with its last word, not with the comments below."""
    start = text.index(":", key.end_mark.index) + 1
    end = max(start, _end(node))
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):  # their last line is part of them
        end -= text[:end].endswith("\n")
    new, rest = f" {_flow(value)}", text[end:]
    gap = re.match(r" {2,}(?=#)", rest)
    if gap is not None:  # the comments of the lines around stay in one column
        rest = " " * max(2, end - start + gap.end() - len(new)) + rest[gap.end() :]
    return f"{text[:start]}{new}{rest}"


def _inserted(text: str, node: yaml.MappingNode, rest: Sequence[str], value: Any, key: yaml.Node | None) -> str:
    if node.flow_style:
        at = node.start_mark.index + 1
        more = ", " if node.value else ""
        return f"{text[:at]}{rest[0]}: {_flow(_nested(rest[1:], value))}{more}{text[at:]}"
    if key is None:
        return _appended(text, rest, value)
    first = node.value[0][0].start_mark
    line = f"{rest[0]}: {_flow(_nested(rest[1:], value))}\n{' ' * first.column}"
    return f"{text[: first.index]}{line}{text[first.index :]}"


def _appended(text: str, keys: Sequence[str], value: Any) -> str:
    line = f"{keys[0]}: {_flow(_nested(keys[1:], value))}\n"
    return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{line}"


def _end(node: yaml.Node) -> int:
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _nested(keys: Sequence[str], value: Any) -> Any:
    for key in reversed(keys):
        value = {key: value}
    return value


def _flow(value: Any) -> str:
    """In one line. A single word needs no quotes where YAML reads it as the same word."""
    said = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1 << 20, sort_keys=False)
    return said.removesuffix("\n").removesuffix("...").rstrip()
