"""The pictures that lie beside a job file which is named on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stockgen.cli.desk import Session
from stockgen.domain.errors import JobFileError, UsageError
from stockgen.domain.words import JobRequest, Remark
from stockgen.files import write_softly

if TYPE_CHECKING:
    from stockgen.pipeline.references import Beside


def beside(session: Session, file: Path) -> Beside:
    """Where pictures are looked for: beside the file, then in `my/control/`."""
    from stockgen.pipeline.references import CONTROL, Beside

    return Beside(file.parent, session.catalogue.my / CONTROL)


def looked_at(session: Session, file: Path, request: JobRequest) -> JobRequest:
    """The job, which is told of pictures that are not there yet. Raises JobFileError for those that can't be used."""
    from stockgen.pipeline.references import examined, wanted

    told: list[Remark] = []
    faults: list[Remark] = []
    for name in wanted(request):
        data = beside(session, file).read(name)
        try:
            if data is None:
                told.append(Remark("reference.awaited", facts={"picture": name}))
            else:
                examined(data, name)
        except JobFileError as error:
            faults += error.remarks
    if faults:
        raise JobFileError("job_file", faults)
    return replace(request, remarks=(*request.remarks, *told)) if told else request


def drop_pictures(file: Path, request: JobRequest, inbox: Path) -> None:
    """Put the pictures that lie beside a file into the inbox, before the file itself, each whole from the first moment.

    Raises UsageError where another picture of such a name lies there; then none was put there.
    """
    found = list(_found(file, request))
    for name, data in found:
        if (inbox / name).exists() and (inbox / name).read_bytes() != data:
            raise UsageError("submit_picture", name=name, folder=str(inbox))
    for name, data in found:
        if not (inbox / name).exists():
            write_softly(inbox / name, data)


def _found(file: Path, request: JobRequest) -> Iterator[tuple[str, bytes]]:
    from stockgen.pipeline.references import Beside, wanted

    for name in wanted(request):
        data = Beside(file.parent).read(name)
        if data is not None:
            yield name, data
