"""What a text model is told about the faults of its answer: plain English, each fault once."""

from __future__ import annotations

from collections.abc import Sequence

from stockgen.answers.ideas import Fault

MOST = 12  # faults; a longer list confuses small models more than it helps
_LONGEST = 120  # characters of what was found
_SAYS = {
    "unreadable": "Your answer could not be read as JSON.",
    "no_prompt": "the English image prompt is missing",
    "prompt_short": "the prompt is too short; describe subject, setting, light and style",
    "prompt_long": "the prompt is too long; at most 80 words",
    "prompt_language": "the prompt must be in English only",
    "loop": "the same words are repeated again and again",
    "no_title": "it is missing",
    "title_long": "it is too long; at most 70 characters",
    "not_english": "it must be in English",
    "not_korean": "it must be in Korean, written in Hangul",
    "han": "it has Chinese characters; write it in Hangul only",
    "no_tags": "they are missing; give 10 to 25",
}


def repair_text(faults: Sequence[Fault]) -> str:
    """What the model is asked to put right, and nothing else."""
    lines = [_line(fault) for fault in faults[:MOST]]
    whole = any(fault.item == 0 for fault in faults)
    ask = (
        "Answer again with valid JSON only, in the form asked for: no other text, no comments."
        if whole
        else "Answer with JSON in the same form, with only the corrected ideas, each complete."
    )
    return "Your last answer has these faults:\n" + "\n".join(dict.fromkeys(lines)) + "\n" + ask


def _line(fault: Fault) -> str:
    if fault.item == 0:
        return f"- {_SAYS[fault.code]}"
    found = fault.text if len(fault.text) <= _LONGEST else fault.text[:_LONGEST] + "…"
    return f"- idea {fault.item}, {fault.field}: {_SAYS[fault.code]}" + (f' (found: "{found}")' if found else "")
