"""What YAML and JSON share: each mapping, list item and document is an order; how deep and how large it may be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stockgen.jobfile.findings import Findings, shown
from stockgen.jobfile.names import lookup, names
from stockgen.jobfile.nodes import Fields, Items, Node, Text, bare

MOST_DEPTH = 20
MOST_NODES = 10_000
NO_SPACE = re.compile(r"^\s*(?:- +)?([^\W\d]\w{0,40}):\S")


class Size:
    """Counts the nodes of a file while they come, so that a bomb is never unfolded."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._nodes = 0

    def count(self, line: int, depth: int) -> None:
        """One more node. Raises JobFileError above 20 levels or 10,000 nodes."""
        self._nodes += 1
        if depth > MOST_DEPTH:
            self._findings.fault("too_deep", line, limit=MOST_DEPTH)
            self._findings.stop()
        if self._nodes > MOST_NODES:
            self._findings.fault("too_many", line, limit=MOST_NODES)
            self._findings.stop()


def drafts(document: Node, findings: Findings) -> Iterator[Fields]:
    """The orders of one document."""
    for node in document.items if isinstance(document, Items) else (document,):
        if isinstance(node, Items):
            findings.fault("list_in_list", node.line)
        elif isinstance(node, Fields):
            yield node
        elif isinstance(document, Items) or not node.empty:
            yield from _bare(node, findings)


def _bare(subject: Text, findings: Findings) -> Iterator[Fields]:
    glued = NO_SPACE.match(subject.value)
    if subject.plain and glued and lookup(names().keys, glued[1]):
        findings.fault("yaml_space", subject.line, found=shown(subject.value))
    else:
        yield bare(subject)
