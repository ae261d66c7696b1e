"""What must be asked before a line is taken for a subject: it may be a sentence, an address, somebody's file."""

from __future__ import annotations

import re
from functools import cache

from stockgen.data.templates import is_template
from stockgen.domain.names import CROCKFORD
from stockgen.jobfile.counting import together, unclear
from stockgen.jobfile.names import names

MOST_COMMA_WORDS = 12
MOST_WORDS = 40
_ADDRESS = re.compile(
    r"(?:https?|ftp)\s?:/|www\.|\b[\w.+-]{1,40}@[\w-]{1,40}\.\w|\b[\w-]{2,40}\.(?:com|net|org|io|kr|jp|me|be)(?:/|\b(?!\.))"
    r"|^[A-Za-z]:\\|^~?/[\w.-]+/",
    re.IGNORECASE | re.ASCII,
)
OURS = re.compile(rf"[a-z0-9-]{{1,15}}-[{CROCKFORD}]{{5}}-[0-9]{{3}}(?:\.\w{{1,5}})?")
_FILE = re.compile(r"\S.{0,200}\.(?:jpe?g|png|webp|gif|heic|tiff?|psd|ai|svg|eps|mp4|zip)", re.IGNORECASE)
_DATA = re.compile(
    r"\??\s?!!?[a-z]+[/:]|[&*]\w{1,40} ?[\[{]|<<:|[{\[]\s*[\"'{\[]|[\[\]{}],?$|\"[^\"]{1,40}\"\s?:"
    r"|=[A-Z]{2,12}\(|#(?:N/A|REF|NAME\?|DIV/0|VALUE|NUM|NULL)!?$"
)
_LAST_NUMBER = re.compile(r"(?<![0-9])(?:[,:=] ?| [–—-] ?)[0-9]{1,9}$")


def question(line: str, exact: bool) -> str:
    """The code of what must be asked about a tidy line; "" for nothing.

    `exact`: the file says `mode: exact`, so its lines are prompts, in which commas and requests are wording.
    """
    if _DATA.match(line) and not is_template(line):
        return "ask_data"
    return misplaced(line) or ("" if exact else _wordy(line))


def misplaced(text: str) -> str:
    """The code for what is no picture's subject in any kind of file: an address, the name of a file; else ""."""
    if _ADDRESS.search(text):
        return "ask_address"
    if OURS.fullmatch(text):
        return "ask_ours"
    return "ask_file" if _FILE.fullmatch(text) else ""


def _wordy(line: str) -> str:
    if _chat().search(line):
        return "ask_chat"
    if line.count(",") >= MOST_COMMA_WORDS or line.count(" ") >= MOST_WORDS:
        return "ask_commas"
    if together(line):
        return "ask_together"
    if _LAST_NUMBER.search(line) and not set(line) & set("|\t"):
        return "ask_comma_count"
    return "ask_count" if unclear(line) else ""


@cache
def _chat() -> re.Pattern[str]:
    greeting, start, within, spoken = (
        "|".join(map(re.escape, words))
        for words in (names().chat_greeting, names().chat_start, names().chat_within, names().chat_spoken)
    )
    return re.compile(
        rf"^(?:{greeting})(?:[,!.]|$)|^(?:{start})(?![\w-])|\b(?:{within})|[가-힣] ?(?:{spoken})[.!?]*$"
        r"|[가-힣][다요죠][.]$|\w[?]$",
        re.IGNORECASE,
    )
