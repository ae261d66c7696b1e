"""A text model asked for ideas: its answer read, judged, and put right once where something is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from stockgen.answers.ideas import Fault, WrittenIdea, ideas
from stockgen.answers.reading import Answer, read
from stockgen.answers.repairing import repair_text
from stockgen.domain.errors import BadAnswer, WriterAway, WriterLacks
from stockgen.domain.protocols import Brief, Writer

ECHO = 6_000  # characters of the faulty part that the model is shown again


def asked(writer: Writer, brief: Brief, note: Callable[[str], None]) -> Sequence[WrittenIdea]:
    """The ideas that `writer` has for `brief`, each with a prompt and a title in both languages.

    What is wrong or missing is asked for once more, by name; what is good meanwhile is never lost. `note` gets the name
    of each step that was taken (those of `reading.read`; `fault.CODE` for each fault; `repair`, `repair.failed`), to be
    counted and logged. Raises BadAnswer where nothing at all could be used; WriterAway, WriterLacks.
    """
    answer = _read(writer, brief, note)
    good, faults = _judged(answer, note)
    if _worth_asking(faults, brief):
        note("repair")
        good = _repaired(writer, brief, answer, good, faults, note)
    if not good:
        raise BadAnswer("bad_answer", writer=writer.name, detail=", ".join(dict.fromkeys(one.code for one in faults)))
    return good


def _read(writer: Writer, brief: Brief, note: Callable[[str], None]) -> Answer:
    answer = read(writer.write(brief))
    for step in answer.steps:
        note(step)
    return answer


def _judged(answer: Answer, note: Callable[[str], None]) -> tuple[list[WrittenIdea], list[Fault]]:
    good, faults = ideas(answer.items)
    if not answer.items:
        faults = [Fault("unreadable")]
    for fault in faults:
        note(f"fault.{fault.code}")
    # Of an answer that was cut off, the last idea is no fault but an end: what is whole is enough.
    ended = len(answer.items) if answer.cut and good else -1
    return good, [fault for fault in faults if fault.item != ended]


def _worth_asking(faults: Sequence[Fault], brief: Brief) -> bool:
    """Whether an idea is lost, or tags are missing that were asked for."""
    wanted = "tag" in json.dumps(brief.schema, default=str).casefold()
    return any(fault.lost or wanted for fault in faults)


def _repaired(
    writer: Writer,
    brief: Brief,
    answer: Answer,
    good: list[WrittenIdea],
    faults: Sequence[Fault],
    note: Callable[[str], None],
) -> list[WrittenIdea]:
    """The good ones with those that came right. A second failure is not asked about again."""
    numbers = sorted({fault.item for fault in faults})
    shown = [
        f"{number}: {json.dumps(answer.items[number - 1], ensure_ascii=False, default=str)}"
        for number in numbers
        if number
    ]
    text = "\n\n".join((brief.text, repair_text(faults), "\n".join(shown)[:ECHO]))
    try:
        again = _read(writer, replace(brief, text=text, seed=brief.seed + 1, temperature=brief.temperature / 2), note)
    except (WriterAway, WriterLacks):
        if not good:
            raise
        note("repair.failed")
        return good
    better, still = ideas(again.items)
    if not better or any(fault.lost for fault in still):
        note("repair.failed")
    return _merged(good, better)


def _merged(good: Sequence[WrittenIdea], better: Sequence[WrittenIdea]) -> list[WrittenIdea]:
    """A corrected idea takes the place of the one with the same prompt or English title; new ones come after."""
    merged = list(good)
    for idea in better:
        at = next((at for at, one in enumerate(merged) if _same(one, idea)), None)
        if at is None:
            merged.append(idea)
        elif _tagged(idea) >= _tagged(merged[at]):
            merged[at] = idea
    return merged


def _same(one: WrittenIdea, other: WrittenIdea) -> bool:
    return one.prompt == other.prompt or one.title["en"] == other.title["en"]


def _tagged(idea: WrittenIdea) -> int:
    """In how many languages it has tags."""
    return sum(1 for tags in idea.tags.values() if tags)
