"""An answer without what surrounds the data in it: thoughts, broken signs, endless repetition."""

from __future__ import annotations

import re

from stockgen.answers.loops import loop_start

LONGEST = 400_000  # characters; a model's longest answer has about 100,000, more is rubbish or an attack
MOST_THOUGHTS = 50  # blocks that are taken out one by one; with more, only what stands behind the last counts
_NAMES = r"think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad"
_CLOSED = re.compile(rf"[<\[◁]({_NAMES})[>\]▷].*?[<\[◁]/\1[>\]▷]", re.I | re.S)
_OPEN = re.compile(rf"[<\[◁](?:{_NAMES})[>\]▷]", re.I)
_CLOSE = re.compile(rf"[<\[◁]/(?:{_NAMES})[>\]▷]", re.I)
_CHANNEL = re.compile(r"<\|channel\|>\s*final\s*(?:<\|[a-z_]+\|>[^<]*)?<\|message\|>", re.I)
_SPECIAL = re.compile(r"<\|[a-z_]{1,30}\|>|</?s>|\[/?INST\]|<(?:start|end)_of_turn>", re.I)
_BLANKS = re.compile(r"\s{100,}")  # nothing is indented so deep; models in JSON mode may write blanks without an end
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200c\u200e\u200f\u2060\ufeff\ud800-\udfff]")


def tidy(text: str, steps: list[str]) -> str:
    """`text` with its thoughts, special tokens and invisible signs taken out and a loop at its end cut.

    What was done is added to `steps`: `long`, `signs`, `think`, `loop`.
    """
    if len(text) > LONGEST:
        steps.append("long")
        text = text[:LONGEST]
    seen = _UNSEEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    if len(seen) < len(text.replace("\r\n", "\n")):
        steps.append("signs")
    start = loop_start(seen)
    if start is not None:
        steps.append("loop")
        seen = seen[:start]
    return _without_thoughts(_BLANKS.sub("\n", seen), steps)


def _without_thoughts(text: str, steps: list[str]) -> str:
    bare = text
    final = list(_CHANNEL.finditer(bare))
    if final:
        bare = bare[final[-1].end() :]
    if len(_OPEN.findall(bare)) <= MOST_THOUGHTS:
        bare = _CLOSED.sub("", bare)
    closes = list(_CLOSE.finditer(bare))
    if closes and bare[closes[-1].end() :].strip():
        bare = bare[closes[-1].end() :]
    bare = _SPECIAL.sub("", _CLOSE.sub("", bare))
    # Never closed: the answer may stand behind it, or the model forgot that it was thinking.
    bare = _OPEN.sub("", bare)
    if bare != text:
        steps.append("think")
    return bare.strip()
