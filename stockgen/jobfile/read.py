"""The one door: a job file's bytes in, a `JobRequest` out, or `JobFileError` with all of its faults."""

from __future__ import annotations

from pathlib import PurePath

from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest, Remark
from stockgen.jobfile import txtfile, yamlfile
from stockgen.jobfile.findings import Findings, shown
from stockgen.jobfile.known import Known
from stockgen.jobfile.nearest import nearest
from stockgen.jobfile.orders import request
from stockgen.jobfile.text import decode

_READERS = {".yaml": yamlfile.sheet, ".yml": yamlfile.sheet, ".txt": txtfile.sheet}
_LATER = (".csv", ".tsv", ".json")


def read(data: bytes, name: str, known: Known, preset: str = "") -> JobRequest:
    """Understand a job file; the ending of its `name` says the format, `preset` what its folder gives.

    Raises JobFileError, nothing else.
    """
    findings = Findings(name)
    ending = PurePath(name).suffix.lower()
    if ending not in _READERS:
        findings.fault("later_ending" if ending in _LATER else "ending", found=shown(ending))
        findings.stop()
    sheet = _READERS[ending](decode(data, findings), findings)
    if not any(draft.pairs for draft in (*sheet.drafts, sheet.shared)):
        findings.settle()
        findings.fault("empty")
        findings.stop()
    return request(sheet, known, findings, preset)


def unknown_preset(folder: str, known: Known) -> JobFileError:
    """The refusal of a file that lay in a folder which is no preset."""
    near = nearest(folder, sorted(known.presets))
    there = ", ".join(sorted(known.presets)) or "-"
    facts = {"folder": folder, "known": there} | ({"nearest": near} if near else {})
    return JobFileError("job_file", [Remark("door.folder_near" if near else "door.folder", facts=facts)])
