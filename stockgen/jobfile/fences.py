"""Answers of chat programs: what stands between ``` counts, and its language word says how it is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stockgen.jobfile.findings import Findings
from stockgen.jobfile.names import known_key

MOST_BLOCKS = 100
_FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,})[ \t]*([\w+-]*)[ \t]*")
_ENDINGS = {"yaml": ".yaml", "yml": ".yaml", "json": ".json", "jsonc": ".json", "jsonl": ".json", "csv": ".csv",
            "tsv": ".tsv"}  # fmt: skip
_JSON = re.compile(r"\s*[\[{]\s*(?:$|[\[{\"“])", re.MULTILINE)
_YAML = re.compile(r"^(?:- +)?([^\W\d][\w ]{0,40}):(?:\s*\n[ ]*(?:- +|[ ]+)\S|[ ]+\S)", re.MULTILINE)
_LIST = re.compile(r"^(?:- +[^\W\d][\w ]{0,40}: |[^\W\d][\w ]{0,40}:\s*\n[ ]*(?:- |[ ]+)\S|---$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a file that is read on its own, its lines where they were. `ending` says how."""

    ending: str
    text: str


def parts(text: str, ending: str, findings: Findings) -> Sequence[Part]:
    """The fenced pieces of a file, or the whole of it where there is no fence. What stands outside is told."""
    if "```" not in text and "~~~" not in text:
        return (Part(ending, text),)
    lines = text.split("\n")
    marks = [(at, found[1].lower()) for at, line in enumerate(lines) if (found := _FENCE.fullmatch(line))]
    if not marks:
        return (Part(ending, text),)
    blocks = _blocks(lines, marks)
    if len(blocks) > MOST_BLOCKS:
        findings.fault("too_many", limit=MOST_BLOCKS)
        findings.stop()
    inside = {at for first, last, _ in blocks for at in range(first, last)}
    left = sum(bool(line.strip()) for at, line in enumerate(lines) if at not in inside) - len(marks)
    if left > 0:
        findings.tell("fence", marks[0][0] + 1, lines=left)
    kinds = [(_ending("\n".join(lines[first:last]), word, ending), first, last) for first, last, word in blocks]
    texts = [(first, last) for kind, first, last in kinds if kind == ".txt"]
    others = [Part(kind, _only(lines, [(first, last)])) for kind, first, last in kinds if kind != ".txt"]
    return [*([Part(".txt", _only(lines, texts))] if texts else []), *others]


def _blocks(lines: list[str], marks: list[tuple[int, str]]) -> list[tuple[int, int, str]]:
    """(first line, line after the last, language) of each fenced piece. A lone mark at the end closes all before it."""
    if len(marks) == 1 and not any(line.strip() for line in lines[marks[0][0] + 1 :]):
        return [(0, marks[0][0], "")]
    ends = [at for at, _ in marks[1::2]] + [len(lines)]
    return [(at + 1, end, word) for (at, word), end in zip(marks[::2], ends, strict=False)]


def _only(lines: list[str], kept: Sequence[tuple[int, int]]) -> str:
    inside = {at for first, last in kept for at in range(first, last)}
    return "\n".join(line if at in inside else "" for at, line in enumerate(lines))


def _ending(block: str, word: str, ending: str) -> str:
    if word in _ENDINGS:
        return _ENDINGS[word]
    if word or ending != ".txt":
        return ".txt" if word else ending
    return sniffed(block)


def sniffed(block: str) -> str:
    """What a text without a name is written in: `.json`, `.yaml`, else `.txt`."""
    if _JSON.match(block):
        return ".json"
    keys = [found[1] for found in _YAML.finditer(block)]
    return ".yaml" if _LIST.search(block) and keys and all(map(known_key, keys)) else ".txt"
