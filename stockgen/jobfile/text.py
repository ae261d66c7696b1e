"""Bytes → text: which encoding, what is no text at all, and one kind of line break."""

from __future__ import annotations

import codecs
import re
import unicodedata

from stockgen.jobfile.findings import Findings

MOST_BYTES = 1 << 20
MOST_LINES = 50_000  # reading so many line by line takes seconds, and no format has room for so many orders
_MARKS = 30  # combining marks in a row: UAX #15 "Stream-Safe"; NFC sorts them in quadratic time
_BINARY = (b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"GIF8", b"\xd0\xcf\x11\xe0")
_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Controls, halves of surrogates, and U+FFFD: what is left of a sign that an earlier program could not read.
_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffd-\uffff]")
_STEERING = re.compile("\x1b\\[[0-9;]{0,20}[A-Za-z]")
# Zero-width spaces, soft hyphens, directional marks. The joiners U+200C/D stay: emoji and scripts need them.
_INVISIBLE = "\u200b\u2060\ufeff\u00ad\u180e\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u3164"
_CLEAN = str.maketrans(dict.fromkeys(_INVISIBLE, "") | dict.fromkeys(_SPACES, " "))


def decode(data: bytes, findings: Findings) -> str:
    """UTF-8, else UTF-16 with a mark, else CP949, never guessed; line breaks become `\\n`, the form NFC.

    `data` at most 1 MiB. An encoding other than UTF-8 is told. Raises JobFileError for what is no text.
    """
    if len(data) > MOST_BYTES:
        findings.fault("too_big", kib=MOST_BYTES >> 10)
        findings.stop()
    if data.startswith(_BINARY):
        findings.fault("binary")
        findings.stop()
    text = _BREAKS.sub("\n", _text(data, findings))
    if text.count("\n") > MOST_LINES:
        findings.fault("too_many", limit=MOST_LINES)
        findings.stop()
    if text.isascii():
        refuse_unreadable(text, findings)
        return text
    text = text.translate(_CLEAN)
    refuse_unreadable(text, findings)
    _refuse_piled_marks(text, findings)
    return unicodedata.normalize("NFC", text)


def decode_lines(data: bytes, findings: Findings) -> list[str]:
    """The lines of a file as its author wrote them, signs that can't be read among them. Raises JobFileError."""
    return unicodedata.normalize("NFC", _BREAKS.sub("\n", _text(data, findings))).split("\n")


def cleaned(line: str) -> str:
    """A line without signs that can't be read and without what steers a terminal."""
    return _UNREADABLE.sub("", _STEERING.sub("", line))


def clean(text: str) -> str:
    """`text` without invisible signs, every kind of space a space: for values written as escapes."""
    return text if text.isascii() else text.translate(_CLEAN)


def readable(text: str) -> bool:
    """Whether `text` has no control characters and nothing that can't be written to a file."""
    return _UNREADABLE.search(text) is None


def refuse_unreadable(text: str, findings: Findings) -> None:
    """Raises JobFileError with every line that has a sign that can't be read or must not reach a log."""
    if readable(text):
        return
    for number, line in enumerate(text.split("\n"), 1):
        if not readable(line):
            findings.fault("unreadable", number)
    findings.stop()


def _text(data: bytes, findings: Findings) -> str:
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-8-sig", "utf-16" if marked else "cp949"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue  # the next encoding's turn; after the last one the author is told
        if "\0" in text:
            findings.fault("binary")
            findings.stop()
        if encoding != "utf-8-sig":
            findings.tell("encoding", encoding=encoding.upper())
        return text
    findings.fault("binary" if b"\0" in data else "encoding")
    findings.stop()


def _refuse_piled_marks(text: str, findings: Findings) -> None:
    run = 0
    for sign in text if len(text) > 1000 else "":  # a thousand marks are sorted in a millisecond
        run = run + 1 if unicodedata.combining(sign) else 0
        if run > _MARKS:
            findings.fault("marks")
            findings.stop()
