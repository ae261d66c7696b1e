"""A shot's prompt → what its model is really told: pure, and the last door before the encoder, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from stockgen.data.catalog import Drawing
from stockgen.data.clauses import clauses, joined, parted
from stockgen.data.prompting import Prompting

PIECES = 2  # of a CLIP encoder, that a prompt of ours may fill: the pooled embedding sees only the first
PIECE = 75  # tokens between its start and its end
LETTERS = 7  # of a word that make one token, rather too few: CLIP and T5 take most English words as one or two
LISTED = 3  # clauses that make a text a list
_FOREIGN = "\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f"
_UNREAD = re.compile(rf"[^\s,.;:!?]*[{_FOREIGN}][^\s,.;:!?]*")
_TOKENS = re.compile(rf"[{_FOREIGN}]|(?:(?![{_FOREIGN}])\w)+|[^\w\s]")  # such a letter is a token, or most of one
_WEIGHT = re.compile(r"\(([^()]*?)\s*:\s*\d+(?:\.\d+)?\s*\)")
_DOUBLE = re.compile(r"\(\(+([^()]*)\)\)+|\[\[+([^\[\]]*)\]\]+")
_SWITCH = re.compile(r"<(?:lora|lyco|hypernet):[^<>]*>|(?<!\w)BREAK(?!\w)")
_WITHOUT = re.compile(
    r"(?:^|\s+)(?:(?:with|and|has|having|there (?:is|are))\s+)?(?:no|without(?:\s+any)?|free of|devoid of)\s+"
    r"(?=[a-z])(.+)$",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:,|\bor\b|\band\b|\bno\b|\bany\b)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a model is told, and what it must not show. `told`: message keys of what it can't take or was left out."""

    prompt: str
    negative: str
    told: tuple[str, ...] = ()


def sent(prompt: str, negative: str, drawing: Drawing, rules: Prompting, *, exact: bool, alone: bool = False) -> Sent:
    """Given a prompt and what should not be seen, return both as a model of this kind takes them.

    `exact`: the author's own words; only what the encoder can't read is taken out. `alone`: it is of something that
    will be cut out. The prompt is "" where no word is left of it.
    """
    told = ["dropped.diffusion.unread"] if not drawing.foreign and _UNREAD.search(prompt) else []
    plain = prompt if drawing.foreign else readable(prompt)
    unwanted = (negative if drawing.foreign else readable(negative)) if drawing.guided else ""
    if exact:
        told += ["dropped.diffusion.weights"] if unweighted(plain) != plain else []
        told += ["dropped.diffusion.negation"] if any(_WITHOUT.search(one) for one in clauses(plain)) else []
        return Sent(plain, unwanted, tuple(told))
    clean = rules.leading.sub("", unweighted(plain))
    clean = rules.alone(clean) if alone and any(sign.isalnum() for sign in clean) else clean
    clean, missing = affirmed(clean, rules.instead if not drawing.guided else {})
    if drawing.guided:
        unwanted = ", ".join(dict.fromkeys([*filter(None, [unwanted]), *missing]))
    clean = rules.consistent(useful(clean, rules.quality, drawing.quality))
    clean = clean if any(sign.isalnum() for sign in clean) else plain  # it was nothing else
    clean = shortened(clean, PIECES * PIECE if drawing.lists else drawing.tokens)
    if not drawing.lists:
        clean = sentences(clean, rules)
    elif drawing.quality and clean:
        clean = ", ".join((clean, *(word for word in drawing.quality if word.casefold() not in clean.casefold())))
    return Sent(clean, unwanted, tuple(told))


def readable(text: str) -> str:
    """Without words in Korean, Chinese or Japanese letters; "" where no other letter is left."""
    if not _UNREAD.search(text):
        return text
    left = joined((re.sub(r"\s+", " ", _UNREAD.sub("", one)).strip(), sign) for one, sign in parted(text))
    return left if any(sign.isalpha() for sign in left) else ""


def unweighted(text: str) -> str:
    """Without the signs by which other programs weigh words: `(soft light:1.3)` is `soft light`."""
    before = ""
    while before != text:
        before, text = text, _WEIGHT.sub(r"\1", text)
        text = _DOUBLE.sub(lambda found: found[1] or found[2] or "", text)
    bare = _SWITCH.sub(" ", text)
    return text if bare == text else joined((" ".join(one.split()), sign) for one, sign in parted(bare))


def affirmed(text: str, instead: Mapping[str, str]) -> tuple[str, list[str]]:
    """(the text without what it says is missing, the missing things); what `instead` knows is said instead of them."""
    kept: list[tuple[str, str]] = []
    missing: list[str] = []
    for clause, sign in parted(text):
        found = _WITHOUT.search(clause)
        left = clause[: found.start()].strip() if found else clause
        if found and (left or kept):  # what a text begins with is what the picture is of: "no smoking sign"
            things = [one for one in _AND.split(found[1].strip()) if one]
            missing += things
            said = dict.fromkeys(instead[one.casefold()] for one in things if one.casefold() in instead)
            clause = ", ".join(filter(None, (left, *said)))
        kept.append((clause, sign))
    return (joined(kept) if missing else text), list(dict.fromkeys(missing))


def useful(text: str, empty: Sequence[str], known: Sequence[str]) -> str:
    """Without clauses that only praise, and without such words at the end of others; `known` ones stay."""
    ending = _praise(tuple(empty), tuple(known))
    parts = [(ending.sub("", one), sign) for one, sign in parted(text)]
    return joined(parts) if parts != parted(text) else text


@lru_cache(maxsize=8)
def _praise(empty: Sequence[str], known: Sequence[str]) -> re.Pattern[str]:
    """Words of praise at the end of a clause, but for those that the model knows."""
    kept = {word.casefold() for word in known}
    words = "|".join(re.escape(word) for word in sorted(empty, key=len, reverse=True) if word.casefold() not in kept)
    return re.compile(rf"(?:(?:^|\s+)(?:and\s+|in\s+)?(?:{words}))+$", re.IGNORECASE)


def shortened(text: str, tokens: int) -> str:
    """The first clauses that fit, or where the first one does not, its first words."""
    if about(text) <= tokens:
        return text
    kept: list[tuple[str, str]] = []
    room = tokens
    for clause, sign in parted(text):
        room -= about(clause) + 1
        if kept and room < 0:
            break
        kept.append((clause, sign))
    return joined(kept) if len(kept) > 1 or room >= 0 else _first_words(kept[0][0], tokens)


def _first_words(text: str, tokens: int) -> str:
    kept: list[str] = []
    for word in text.split():
        tokens -= about(word)
        if kept and tokens < 0:
            break
        kept.append(word)
    return " ".join(kept)


def about(text: str) -> int:
    """How many tokens a text takes, estimated without its tokenizer: rather too many."""
    words = _TOKENS.findall(text)
    return sum(1 + (len(word) - 1) // LETTERS for word in words)


def sentences(text: str, rules: Prompting) -> str:
    """A list of words as sentences; a text that has sentences already stays."""
    parts = clauses(text)
    if len(parts) < LISTED or re.search(r"[.!?]\s+\w", text):
        return text
    first, rest = [parts[0]], list[str]()
    for clause in parts[1:]:
        found = next(((one, say) for pattern, say in rules.rewrites if (one := pattern.fullmatch(clause))), None)
        if found is None:
            first.append(clause)
        else:
            rest.append(found[1].format(*found[0].groups()))
    opening = ", ".join(first)
    return " ".join((opening[:1].upper() + opening[1:] + ".", *dict.fromkeys(rest)))
