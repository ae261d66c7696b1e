"""From whatever a text model wrote to the ideas in it, as plain mappings; nothing is judged here but emptiness."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stockgen.answers.fields import leaves
from stockgen.answers.finding import Finder
from stockgen.answers.keys import meaning, place
from stockgen.answers.lists import fenced, from_labels, from_sentences, from_table, from_toml, from_yaml
from stockgen.answers.objects import Piece, pieces
from stockgen.answers.tidying import tidy


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found in an answer.

    `items`: one mapping for each idea, keys as the model spelled them; `ideas.ideas` reads them. `steps`: what had to
    be done, each once, in order; () = it was clean JSON. `cut`: it ended in the middle; only what is whole is kept.
    """

    items: tuple[Mapping[str, Any], ...]
    steps: tuple[str, ...]
    cut: bool


def read(text: str) -> Answer:
    """Find the ideas in `text`. Never raises. Milliseconds; a few seconds at most, for any text.

    Steps: `long` `signs` `think` `loop` (what was taken off), `prose` `fence` `several` `python` `repaired` `yaml`
    `toml` `table` `labels` `sentences` (where the data was), `encoded` `columns` `pairs` `wrapped` (its shape), `echo`
    (the form of the question, given back: no item), `cut`.
    """
    steps: list[str] = []
    plain = tidy(text, steps)
    items, cut = _bracketed(plain, steps)
    if not items:
        items = _written(plain, steps)
    cut = cut or "loop" in steps or "long" in steps
    if cut:
        steps.append("cut")
    return Answer(tuple(_different(items)), tuple(dict.fromkeys(steps)), cut)


def _bracketed(text: str, steps: list[str]) -> tuple[list[Mapping[str, Any]], bool]:
    """Items from JSON and what was meant to be JSON, and whether the last of it was cut off."""
    found: list[tuple[Piece, list[Mapping[str, Any]]]] = []
    cut = False
    for piece in pieces(_unescaped(text, steps)):
        cut = cut or piece.cut
        items = Finder(steps).items(piece.value)
        if piece.cut and items:
            items = _whole(items, piece)
        if items:
            found.append((piece, items))
    if any(_telling(items) for _, items in found):
        found = [(piece, items) for piece, items in found if _telling(items)]  # braces in prose say nothing
    if found:
        steps += _how(text, [piece for piece, _ in found])
    return [item for _, items in found for item in items], cut


def _telling(items: Sequence[Mapping[str, Any]]) -> bool:
    return any(place(path)[0] == "prompt" for item in items for path, _ in leaves(item))


def _unescaped(text: str, steps: list[str]) -> str:
    """JSON within a string, with the quotes of that string or without them, or within HTML."""
    if text.count("&quot;") > text.count('"'):
        steps.append("encoded")
        return html.unescape(text)
    if re.match(r"[^\n]{0,80}[{\[]\\n", text) and "\n" not in text.strip():
        steps.append("encoded")
        text = text.replace("\\n", "\n")
    if not re.search(r'[{\[,]\s*(?:\\n\s*)?\\"', text) or re.search(r'[{,]\s*"\w', text):
        return text
    steps.append("encoded")
    return text.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


def _how(text: str, kinds: list[Piece]) -> list[str]:
    first, last = kinds[0], kinds[-1]
    outside = text[: first.start] + text[last.end :]
    around = "fence" if "```" in outside or "~~~" in outside else "prose"
    named = [around] if outside.strip() else []
    return named + [piece.how for piece in kinds if piece.how != "strict"] + (["several"] if len(kinds) > 1 else [])


def _whole(items: list[Mapping[str, Any]], piece: Piece) -> list[Mapping[str, Any]]:
    """Without what was being written when it ended: the last value of the last item."""
    if piece.how != "repaired" or not items[-1]:
        return items
    last = dict(items[-1])
    key = list(last)[-1]
    if isinstance(last[key], list) and len(last[key]) > 1:
        last[key] = last[key][:-1]
    else:
        del last[key]
    return [*items[:-1], last] if last else items[:-1]


def _written(text: str, steps: list[str]) -> list[Mapping[str, Any]]:
    """Items from what was written for people, the most telling form first."""
    readers: list[tuple[str, Callable[[str], list[Mapping[str, Any]]]]] = [
        ("yaml", lambda part: _with_fields(Finder(steps).items(from_yaml(part)))),
        ("toml", lambda part: _with_fields(Finder(steps).items(from_toml(part)))),
        ("table", from_table),
        ("labels", from_labels),
        ("sentences", from_sentences),
    ]
    for part in (*fenced(text), text):
        for name, reader in readers:
            items = [one for found in reader(part) for one in Finder(steps).items(found)]
            if items:
                steps.append(name)
                return items
    return []


def _with_fields(items: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """YAML makes a mapping of any line with a colon; only one with a title or prompt counts."""
    told = [{meaning(str(key))[0] for key in item} for item in items]
    return items if told and all(fields & {"prompt", "title"} for fields in told) else []


def _different(items: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    kept: dict[str, Mapping[str, Any]] = {}
    for item in items:
        kept.setdefault(repr(sorted(item.items(), key=lambda pair: str(pair[0]))), item)
    return list(kept.values())
