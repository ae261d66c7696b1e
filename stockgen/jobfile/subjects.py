"""`keywords` and `prompt`: what the pictures show. A string is one subject, a list is several."""

from __future__ import annotations

from dataclasses import dataclass

from stockgen.data.templates import parse
from stockgen.domain.errors import JobFileError
from stockgen.domain.words import Remark
from stockgen.jobfile import counting, foreign
from stockgen.jobfile.field import Field, as_text, each
from stockgen.jobfile.findings import fault, shown
from stockgen.jobfile.known import Known
from stockgen.jobfile.nodes import Fields, Items, Node, Text
from stockgen.jobfile.numbers import count, subject_counts
from stockgen.jobfile.questions import misplaced
from stockgen.jobfile.words import one_line


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject or an exact prompt with its line; `count` None = that of the order."""

    text: str
    line: int
    count: int | None = None


def keywords(field: Field, known: Known) -> tuple[Subject, ...]:
    """Text, list, or mapping subject → count. Raises JobFileError."""
    if isinstance(field.node, Fields):
        counted = subject_counts(field, field.node, known)
        return each(counted, lambda pair: _subject(field, known, pair[0], pair[1]))
    if isinstance(field.node, Items) and any(isinstance(node, Fields) for node in field.node.items):
        return tuple(subject for node in field.node.items for subject in _listed(field, node, known))
    return _subjects(field, known)


def _listed(field: Field, node: Node, known: Known) -> tuple[Subject, ...]:
    """An item of a list of which some give their own count: `- 바다: 3`."""
    if isinstance(node, Fields) and all(_is_count(value) for _, value in node.pairs):
        counted = subject_counts(field, node, known)
        return each(counted, lambda pair: _subject(field, known, pair[0], pair[1]))
    return (_subject(field, known, as_text(field, node)),)


def _is_count(node: Node) -> bool:
    """Whether it looks like a count; anything else behind a colon is a part of the subject that lacks its quotes."""
    return isinstance(node, Text) and any(sign.isdigit() for sign in node.value)


def prompts(field: Field, known: Known) -> tuple[Subject, ...]:
    """Text or list, exact wording. Raises JobFileError."""
    if isinstance(field.node, Fields):
        raise fault("braces", field.node.line, key=field.name)
    return _subjects(field, known)


def _subjects(field: Field, known: Known) -> tuple[Subject, ...]:
    nodes = field.node.items if isinstance(field.node, Items) else (field.node,)
    if not nodes:
        raise fault("no_value", field.line, key=field.name)
    return each(nodes, lambda node: _subject(field, known, as_text(field, node)))


def _subject(field: Field, known: Known, text: Text, given: int | None = None) -> Subject:
    line = one_line(field, text)
    try:
        parse(line, known.wildcards)
    except JobFileError as error:
        raise JobFileError("job_file", [_at(remark, text.line) for remark in error.remarks]) from error
    if foreign.has_options(line):
        raise fault("ask_options", text.line, found=shown(line))
    if code := misplaced(line):
        raise fault(code, text.line, found=shown(line))
    if not any(sign.isalnum() for sign in line):
        raise fault("no_words", text.line, found=shown(line))
    bare, own = counting.split(line) if field.key == "keywords" and given is None else (line, "")
    if own and bare and line[len(bare) :].strip(" (")[0] not in "xX×*":  # `lens x2` is a count in TXT alone
        return Subject(bare, text.line, count(field, Text(own, text.line), known))
    return Subject(line, text.line, given)


def _at(remark: Remark, line: int) -> Remark:
    """The same fault with the line of the file, its pieces fit to be quoted."""
    facts = {key: shown(value) if isinstance(value, str) else value for key, value in remark.facts.items()}
    return Remark(remark.code, line, facts)
