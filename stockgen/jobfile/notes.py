"""The short letter beside every job file: how it was read, or what to mend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest, Order, Remark, Size
from stockgen.jobfile.findings import legible
from stockgen.messages import Messages


def accepted(request: JobRequest, job_id: str, name: str, told: Sequence[Remark], say: Messages) -> bytes:
    """How the file was read, order by order, what was changed, how to cancel. `told` comes from other parts.

    UTF-8 with a mark and CRLF, because Windows' editors and Excel take nothing else for granted.
    """
    lines = [say("job_file.note.accepted", name=name, id=job_id), ""]
    lines += [say("job_file.note.orders", orders=len(request.orders), pictures=request.pictures)]
    lines += _numbered(_order(order, say) for order in request.orders)
    lines += [say("job_file.note.preset", preset=request.preset)] if request.preset else []
    lines += [say("job_file.note.priority", priority=request.priority)] if request.priority else []
    remarks = [*request.remarks, *told]
    if remarks:
        lines += ["", say("job_file.note.remarks"), *(f"- {say.tell(remark)}" for remark in remarks)]
    return _letter([*lines, "", say("job_file.note.cancel", id=job_id)])


def refused(error: JobFileError, name: str, say: Messages) -> bytes:
    """Every fault, numbered, and what to do next. Encoded as `accepted`."""
    lines = [say("job_file.note.refused", name=name, faults=len(error.remarks)), ""]
    lines += _numbered(say.tell(remark) for remark in error.remarks)
    return _letter([*lines, "", say("job_file.note.mend")])


def _numbered(sentences: Iterator[str]) -> Iterator[str]:
    return (f"{number}. {sentence}" for number, sentence in enumerate(sentences, 1))


def _order(order: Order, say: Messages) -> str:
    subject = order.prompt or order.subject or say("job_file.note.random")
    return say(
        f"job_file.note.{'prompt' if order.mode == 'exact' else 'order'}",
        subject=subject,
        count=order.count,
        kind=say(f"job_file.kind.{order.kind}"),
        model=" → ".join(order.model),
        size=_size(order.size, say),
        markets=", ".join(order.markets) or say("job_file.note.no_market"),
    )


def _size(size: Size, say: Messages) -> str:
    if size.ratio:
        ratio = Fraction(size.ratio).limit_denominator(200)
        return f"{ratio.numerator}:{ratio.denominator}"
    return f"{size.width} × {size.height}" if size.width else say("job_file.note.any_size")


def _letter(lines: Sequence[str]) -> bytes:
    return ("\r\n".join(legible(line) for line in lines) + "\r\n").encode("utf-8-sig")
