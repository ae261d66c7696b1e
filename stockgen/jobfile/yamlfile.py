"""YAML → nodes. Every scalar stays text; anchors, aliases, tags, merges and double keys are refused by line.

Built straight from a parser's events: PyYAML's composer recurses, and libyaml's kills the process on 50,000 nested
brackets. Depth and number of nodes are counted while the events come, so a bomb is never unfolded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from stockgen.jobfile.documents import NO_SPACE, Size, drafts
from stockgen.jobfile.findings import Findings, shown
from stockgen.jobfile.names import known_key
from stockgen.jobfile.nodes import Fields, Items, Node, Sheet, Text
from stockgen.jobfile.text import clean, readable
from stockgen.jobfile.typography import plain, yaml_structure
from stockgen.jobfile.yamlevents import events

_BRACE = re.compile(r"(^|[:,-]\s+)[{\[]")


def sheet(text: str, findings: Findings) -> Sheet:
    """The orders of a YAML file: each mapping, list item and document is one. Raises JobFileError."""
    text = _trimmed(yaml_structure(text))
    try:
        documents = list(_documents(text, findings))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        _explain(error, text, findings)
        findings.stop(error)
    return Sheet(tuple(draft for document in documents for draft in drafts(document, findings)))


def _trimmed(text: str) -> str:
    """Without white space at the ends of lines: a TAB on an empty line is a fault in YAML, and unseen."""
    return "\n".join(line.rstrip(" \t") for line in text.split("\n")) if "\t" in text else text


def _documents(text: str, findings: Findings) -> Iterator[Node]:
    builder = _Builder(text, findings)
    for event in builder.events:
        if isinstance(event, yaml.NodeEvent):
            yield builder.node(event, 1)


class _Builder:
    def __init__(self, text: str, findings: Findings) -> None:
        self.events: Iterator[yaml.Event] = events(text)
        self._findings = findings
        self._size = Size(findings)

    def node(self, event: yaml.Event, depth: int) -> Node:
        line = _line(event)
        self._size.count(line, depth)
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            self._findings.fault("yaml_alias", line, found=shown(f"*{anchor}"))
            return Text(f"*{anchor}", line)
        if anchor:
            self._findings.fault("yaml_alias", line, found=shown(f"&{anchor}"))
        if tag:
            self._findings.fault("yaml_tag", line, found=shown(tag))
        if isinstance(event, yaml.ScalarEvent):
            return self._text(event, line, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(tuple(self._items(depth)), line)
        return Fields(tuple(self._pairs(depth)), line)

    def _text(self, event: yaml.ScalarEvent, line: int, depth: int) -> Text:
        value = clean(event.value)
        if not readable(value):
            self._findings.fault("unreadable", line)
        bare = not event.style
        if bare and depth == 1 and _end_line(event) > line:
            glued = NO_SPACE.match(value)  # else YAML would fold the lines into one subject
            code = "yaml_space" if glued and known_key(glued[1]) else "yaml_lines"
            self._findings.fault(code, line, found=shown(value))
        return Text(plain(value), line, plain=bare)

    def _items(self, depth: int) -> Iterator[Node]:
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self.node(event, depth + 1)

    def _pairs(self, depth: int) -> Iterator[tuple[Text, Node]]:
        seen: dict[str, int] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            key = self.node(event, depth + 1)
            value = self.node(next(self.events), depth + 1)
            if not isinstance(key, Text):
                self._findings.fault("yaml_key", key.line)
            elif key.value == "<<" and key.plain:
                self._findings.fault("yaml_merge", key.line)
            elif key.value in seen:
                self._findings.fault("twice", key.line, key=shown(key.value), first=seen[key.value])
            else:
                seen[key.value] = key.line
                yield key, value


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _end_line(event: yaml.Event) -> int:
    return event.end_mark.line + 1 if event.end_mark else 1


def _explain(error: Exception, text: str, findings: Findings) -> None:
    """The author is told what to do at a line, never PyYAML's own English."""
    mark = getattr(error, "problem_mark", None)
    lines = text.split("\n")
    number = min(mark.line + 1 if mark else 1, len(lines))
    before = next((at for at in range(number, 0, -1) if lines[at - 1].strip()), number)
    found = lines[before - 1]
    findings.fault(_cause(str(getattr(error, "problem", "")), found), before, found=shown(found))


def _cause(problem: str, found: str) -> str:
    if "'\\t'" in problem or found.startswith("\t"):
        return "yaml_tab"
    if _BRACE.search(found):
        return "yaml_braces"
    if "mapping values" in problem:
        return "yaml_colon"
    if NO_SPACE.match(found):
        return "yaml_space"
    return "yaml"
