"""The one door: a job file's bytes in, a `JobRequest` out, or `JobFileError` with all of its faults."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest
from stockgen.jobfile import csvfile, jsonfile, txtfile, yamlfile
from stockgen.jobfile.fences import parts
from stockgen.jobfile.findings import Findings, fault, shown
from stockgen.jobfile.known import Known
from stockgen.jobfile.names import fold, known_key, lookup
from stockgen.jobfile.nearest import nearest
from stockgen.jobfile.nodes import Fields, Sheet
from stockgen.jobfile.orders import request
from stockgen.jobfile.text import decode

READERS = {
    ".yaml": yamlfile.sheet,
    ".yml": yamlfile.sheet,
    ".txt": txtfile.sheet,
    ".csv": csvfile.sheet,
    ".tsv": csvfile.sheet,
    ".json": jsonfile.sheet,
}


def read(data: bytes, name: str, known: Known, preset: str = "") -> JobRequest:
    """Understand a job file; the ending of its `name` says the format. Raises JobFileError, nothing else.

    `preset`: the folder of the inbox that it lay in, "" for the inbox itself; it gives way to the file's own keys and
    to a preset that the file names.
    """
    findings = Findings(name)
    folder = lookup({fold(one): one for one in known.presets}, preset)
    if preset and not folder:
        raise unknown_preset(preset, known)
    ending = PurePath(name).suffix.lower()
    if ending not in READERS:
        findings.fault("ending", found=shown(ending))
        findings.stop()
    pieces = parts(decode(data, findings), ending, findings)
    sheet = _joined([READERS[piece.ending](piece.text, findings) for piece in pieces])
    if not any(draft.pairs for draft in (*sheet.drafts, sheet.shared)):
        findings.settle()
        findings.fault("empty")
        findings.stop()
    return request(sheet, known, findings, folder)


def unknown_preset(folder: str, known: Known) -> JobFileError:
    """The answer to a file in a folder of the inbox that is no preset, with the nearest one that is."""
    near = nearest(fold(folder), known.presets)
    there = ", ".join(sorted(known.presets)) or "–"
    return fault("folder_near" if near else "folder", found=shown(folder), nearest=near, known=there)


def _joined(sheets: Sequence[Sheet]) -> Sheet:
    """The pieces of one file as one: what holds for all orders of a piece is laid under each of them."""
    if len(sheets) == 1:
        return sheets[0]
    return Sheet(tuple(_under(draft, one.shared) for one in sheets for draft in one.drafts))


def _under(draft: Fields, shared: Fields) -> Fields:
    own = {known_key(key.value) for key, _ in draft.pairs}
    return Fields((*draft.pairs, *(pair for pair in shared.pairs if known_key(pair[0].value) not in own)), draft.line)
