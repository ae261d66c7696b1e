"""Ideas that were not written as data but for people: YAML, tables, labelled lines, numbered lists."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from typing import Any

from stockgen.answers.keys import Field, meaning
from stockgen.answers.scripts import english

YAML_LONGEST = 60_000  # characters; PyYAML reads about 200,000 in a second
DEEPEST = 60  # spaces of indent that YAML is tried with
_LABEL = re.compile(r"^([^:：=|]{1,40}?)\s*(?:\*\*|__)?\s*(?:[:：]|\s=\s)\s*(?:\*\*|__)?\s*(.*)$")
_MARKER = re.compile(r"^\s*(?:[-*•·+>]\s+|\(?\d{1,3}[.)]\s+|#{1,6}\s+)+")
_NEW = re.compile(
    r"^\s*(?:#{1,6}\s|[-*•]\s+\*\*|\(?\d{1,3}[.)]\s|(?:[-*_=]\s*){3,}$|(?:\*\*|__)?\s*(?:idea|아이디어|concept|image)\s*#?\d)",
    re.I,
)
_TAGGED = re.compile(r"<([A-Za-z_가-힣]{2,30})>\s*([^<]{1,3000}?)\s*</\1>")
_SENTENCE = re.compile(r"^\s*(?:[-*•]|\(?\d{1,3}[.)])\s+(.{20,1500})$")
HEADING = "heading"  # the key of what stands above an idea: its title, where it has no other
_WORDS = 5  # a line of a bare list with fewer is a heading or a tag


def from_yaml(text: str) -> Any:
    """What YAML makes of it, every scalar as text; None where it is none. Aliases and deep indents are refused."""
    import yaml

    if len(text) > YAML_LONGEST or "\n" not in text or re.search(rf"^ {{{DEEPEST},}}|\[{{{DEEPEST}}}", text, re.M):
        return None
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.BaseLoader)):
            return None
        documents = [one for one in yaml.load_all(text, Loader=yaml.BaseLoader) if one]
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    kept = [one for one in documents if isinstance(one, dict | list)]
    return kept[0] if len(kept) == 1 else kept or None


def from_toml(text: str) -> Any:
    """What TOML makes of it; None where it is none."""
    import tomllib

    if len(text) > YAML_LONGEST or not re.search(r"^\w+ ?= ?\S", text, re.M):
        return None
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None


def from_table(text: str) -> list[Mapping[str, Any]]:
    """Rows of a markdown table, or of comma, semicolon or tab separated lines under a row of known names."""
    lines = [line.strip() for line in text.split("\n")]
    for at, line in enumerate(lines):
        for separator in "|\t,;":
            head = _cells(line, separator)
            if not _names_columns(head):
                continue
            rows = [_cells(row, separator) for row in lines[at + 1 :]]
            kept = [row for row in rows if len(row) == len(head) and any(re.search(r"\w", cell) for cell in row)]
            if kept:
                return [dict(zip(head, row, strict=True)) for row in kept]
    return []


def _names_columns(cells: Sequence[str]) -> bool:
    """Short words of which at least two name fields, and not the same one."""
    short = all(len(cell.split()) <= 4 and ":" not in cell for cell in cells)
    return short and len({meaning(cell) for cell in cells if meaning(cell)[0]}) > 1


def _cells(line: str, separator: str) -> list[str]:
    if separator not in line:
        return []
    if separator == "|":
        return [_bare(cell) for cell in line.strip("|").split("|")]
    try:
        return [_bare(cell) for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])]
    except csv.Error:
        return []


def from_labels(text: str) -> list[Mapping[str, Any]]:
    """Lines such as `**Title (Korean):** …`; a label that comes again, a number or a heading begins a new one."""
    marked = _TAGGED.sub(lambda found: f"\n{found[1]}: {' '.join(found[2].split())}\n", text)
    items: list[dict[str, Any]] = [{}]
    last = ""
    for line in (part for whole in marked.split("\n") for part in _beside(whole)):
        if not line.strip():
            last = last if last and not items[-1][last] else ""
            continue
        label = _labelled(line)
        if label is None:
            last = _continued(items, last, line)
            continue
        key, value = label
        if meaning(key) in {meaning(known) for known in items[-1]}:
            items.append({})
        items[-1][key] = _bare(value)
        last = key
    told = [item for item in items if len(item) > 1 or _field_of(item) == "prompt"]
    return [{key: item[key] for key in sorted(item, key=lambda key: key == HEADING)} for item in told]


def _beside(line: str) -> Sequence[str]:
    """`Title: … | Prompt: …` as lines of their own."""
    parts = line.split(" | ")
    return parts if sum(1 for part in parts if _labelled(part)) > 1 else [line]


def _field_of(item: Mapping[str, Any]) -> Field | None:
    return next((meaning(key)[0] for key in item), None)


def _labelled(line: str) -> tuple[str, str] | None:
    plain = _MARKER.sub("", line).replace("**", "").replace("__", "").strip()
    if (
        re.match(r"\s*(?:#|\*\*)", line)
        and len(plain.split()) <= 3
        and meaning(plain)[0] not in (None, "weak", "aside")
    ):
        return plain, ""  # a heading that names a field; its text stands below
    found = _LABEL.match(plain)
    key = found[1].strip(" *_`\"'") if found else ""
    if found is None or meaning(key) == (None, None) or len(key.split()) > 5:
        return None
    return key, found[2]


def _continued(items: list[dict[str, Any]], last: str, line: str) -> str:
    """A line without a label goes on with the label above it, or begins a new item with its heading."""
    plain = _bare(_MARKER.sub("", line))
    if _NEW.match(line) and not (last and not items[-1][last]):
        if items[-1]:
            items.append({})
        heading = re.sub(r"^(?:idea|아이디어|concept|image)\s*#?\d*\s*[:：.\-–—]?\s*", "", plain, flags=re.I)
        if heading and re.search(r"\w", heading):
            items[-1][HEADING] = heading
        return ""
    if last and plain and not plain.startswith("```"):
        before = items[-1][last]
        bullet = _MARKER.match(line)
        items[-1][last] = f"{before}{', ' if bullet and before else ' ' if before else ''}{plain}"
    return last


def from_sentences(text: str) -> list[Mapping[str, Any]]:
    """Numbered or bulleted lines that are each a prompt, or several cells that tell by themselves what they are."""
    found = [_bare(line[1]) for line in map(_SENTENCE.match, text.split("\n")) if line]
    return [celled(one.split("|")) or {"prompt": one} for one in found if len(one.split()) >= _WORDS]


def celled(cells: Sequence[str]) -> dict[str, Any]:
    """`title | 제목 | a prompt of many words | tags`: by language and length; {} where that is not clear."""
    parts = [cell.strip() for cell in cells if cell.strip()]
    inside = [part for part in parts if english(part)]
    prompt = max(inside, key=lambda part: len(part.split()), default="")
    titles = [part for part in parts if part != prompt and "," not in part]
    if len(parts) < 3 or len(prompt.split()) < _WORDS or not titles:
        return {}
    tags = [part for part in parts if part != prompt and part not in titles]
    return {"prompt": prompt, "title": titles, "tags": tags}


def fenced(text: str) -> Sequence[str]:
    """What stands between lines of three backticks or tildes; a fence that is never closed reaches to the end."""
    parts = re.split(r"^[ \t]*(?:```|~~~)[^\n`]*$", text, flags=re.M)
    return [part.strip() for part in parts[1::2] if part.strip()]


def _bare(text: str) -> str:
    return re.sub(r"\*\*|__|<br\s*/?>", " ", text).strip().strip("`").strip()
