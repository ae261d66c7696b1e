"""Free words: title, style, theme, negative prompt."""

from __future__ import annotations

from stockgen.jobfile.field import Field, text_of
from stockgen.jobfile.findings import fault, shown
from stockgen.jobfile.known import Known
from stockgen.jobfile.nodes import Text

MOST_CHARACTERS = 32_000  # the longest prompt of any provider (OpenAI's image API); more is a mistake


def words(field: Field, _known: Known) -> str:
    """The text on one line. Raises JobFileError where it is no text or longer than any provider takes."""
    return one_line(field, text_of(field))


def telling(field: Field, known: Known) -> str:
    """As `words`. Raises JobFileError also where there is no word in them."""
    given = words(field, known)
    if not any(sign.isalnum() for sign in given):
        raise fault("no_words", text_of(field).line, found=shown(given))
    return given


def one_line(field: Field, text: Text) -> str:
    """`text` with all white space as single spaces. Raises JobFileError where it is too long."""
    line = " ".join(text.value.split())
    if len(line) > MOST_CHARACTERS:
        raise fault("too_long", text.line, key=field.name, limit=MOST_CHARACTERS)
    return line
