"""The one door: a job file's bytes in, a `JobRequest` out, or `JobFileError` with all of its faults."""

from __future__ import annotations

from pathlib import PurePath

from stockgen.domain.words import JobRequest
from stockgen.jobfile import txtfile, yamlfile
from stockgen.jobfile.findings import Findings, shown
from stockgen.jobfile.known import Known
from stockgen.jobfile.orders import request
from stockgen.jobfile.text import decode

_READERS = {".yaml": yamlfile.sheet, ".yml": yamlfile.sheet, ".txt": txtfile.sheet}
_LATER = (".csv", ".tsv", ".json")


def read(data: bytes, name: str, known: Known) -> JobRequest:
    """Understand a job file; the ending of its `name` says the format. Raises JobFileError, nothing else."""
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
    return request(sheet, known, findings)
