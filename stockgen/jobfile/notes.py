"""The short letter beside every job file: how it was read, or what to mend."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stockgen.domain.errors import JobFileError
from stockgen.domain.names import is_reference
from stockgen.domain.words import JobRequest, Kind, Order, Remark, Size
from stockgen.jobfile.findings import legible
from stockgen.messages import Messages

AWAITED = "plan.words_awaited"
TRANSLATED = "plan.translated"  # a remark that is told at its order, not among the others
BUDGET = "job_file.note.budget"
SEASON = "plan.season"  # so begin remarks whose facts name an order's season (`key`) as people call it (`season`)


@dataclass(frozen=True, slots=True)
class Room:
    """What a market may still get in these seven days: `used` of `quota` pictures were given to it. `kinds`: those of
    which it takes pictures, none = all.
    """

    market: str
    used: int
    quota: int
    kinds: Collection[Kind] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is known beside the file: room in markets, cost, and by when it will be done.

    `cost`: what may be paid, none = nothing. `done_by`: local, as people read it; "" = nobody knows yet, `awaiting`:
    planning will tell more. `alike`: that its pictures are of few motifs, as far as that is known before planning has
    told it.
    """

    rooms: Sequence[Room] = ()
    cost: Sequence[Remark] = ()
    done_by: str = ""
    awaiting: bool = False
    alike: Remark | None = None


def accepted(
    request: JobRequest, job_id: str, name: str, told: Sequence[Remark], say: Messages, outlook: Outlook | None = None,
    ended: bool = False,
) -> bytes:  # fmt: skip
    """How the file was read, order by order, what was changed, what the markets can take, how to cancel.

    `told` comes from other parts; `ended`: there is nothing to cancel any more. UTF-8 with a mark and CRLF, because
    Windows' editors and Excel take nothing else for granted.
    """
    remarks = [*request.remarks, *told]
    if job_id and outlook and not outlook.awaiting:  # what was announced has come by now, and is told
        remarks = [one for one in remarks if one.code != AWAITED]
    if outlook and outlook.alike and not any(one.code == outlook.alike.code for one in remarks):
        remarks.append(outlook.alike)
    lines = [say("job_file.note.accepted", name=name, id=job_id), ""]
    lines += [say("job_file.note.orders", orders=len(request.orders), pictures=request.pictures)]
    lines += _numbered(_order(order, remarks, say) for order in request.orders)
    lines += [say("job_file.note.preset", preset=request.preset)] if request.preset else []
    lines += [say("job_file.note.priority", priority=request.priority)] if request.priority else []
    lines += _expected(request, outlook, say) if outlook else []
    others = say.each(one for one in remarks if one.code != TRANSLATED)
    if others:
        lines += ["", say("job_file.note.remarks"), *(f"- {remark}" for remark in others)]
    return _letter(lines if ended else [*lines, "", say("job_file.note.cancel", id=job_id)])


def refused(
    error: JobFileError, name: str, say: Messages, mended: str = "", folder: str = "", lost: Sequence[int] = ()
) -> bytes:
    """Every fault, numbered, and what to do next. `name` "" = words that were typed, not a file. `mended`: name of a
    mended copy beside it, without the lines `lost`; `folder`: the one of the inbox that the file came from, "" = the
    inbox itself. Encoded as `accepted`.
    """
    what = "" if name else "_words"
    faults = list(dict.fromkeys(say.tell(remark) for remark in error.remarks))
    lines = [say(f"job_file.note.refused{what}", name=name, faults=len(faults)), ""]
    lines += _numbered(iter(faults))
    lines += ["", say(f"job_file.note.mend{what}")]
    if mended:
        lines.append(say(f"job_file.note.{'mended_folder' if folder else 'mended'}", name=mended, folder=folder))
        lines += [say("job_file.note.lost", lines=", ".join(map(str, lost)))] if lost else []
    return _letter(lines)


def _numbered(sentences: Iterator[str]) -> Iterator[str]:
    return (f"{number}. {sentence}" for number, sentence in enumerate(sentences, 1))


def _expected(request: JobRequest, outlook: Outlook, say: Messages) -> Iterator[str]:
    for room in outlook.rooms:
        asked = sum(order.count for order in request.orders
                    if room.market in order.markets and (not room.kinds or order.sold_as in room.kinds))  # fmt: skip
        if asked:
            facts = {"asked": asked, "used": room.used, "quota": room.quota}
            left = max(0, room.quota - room.used)
            code = "room" if asked <= left else "room_short"
            yield say(f"job_file.note.{code}", market=room.market, left=left, **facts)
    paid = [one for one in outlook.cost if one.code != BUDGET]
    yield from say.each(outlook.cost if paid else [*outlook.cost, Remark("job_file.note.free")])
    if outlook.done_by:
        yield say("job_file.note.done_by", when=outlook.done_by)
    if outlook.awaiting:
        yield say("job_file.note.awaiting")


def _order(order: Order, remarks: Sequence[Remark], say: Messages) -> str:
    subject = order.prompt or order.subject or _thought_of(order, remarks, say)
    meant = [one.facts["words"] for one in remarks
             if one.code == TRANSLATED and (one.line, one.facts["subject"]) == (order.line, subject)]  # fmt: skip
    options = "".join(f"; {say(f'job_file.note.with.{key}', value=value)}" for key, value in _options(order, say))
    told = say(
        f"job_file.note.{'prompt' if order.mode == 'exact' else 'order'}",
        subject=f"{subject} ({meant[0]})" if meant else subject,
        count=order.count,
        kind=say(f"job_file.kind.{order.kind}"),
        model=" → ".join(order.model),
        size=_size(order.size, say),
        markets=", ".join(order.markets) or say("job_file.note.no_market"),
    )
    return told + options


def _thought_of(order: Order, remarks: Sequence[Remark], say: Messages) -> str:
    """What an order without a subject is about."""
    if order.akin:
        return say("job_file.note.akin")
    if order.mode != "dynamic":
        return say("job_file.note.random")
    named = (one.facts["season"] for one in remarks
             if one.code.startswith(SEASON) and (one.line, one.facts["key"]) == (order.line, order.season))  # fmt: skip
    about = [order.theme, next(named, order.season)]
    return say("job_file.note.ideas", what=", ".join(filter(None, about)) or say("job_file.note.anything"))


def _options(order: Order, say: Messages) -> Iterator[tuple[str, str]]:
    """What else the author asked for, so that a slip is seen where it stands."""
    for key in ("style", "title", "category", "tier", "negative_prompt", "seed", "steps", "guidance"):
        value = getattr(order, key)
        if value not in ("", None):
            yield key, str(value)
    for key in ("tags", "avoid"):
        if getattr(order, key):
            yield key, ", ".join(getattr(order, key))
    if order.language != "en":
        yield "language", order.language
    yield from _pictured(order, say)


def _pictured(order: Order, say: Messages) -> Iterator[tuple[str, str]]:
    """What an order wants of its pictures beside words."""
    if order.like:
        yield "like", order.like.name
    if order.lora:
        weights = ("" if one.weight is None else f" ({one.weight:g})" for one in order.lora)
        yield "lora", ", ".join(one.name + weight for one, weight in zip(order.lora, weights, strict=True))
    if order.control:
        kind = say(f"job_file.note.control_type.{order.control.type}")
        how = f"{kind}, {order.control.strength:g}"
        yield "control", how if is_reference(order.control.image) else f"{order.control.image} ({how})"
    if order.best_of > 1:
        yield "best_of", str(order.best_of)
    if order.transparent and order.kind != "element":
        yield "transparent", ""


def _size(size: Size, say: Messages) -> str:
    if size.ratio:
        ratio = Fraction(size.ratio).limit_denominator(200)
        return f"{ratio.numerator}:{ratio.denominator}"
    return f"{size.width} × {size.height}" if size.width else say("job_file.note.any_size")


def _letter(lines: Sequence[str]) -> bytes:
    return ("\r\n".join(legible(line) for line in lines) + "\r\n").encode("utf-8-sig")
