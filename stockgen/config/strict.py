"""A config file as plain data, or a fault in words that need no programmer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from stockgen.domain.errors import ConfigError, UsageError
from stockgen.domain.hiding import hidden
from stockgen.domain.words import Remark
from stockgen.files import why

SHOWN = 60  # characters of a line that a fault quotes
# Keys under which job files' words stand: these are read by the job files' own rules, as they were written.
_WORDS = ("presets", "schedules.*.job", "schedules.*.themes")
_AS_WRITTEN = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "timestamp"))


def read_tree(path: Path) -> dict[str, Any]:
    """The mapping that a file holds. Raises UsageError where it can't be read, ConfigError where it is no mapping."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError("no_file", path=str(path), detail=why(error)) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path, Remark("error.config_encoding", data.count(b"\n", 0, error.start) + 1)) from error
    try:
        tree = _tree(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unreadable(path, _misread(error, text)) from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise _unreadable(path, Remark("error.config_mapping"))
    return tree


def _tree(text: str) -> Any:
    """The file's data. In a job's words `16:9` is no number of seconds, and `yes` is the word."""
    loader = _Strict(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        for words in _WORDS:
            for below in _found(node, words.split(".")):
                _keep(below)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _found(node: yaml.Node, path: Sequence[str]) -> Iterator[yaml.Node]:
    """What stands under a path of keys; `*` = any."""
    if not path:
        yield node
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if path[0] in ("*", key.value):
                yield from _found(value, path[1:])


def _keep(node: yaml.Node) -> None:
    if isinstance(node, yaml.ScalarNode):
        node.tag = "tag:yaml.org,2002:str" if node.tag in _AS_WRITTEN else node.tag
    elif isinstance(node, yaml.SequenceNode):
        for one in node.value:
            _keep(one)
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            for one in pair:
                _keep(one)


def _unreadable(path: Path, told: Remark) -> ConfigError:
    return ConfigError("config_faults", [told], path=str(path))


def _misread(error: Exception, text: str) -> Remark:
    """What is wrong with the layout, in our words: PyYAML's are English and for programmers."""
    if isinstance(error, yaml.reader.ReaderError):
        return Remark("error.config_sign", text.count("\n", 0, error.position) + 1)
    problem = str(getattr(error, "problem", ""))
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return Remark("error.config_yaml", facts={"found": "…"})
    found = _line(text, mark) or _line(text, getattr(error, "context_mark", None)) or "…"
    if isinstance(error, _Twice):
        return Remark("error.config_twice", mark.line + 1, {"key": problem})
    if isinstance(error, _Linked):
        return Remark("error.config_alias", mark.line + 1, {"found": found})
    return Remark("error.config_tab" if "'\\t'" in problem else "error.config_yaml", mark.line + 1, {"found": found})


def _line(text: str, mark: yaml.Mark | None) -> str:
    lines = text.splitlines()
    return hidden(lines[mark.line].strip())[:SHOWN] if mark is not None and mark.line < len(lines) else ""


class _Twice(yaml.constructor.ConstructorError):
    """A key stands twice in one mapping; `problem` is the key."""


class _Linked(yaml.composer.ComposerError):
    """`*name`: such a value may contain itself, and no message could say where it stands."""


class _Strict(yaml.SafeLoader):
    """SafeLoader that refuses references, and a key written twice: PyYAML would silently keep the last.

    A key is a name: `on` (`notify.on`) and `no` are no truth values there, as YAML 1.1 has it.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise _Linked(None, None, "", self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            key.tag = "tag:yaml.org,2002:str" if key.tag == "tag:yaml.org,2002:bool" else key.tag
            if key.value in seen:
                raise _Twice(None, None, key.value, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)
