"""A mended copy of a refused file: the author's own lines with the guesses that its faults allow.

Nothing is believed: the copy is judged as a file that is dropped, and where any fault is left there is no copy.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from pathlib import PurePath

from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest, Remark
from stockgen.jobfile.fences import sniffed
from stockgen.jobfile.findings import Findings
from stockgen.jobfile.read import READERS
from stockgen.jobfile.repairs import DROPPED, REPAIRS, Lines, no_guess
from stockgen.jobfile.text import decode_lines

MOST_BYTES = 16 << 10  # a longer file is no hand's work, and reading it again and again would take seconds
MOST_ROUNDS = 8  # YAML tells one fault of layout at a time
_OTHER_ENDING = frozenset(("json", "ending", "txt_yaml", "ask_data", "yaml"))

Judge = Callable[[bytes, str], JobRequest]  # whoever takes files in: bytes and name; raises JobFileError


def fixed(data: bytes, name: str, error: JobFileError, judge: Judge) -> tuple[str, bytes] | None:
    """A file that will be accepted, made of a refused one: its name (`봄.fixed.txt`) and bytes; None = no guess.

    `error`: what `judge` raised for these bytes. Lines that were asked about are left out; the others are kept as they
    were written, but for what is mended. UTF-8; `.txt` and tables with a mark and CRLF, for editors on Windows.
    """
    if len(data) > MOST_BYTES:
        return None
    try:
        lines = decode_lines(data, Findings(name))
    except JobFileError:
        return None
    stem, ending = PurePath(name).stem.removesuffix(".fixed"), PurePath(name).suffix.lower()
    for other, text in _guesses(lines, ending, error, judge):
        made = f"{stem}.fixed{other}", _bytes(text, other)
        if _refusal(made[1], made[0], judge) is None:
            return made
    return None


def _guesses(
    lines: Sequence[str], ending: str, error: JobFileError, judge: Judge
) -> Sequence[tuple[str, Sequence[str]]]:
    """(ending, lines) of what the author may have meant, best first."""
    guesses: list[tuple[str, Sequence[str]]] = []
    codes = {_code(remark) for remark in error.remarks}
    if codes & _OTHER_ENDING or ending == ".txt":
        other = ".yaml" if ending == ".json" else sniffed("\n".join(lines))
        guesses += [(other, lines)] if other != ending and (other != ".txt" or "ending" in codes) else []
    mended = _mended(lines, ending, error, judge) if ending in READERS else None
    return [*([(ending, mended)] if mended is not None and mended != list(lines) else []), *guesses]


def _mended(lines: Sequence[str], ending: str, error: JobFileError, judge: Judge) -> Sequence[str] | None:
    left: JobFileError | None = error
    now = list(lines)
    for _ in range(MOST_ROUNDS):
        if left is None:
            return now
        before, now = now, _repaired(now, ending, left.remarks)
        if now == before:
            return None
        left = _refusal(_bytes(now, ending), f"a{ending}", judge)
    return None


def _repaired(lines: Sequence[str], ending: str, faults: Sequence[Remark]) -> list[str]:
    """The lines after one guess for each fault; as before where one has none."""
    work = Lines(list(lines), ending)
    layout = [fault for fault in faults if _code(fault).startswith("yaml_")][:1]  # what follows it is often its echo
    for fault in layout or sorted(faults, key=lambda one: _code(one) not in DROPPED):
        if not work.gone(fault.line or 0) and not _repair(work, fault, ending):
            return list(lines)
    return work.done()


def _repair(work: Lines, fault: Remark, ending: str) -> bool:
    """Mend a fault, or leave its line out: a question without a guess never takes the other lines with it."""
    code, line = _code(fault), fault.line or 0
    if not line:
        return False
    if ending not in DROPPED.get(code, ()) and REPAIRS.get(code, no_guess)(work, fault):
        return True
    if ending in DROPPED.get(code, ()) or (ending in DROPPED["ask_chat"] and code.startswith("ask_")):
        work.drop(line)
        return True
    return False


def _refusal(data: bytes, name: str, judge: Judge) -> JobFileError | None:
    try:
        judge(data, name)
    except JobFileError as error:
        return error
    return None


def _bytes(lines: Sequence[str], ending: str) -> bytes:
    windows = ending in (".txt", ".csv", ".tsv")
    text = ("\r\n" if windows else "\n").join(lines).rstrip()
    return (codecs.BOM_UTF8 if windows else b"") + f"{text}{chr(13) if windows else ''}\n".encode()


def _code(remark: Remark) -> str:
    return remark.code.removeprefix("job_file.")
