"""Lists for `__name__`: shipped ones, with those of `my/wildcards/` over them.

`.txt`: a value on each line, `#` comments; `.yaml`: a list, or mappings of lists. A file's way is its name:
`my/wildcards/food/soup.txt` is `__food/soup__`, and so is `soup: [...]` in `my/wildcards/food.yaml`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Any

import yaml

from stockgen.data import Shelf
from stockgen.data.templates.nodes import Choice
from stockgen.data.templates.parse import MOST_DEEP, Parser, fault
from stockgen.domain.errors import JobFileError

KIND = "wildcards"
MOST_VALUES = 10_000  # of one list; more is no list that a person reads
MOST_BYTES = 4 << 20  # of one file
MOST_TOLD = 20  # names of lists in a fault
Values = tuple[str, ...]


class Wildcards:
    """All lists by name. `broken`: files that can't be read, told when somebody names one of them."""

    def __init__(self, lists: Mapping[str, Values] | None = None, broken: Mapping[str, str] | None = None) -> None:
        self._lists = {_plain(name): values for name, values in (lists or {}).items()}
        self._broken = {_plain(name): why for name, why in (broken or {}).items()}
        self._nodes: dict[str, Choice] = {}
        self._open: list[str] = []  # lists that are being read: one that names itself would never end

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all lists, sorted."""
        return tuple(sorted(self._lists))

    def node(self, pattern: str, deep: int) -> Choice:
        """The lines of the lists that `pattern` names (`*` stands for anything), each once. Raises JobFileError."""
        wanted = _plain(pattern)
        if wanted not in self._nodes:
            named = [name for name in self.names if name == wanted or fnmatchcase(name, wanted)]
            if not named:
                raise self._unknown(pattern, wanted)
            values = dict.fromkeys(value for name in named for value in self._lists[name])
            self._nodes[wanted] = self._read(wanted, tuple(values), deep)
        return self._nodes[wanted]

    def _read(self, name: str, values: Values, deep: int) -> Choice:
        if name in self._open:
            raise fault("cycle", found=" → ".join([*self._open[self._open.index(name) :], name]))
        if deep > MOST_DEEP:
            raise fault("deep", limit=MOST_DEEP)
        if not values:
            raise fault("list_empty", found=name)
        self._open.append(name)
        try:
            return Choice([Parser(value, self, deep, variables=False).option() for value in values])
        except JobFileError as error:
            inner = error.remarks[0]
            if inner.code in ("job_file.template.cycle", "job_file.template.in_list"):
                raise
            raise fault("in_list", name=name, why=inner) from error
        finally:
            self._open.pop()

    def _unknown(self, pattern: str, wanted: str) -> JobFileError:
        if wanted in self._broken:
            return fault("list_broken", found=pattern, why=self._broken[wanted])
        letters = {unicodedata.normalize("NFD", name): name for name in self._lists}
        near = get_close_matches(unicodedata.normalize("NFD", wanted), letters, 1)
        known = [*self.names[:MOST_TOLD], *["…"][: len(self.names) - MOST_TOLD]] or ["–"]  # joined where it is told
        return fault("unknown_near" if near else "unknown", found=pattern,
                     nearest=letters[near[0]] if near else "", known=known)  # fmt: skip


def load_wildcards(shelf: Shelf) -> Wildcards:
    """All lists. Raises ConfigError where a file of the user's can't be opened."""
    lists: dict[str, Values] = {}
    broken: dict[str, str] = {}
    for way, data in shelf.texts(KIND).items():
        name, ending = str(PurePath(way).with_suffix("")), PurePath(way).suffix.lower()
        if ending not in (".txt", ".yaml", ".yml"):
            continue
        try:
            lists |= _lists(name, ending, data)
        except (UnicodeDecodeError, yaml.YAMLError, ValueError, RecursionError) as error:
            broken[name] = (str(error).splitlines() or ["?"])[0]
    return Wildcards(lists, broken)


def _lists(name: str, ending: str, data: bytes) -> dict[str, Values]:
    if len(data) > MOST_BYTES:
        raise ValueError(f"> {MOST_BYTES >> 20} MiB")
    text = unicodedata.normalize("NFC", _decoded(data))
    if ending == ".txt":
        lines = (line.strip() for line in text.splitlines())
        return {name: _few(line for line in lines if line and not line.startswith("#"))}
    tree = yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 - the safest: every scalar is text, `no` as well
    return dict(_branches(name, tree))


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp949")


def _branches(name: str, tree: Any) -> Iterator[tuple[str, Values]]:
    if isinstance(tree, Mapping):
        for key, branch in tree.items():
            yield from _branches(f"{name}/{key}", branch)
    elif isinstance(tree, list) and all(isinstance(one, str) for one in tree):
        yield name, _few(one.strip() for one in tree if one.strip())
    else:
        raise ValueError(f"{name}: ?")


def _few(values: Iterator[str]) -> Values:
    kept = tuple(values)
    if len(kept) > MOST_VALUES:
        raise ValueError(f"> {MOST_VALUES}")
    return kept


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().replace("\\", "/").strip("/")
