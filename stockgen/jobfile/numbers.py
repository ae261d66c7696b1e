"""Numbers: only ASCII digits (full-width ones are normalised before), never `0x10` or `1e400`; counts have units."""

from __future__ import annotations

import re

from stockgen.domain.words import Remark
from stockgen.jobfile import counting
from stockgen.jobfile.field import Field, allowed, as_text, each, text_of, wrong
from stockgen.jobfile.findings import fault
from stockgen.jobfile.known import Known
from stockgen.jobfile.names import lookup, names
from stockgen.jobfile.nodes import Fields, Items, Text

MOST_SEED = 2**32 - 1
MOST_STEPS = 150
MOST_GUIDANCE = 30
MOST_PRIORITY = 100
MOST_TRIES = 8
_WHOLE = re.compile(r"-?[0-9]{1,12}")  # the limit keeps int() from its 4,300-digit error
_WITH_UNIT = re.compile(r"([0-9]{1,12})\s*[^\W\d_]{1,10}|[xX×]\s*([0-9]{1,12})")
_DECIMAL = re.compile(r"[0-9]{1,4}(\.[0-9]{1,9})?")


def counts(field: Field, known: Known) -> int | tuple[int, ...]:
    """One count, or a list of them. Raises JobFileError."""
    if isinstance(field.node, Items):
        return each(field.node.items, lambda node: count(field, as_text(field, node), known))
    return count(field, text_of(field), known)


def count(field: Field, text: Text, known: Known) -> int:
    """How many pictures: 1 to the most that a file may ask for, with its unit or without. Raises JobFileError."""
    written = text.value.strip()
    given = Text(counting.for_each(written) or counting.without_unit(written), text.line)
    return _whole(field, given, 1, known.images_per_job, allowed("whole", low=1, high=known.images_per_job))


def seed(field: Field, _known: Known) -> int:
    """0 … 2³²−1. Raises JobFileError."""
    return _whole(field, text_of(field), 0, MOST_SEED, allowed("seed", high=MOST_SEED))


def steps(field: Field, _known: Known) -> int:
    """1 … 150. Raises JobFileError."""
    return _whole(field, text_of(field), 1, MOST_STEPS, allowed("whole", low=1, high=MOST_STEPS))


def priority(field: Field, _known: Known) -> int:
    """-100 … 100, or a word like `urgent`. Raises JobFileError."""
    text = text_of(field)
    word = lookup(names().values["priority"], text.value)
    given = Text(word, text.line) if word else text
    return _whole(field, given, -MOST_PRIORITY, MOST_PRIORITY, allowed("priority", most=MOST_PRIORITY))


def best_of(field: Field, _known: Known) -> int:
    """1 … 8. Raises JobFileError."""
    return _whole(field, text_of(field), 1, MOST_TRIES, allowed("whole", low=1, high=MOST_TRIES))


def guidance(field: Field, _known: Known) -> float:
    """0 … 30, with a decimal point or without. Raises JobFileError."""
    return _decimal(field, text_of(field), MOST_GUIDANCE, allowed("decimal", low=0, high=MOST_GUIDANCE))


def share(field: Field, text: Text, most: int) -> float:
    """0 … `most`: how much of something. Raises JobFileError."""
    return _decimal(field, text, most, allowed("share", low=0, high=most))


def _decimal(field: Field, text: Text, most: int, may_be: Remark) -> float:
    given = text.value.strip().replace(",", ".")  # half of the world writes 7,5
    if not _DECIMAL.fullmatch(given) or float(given) > most:
        raise wrong(field, text, may_be)
    return float(given)


def subject_counts(field: Field, fields: Fields, known: Known) -> tuple[tuple[Text, int], ...]:
    """A mapping subject → count. Raises JobFileError; an unquoted `{` makes such a mapping by accident."""
    if any(isinstance(node, Text) and node.empty for _, node in fields.pairs):
        raise fault("braces", fields.line, key=field.name)
    return each(fields.pairs, lambda pair: (pair[0], count(field, as_text(field, pair[1]), known)))


def _whole(field: Field, text: Text, low: int, high: int, may_be: Remark) -> int:
    given = text.value.strip()
    if _WHOLE.fullmatch(given) and low <= int(given) <= high:
        return int(given)
    unit = _WITH_UNIT.fullmatch(given)
    meant = int(unit[1] or unit[2]) if unit else -1
    raise wrong(field, text, may_be, str(meant) if max(low, 0) <= meant <= high else "")
