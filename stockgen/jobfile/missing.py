"""Which of its author's lines a mended copy lacks: they are told by number, so that nobody loses one unseen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from stockgen.domain.errors import JobFileError
from stockgen.jobfile.findings import Findings
from stockgen.jobfile.text import decode_lines


def missing(data: bytes, mended: bytes) -> tuple[int, ...]:
    """The numbers, from 1, of lines with words that stand in the refused file and neither as they were nor mended in
    the copy.
    """
    try:
        before, after = (decode_lines(each, Findings("")) for each in (data, mended))
    except JobFileError:  # it is told why
        return ()
    kept = {line.strip() for line in after}  # a line that was moved is not missing
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    lost = (number for _, first, last, start, end in blocks for number in _lost(before, after[start:end], first, last))
    return tuple(number + 1 for number in lost if before[number].strip() and before[number].strip() not in kept)


def _lost(before: Sequence[str], instead: Sequence[str], first: int, last: int) -> Iterator[int]:
    """Of lines in whose place others stand, as many as are fewer: those that resemble none."""
    fewer = (last - first) - len(instead)
    likeness = {number: max((SequenceMatcher(None, before[number], one).ratio() for one in instead), default=0.0)
                for number in range(first, last)}  # fmt: skip
    return iter(sorted(sorted(likeness, key=lambda number: likeness[number])[: max(0, fewer)]))
