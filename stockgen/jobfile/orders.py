"""Drafts → orders: what holds for all of them, what excludes what, and how many pictures that makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest, Order
from stockgen.jobfile.findings import Findings, fault, shown
from stockgen.jobfile.keys import Setting, Settings, settings
from stockgen.jobfile.known import Known
from stockgen.jobfile.moments import said
from stockgen.jobfile.nearest import nearest
from stockgen.jobfile.nodes import Fields, Sheet, node_of
from stockgen.jobfile.subjects import Subject

_THOUGHT = ("theme", "season", "avoid")  # for a text model that thinks of what the pictures show
_WHAT = ("mode", "keywords", "prompt", "theme", "season")
_WORK = ("model", "kind", "size", "seed", "style", "markets", "title", "tags", "category", "language", "tier")
_JOB = ("preset", "priority", "not_before", "budget")
_PICTURED = ("like", "lora", "control", "best_of", "transparent")
_OPTIONS = (*_WORK, "negative_prompt", "steps", "guidance", *_PICTURED)


def request(sheet: Sheet, known: Known, findings: Findings, folder: str = "") -> JobRequest:
    """The whole job; `folder`: the preset of the folder that its file lay in. Raises JobFileError with all faults."""
    drafts = _drafts(sheet, known, findings)
    job = _of_the_job([draft.own for draft in drafts], findings)
    named = _preset(job.get("preset"), known, findings)
    beneath = _preset(Setting(folder, folder, 0) if folder else None, known, findings)
    preset: Settings = {**beneath, **named}
    orders: list[Order] = []
    for draft in drafts:
        try:
            orders += _orders(draft, preset, known) if draft.sound else ()
        except JobFileError as error:
            findings.add(error)
    _limit(orders, known, findings)
    findings.settle()
    _tell(orders, known, findings)
    both = {**preset, **job}
    start = _start(both.get("not_before"), known, findings)
    return JobRequest(
        orders=tuple(orders),
        priority=both["priority"].value if "priority" in both else 0,
        preset=job["preset"].value if "preset" in job else folder,
        not_before=start,
        budget=both["budget"].value if "budget" in both else None,
        remarks=tuple(findings.remarks),
    )


def _start(given: Setting | None, known: Known, findings: Findings) -> float | None:
    """When the job may begin, None = at once: also where its time is past, which is told."""
    if given is None:
        return None
    past = given.value <= known.now
    findings.tell("past" if past else "not_before", given.line or None, key=given.name,
                  when=said(given.value, known.timezone))  # fmt: skip
    return None if past else float(given.value)


@dataclass(frozen=True, slots=True)
class _Draft:
    line: int
    own: Settings
    sound: bool  # False: it has faults already, so what it lacks says nothing; or it is no order at all


def _drafts(sheet: Sheet, known: Known, findings: Findings) -> list[_Draft]:
    shared = settings(sheet.shared, known, findings)
    drafts = []
    for fields in sheet.drafts:
        before = len(findings.faults)
        own = settings(fields, known, findings)
        head = len(sheet.drafts) > 1 and own.keys() <= set(_JOB) and not shared
        drafts.append(_Draft(fields.line, {**shared, **own}, len(findings.faults) == before and not head))
    return drafts


def _of_the_job(drafts: Sequence[Settings], findings: Findings) -> Settings:
    found: dict[str, Setting] = {}
    for key in _JOB:
        given = [draft[key] for draft in drafts if key in draft]
        for other in given:
            if other.value != given[0].value:
                findings.fault("job_differs", other.line, key=other.name, first=given[0].line)
        if given:
            found[key] = given[0]
        if given and len(given) < len(drafts):
            findings.tell("whole_job", given[0].line, key=given[0].name)
    return found


def _preset(named: Setting | None, known: Known, findings: Findings) -> Settings:
    if named is None:
        return {}
    fields = node_of(known.presets[named.value], named.line)
    if not isinstance(fields, Fields):
        return {}
    found = settings(fields, known, findings, prefix=f"{named.value} → ")
    if "preset" in found:
        findings.fault("preset_in_preset", named.line or None, key=named.value)
    return found


def _orders(draft: _Draft, preset: Settings, known: Known) -> Iterator[Order]:
    own = draft.own
    what = own if any(key in own for key in _WHAT) else preset
    mode, subjects = _mode(what)
    both = {**preset, **own}
    options: dict[str, Any] = {
        "model": known.defaults.model,
        "markets": known.defaults.markets,
        "language": known.defaults.language,
        "best_of": known.defaults.best_of,
    }
    options |= {key: both[key].value for key in _OPTIONS if key in both}
    options |= _thought(own, both, mode)
    options |= _ground(own, both) | _alike(options, both)
    counts = _counts(subjects, both, "count" in own, known)
    if mode in ("random", "dynamic"):
        yield Order(mode=mode, count=counts[0], line=draft.line, **options)
    for one, count in zip(subjects, counts, strict=False):
        exact = mode == "exact"
        subject, prompt = ("", one.text) if exact else (one.text, "")
        yield Order(mode=mode, count=count, line=one.line, subject=subject, prompt=prompt, **options)


def _alike(options: dict[str, Any], both: Settings) -> dict[str, Any]:
    """What an order says itself is not taken from the picture that it is to be like."""
    said = tuple(key for key in ("mode", *_OPTIONS) if key in both)
    return {"like": replace(options["like"], said=said)} if "like" in options else {}


def _mode(what: Settings) -> tuple[Any, tuple[Subject, ...]]:
    given = [key for key in ("keywords", "prompt") if key in what]
    if len(given) > 1:
        names = [what[key].name for key in given]
        raise fault("both", what["prompt"].line, keywords=names[0], prompt=names[1])
    thought = next((key for key in ("theme", "season") if key in what), "")
    if given and thought:
        found = shown(what[given[0]].value[0].text)
        raise fault("theme_beside", what[thought].line, key=what[thought].name, found=found)
    implied = {"keywords": "keyword", "prompt": "exact"}[given[0]] if given else "dynamic" if thought else "random"
    mode = what["mode"].value if "mode" in what else implied
    if mode != implied and (mode != "dynamic" or given):
        raise fault(f"{mode}_needs", what["mode"].line)
    return mode, what[given[0]].value if given else ()


def _thought(own: Settings, both: Settings, mode: str) -> dict[str, Any]:
    """What a text model is told; those of a preset don't hold where the order says itself what is to be seen."""
    if mode == "dynamic":
        return {key: both[key].value for key in _THOUGHT if key in both}
    if "avoid" in own:
        raise fault("avoid_needs", own["avoid"].line, key=own["avoid"].name)
    return {}


def _ground(own: Settings, both: Settings) -> dict[str, Any]:
    """An element is cut out, whatever a preset says of other kinds; where the order says no to it, one of both is
    wrong.
    """
    if "kind" not in both or both["kind"].value != "element" or both.get("transparent") is None:
        return {}
    ground = both["transparent"]
    if not ground.value and ("transparent" in own or "kind" not in own):
        raise fault("element_ground", ground.line or None, kind=both["kind"].name, key=ground.name)
    return {"transparent": True}


def _counts(subjects: Sequence[Subject], both: Settings, own: bool, known: Known) -> Sequence[int]:
    given = both.get("count")
    counted = [subject.count for subject in subjects if subject.count]
    if counted and given and own and (len(counted) == len(subjects) or not isinstance(given.value, int)):
        raise fault("count_twice", given.line)
    wanted = max(1, len(subjects))
    if given is None or isinstance(given.value, int) or counted:
        rest = given.value if given and isinstance(given.value, int) else known.defaults.count
        return [subject.count or rest for subject in subjects] or [rest]
    if len(given.value) != wanted:
        raise fault("counts_length", given.line, key=given.name, found=len(given.value), wanted=wanted)
    return list(given.value)


def _limit(orders: Sequence[Order], known: Known, findings: Findings) -> None:
    total = sum(order.count for order in orders)
    if total > known.images_per_job:
        findings.fault("sum", total=total, limit=known.images_per_job)


def _tell(orders: Sequence[Order], known: Known, findings: Findings) -> None:
    for order in orders:
        if order.mode == "random" and not (order.like and "mode" not in order.like.said):
            findings.tell("random", order.line)
    for style in dict.fromkeys(order.style for order in orders):
        near = "" if style in known.styles else nearest(style, sorted(known.styles))
        if near:
            findings.tell("style", found=style, nearest=near)
