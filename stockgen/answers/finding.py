"""The ideas within data of any shape: wrapped, doubly encoded, in columns, by name, as bare sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from stockgen.answers.keys import is_language, meaning
from stockgen.answers.lists import celled, from_labels
from stockgen.answers.objects import pieces
from stockgen.answers.scripts import hangul

DEEPEST = 8  # wrappers around an idea
MOST = 2_000  # values looked at in one answer
MOST_ITEMS = 200
MOST_KEYS = 300  # of one mapping
WORDS = 4  # a bare text with fewer is no prompt
_NUMBERED = re.compile(r"^\W*(?:idea|item|image|prompt|result|concept|아이디어|number|no)?[\s_#-]*\d*\W*$", re.I)
# What a form says in place of a value: `string`, `English title`, `<title>`, `...`, `여기에 …`.
_NAMED = (
    r"(?:your |the |an? )?(?:short |detailed |long )?(?:english |korean |image )?"
    r"(?:title|prompt|description|tags?|keywords?)(?: here| in (?:english|korean)| \d+)?"
)
_PLACEHOLDER = re.compile(
    rf"^\W*(?:string|str|text|array|list|number|null|none|n/a|tbd|todo|value|example|{_NAMED}|"
    r"(?:(?:영어|한국어|한글)\s*)?(?:제목|설명|태그|프롬프트)|여기에.*)\W*$|"
    r"^\s*(?:<[^<>]{2,80}>|\{[^{}]{0,80}\}|\[[^\[\]]{2,80}\]|\.{2,}|…)\s*$",
    re.I,
)
_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")


class Finder:
    """Looks for items in one answer and counts, so that no answer takes long. `steps` gets what was done."""

    def __init__(self, steps: list[str]) -> None:
        self.steps = steps
        self._left = MOST

    def items(self, value: Any, depth: int = 0) -> list[Mapping[str, Any]]:
        """Every idea in `value`, in order."""
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            return []
        if isinstance(value, str):
            return self._encoded(value, depth)
        if isinstance(value, Mapping):
            return self._of_mapping({str(key): one for key, one in islice(value.items(), MOST_KEYS)}, depth)
        if isinstance(value, Sequence):
            return self._of_list(value, depth)
        return []

    def _encoded(self, text: str, depth: int) -> list[Mapping[str, Any]]:
        if not re.match(r"\s*(?:```\w*\s*)?[{\[]", text):
            return [one for one in from_labels(text) if _has(one, "prompt")] if "\n" in text else []
        found = [item for piece in pieces(text) for item in self.items(piece.value, depth + 1)]
        if found:
            self._step("encoded")
        return found

    def _of_list(self, values: Sequence[Any], depth: int) -> list[Mapping[str, Any]]:
        rows = _rows(values)
        if rows:
            self._step("columns")
            return rows[:MOST_ITEMS]
        found = [item for one in values for item in self.items(one, depth + 1)]
        if found or not all(isinstance(one, str) for one in values):
            return found[:MOST_ITEMS]
        cells = celled(values)
        if cells:
            return [cells]
        sentences = [one for one in values if len(one.split()) >= WORDS]
        if len(sentences) < max(1, len(values) - 1):
            return []
        self._step("sentences")
        return [{"prompt": one} for one in sentences[:MOST_ITEMS]]

    def _of_mapping(self, mapping: Mapping[str, Any], depth: int) -> list[Mapping[str, Any]]:
        if mapping.get("type") in _TYPES:
            return self._of_schema(mapping, depth)
        if _placeholders(mapping):
            return self._echo()
        columns = _columns(mapping)
        if columns:
            self._step("columns")
            return columns
        fields = {key: meaning(key)[0] for key in mapping}
        if any(fields[key] == "prompt" and _plain(one) for key, one in mapping.items()) or _by_language(mapping):
            return [mapping]
        inner = self._inner(mapping, fields, depth)
        if inner and not _halves(mapping, fields, inner):
            if depth:
                self._step("wrapped")
            return inner
        pairs = self._pairs(mapping, fields)
        return pairs or ([mapping] if inner or any(_plain(one) for one in mapping.values()) else [])

    def _of_schema(self, schema: Mapping[str, Any], depth: int) -> list[Mapping[str, Any]]:
        """The form of the question, given back; some models put their answer into it."""
        inside = schema.get("properties", schema.get("items"))
        parts = list(inside.values()) if isinstance(inside, Mapping) else inside
        found = self.items(parts, depth + 1) if isinstance(parts, list) else []
        return found or self._echo()

    def _inner(self, mapping: Mapping[str, Any], fields: Mapping[str, Any], depth: int) -> list[Mapping[str, Any]]:
        """The items within the values; one that has no title gets its key for one."""
        found: list[Mapping[str, Any]] = []
        for key, value in mapping.items():
            told = fields[key] in ("title", "description", "category", "use", "aside") and not _objects(value)
            if told or fields[key] == "tags":
                continue
            inner = self.items(value, depth + 1)
            if inner == [value] and fields[key] is None and _is_title(key) and "name" not in inner[0]:
                inner = [{**inner[0], "name": key}]
            found += inner
        return found if len(found) > 1 or any(_has(one, "prompt", "title") for one in found) else []

    def _pairs(self, mapping: Mapping[str, Any], fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """`{title: prompt, …}`"""
        texts = [(key, one) for key, one in mapping.items() if isinstance(one, str) and len(one.split()) > WORDS]
        known = sum(1 for key, _ in texts if fields[key] not in (None, "weak"))
        if len(texts) < len(mapping) or known > 0 or len(texts) < 2:
            return []
        self._step("pairs")
        return [{"prompt": one} | ({} if _NUMBERED.match(key) else {"title": key}) for key, one in texts]

    def _echo(self) -> list[Mapping[str, Any]]:
        self._step("echo")
        return []

    def _step(self, name: str) -> None:
        if name not in self.steps:
            self.steps.append(name)


def _rows(values: Sequence[Any]) -> list[Mapping[str, Any]]:
    """`[[title, prompt], […, …]]`: rows under a row of names."""
    if len(values) < 2 or not all(isinstance(row, list) and len(row) == len(values[0]) for row in values):
        return []
    head = [str(cell) for cell in values[0]]
    named = len({meaning(cell) for cell in head if meaning(cell)[0]}) > 1 and all(len(cell) <= 40 for cell in head)
    return [dict(zip(head, row, strict=True)) for row in values[1:]] if named else []


def _columns(mapping: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """`{titles: […], prompts: […]}` turned round, or `{columns: […], rows: [[…], …]}`."""
    lists = {key: one for key, one in mapping.items() if isinstance(one, list) and one}
    for head in lists.values():
        for body in lists.values():
            rows = _rows([head, *body]) if body is not head else []
            if rows:
                return rows[:MOST_ITEMS]
    lists = {key: one for key, one in lists.items() if len(one) > 1}
    prompts = [
        one for key, one in lists.items() if meaning(key)[0] == "prompt" and all(isinstance(x, str) for x in one)
    ]
    if not prompts or len(lists) < 2 or any(len(one.split()) < WORDS for one in prompts[0]):
        return []
    even = {key: one for key, one in lists.items() if len(one) == len(prompts[0])}
    return [{key: one[at] for key, one in even.items()} for at in range(min(len(prompts[0]), MOST_ITEMS))]


def _plain(value: Any) -> bool:
    """Text, a number, or a list or mapping of language → text."""
    if isinstance(value, Mapping):
        return bool(value) and all(is_language(str(key)) for key in value)
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, str) for one in value)
    return isinstance(value, str | int | float) and not (isinstance(value, str) and value.lstrip()[:1] in ("{", "["))


def _objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, Mapping) for one in value)


def _is_title(key: str) -> bool:
    """Whether a key can be the title of what stands under it: words, not the name of a wrapper."""
    return not _NUMBERED.match(key) and (len(key.split()) > 1 or hangul(key) > 0)


def _has(item: Mapping[str, Any], *fields: str, depth: int = 2) -> bool:
    """Whether one of `fields` is in it, or in a part of it."""
    if any(meaning(str(key))[0] in fields for key in item):
        return True
    return depth > 0 and any(_has(one, *fields, depth=depth - 1) for one in item.values() if isinstance(one, Mapping))


def _by_language(mapping: Mapping[str, Any]) -> bool:
    """`{en: {…}, ko: {…}}`"""
    return sum(1 for key, one in mapping.items() if is_language(key) and isinstance(one, Mapping)) > 1


def _halves(mapping: Mapping[str, Any], fields: Mapping[str, Any], inner: Sequence[Mapping[str, Any]]) -> bool:
    """Whether what was found within are parts of one idea: `{title: …, image: {prompt: …}}`."""
    prompts = sum(1 for one in inner if _has(one, "prompt"))
    titles = sum(1 for one in inner if _has(one, "title"))
    own = any(fields[key] == "title" and _plain(one) for key, one in mapping.items())
    together = len(inner) > 1 and titles == 1 and not any(_has(one, "prompt") and _has(one, "title") for one in inner)
    return prompts == 1 and ((own and titles == 0) or together)


def _placeholders(mapping: Mapping[str, Any]) -> bool:
    """Whether the texts that matter are those of a form that nobody filled in."""
    texts = [one for key, one in mapping.items() if isinstance(one, str) and meaning(key)[0] in ("prompt", "title")]
    return bool(texts) and all(_PLACEHOLDER.match(one) or not one.strip() for one in texts)
