"""One guess for each kind of fault, on the line that it names: line-local, in the author's own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from stockgen.domain.words import Remark
from stockgen.jobfile import counting, foreign
from stockgen.jobfile.text import cleaned
from stockgen.jobfile.typography import plain

_PEOPLE = frozenset((".txt", ".csv", ".tsv"))
# Variants that can't be understood, and words that nobody can translate: only their author can say what was meant.
UNREAD = ("untranslated", *(f"template.{code}" for code in (
    "open", "pick", "weights", "variable", "unset", "variable_inside", "variable_in_list", "unknown", "cycle", "deep",
    "long", "list_empty", "list_broken", "in_list",
)))  # fmt: skip
_KEYED = frozenset((".txt", ".yaml", ".yml"))
# Faults for which the best guess is to leave the line out, and in which files a line can be left out.
DROPPED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("ask_address", "ask_chat", "ask_commas", "ask_data", "ask_file", "ask_ours",
                     "no_words", "table_subject", *UNREAD), _PEOPLE),
    "no_value": _KEYED,
}  # fmt: skip
_PAIR = re.compile(r"(?P<before>\s*(?:- +)*(?P<key>[^\s:][^:]{0,60}?)\s*:)(?P<gap>\s*)(?P<value>.*)")


class Lines:
    """The lines of a file while they are mended; numbers stay what they were until `done`."""

    def __init__(self, lines: list[str], ending: str) -> None:
        self._lines: list[str | None] = list(lines)
        self._top: list[str] = []
        self.yaml = ending in (".yaml", ".yml")
        self.txt = ending == ".txt"

    def __getitem__(self, number: int) -> str:
        """Line `number`, counted from 1; "" for one that was dropped or is not there."""
        there = self._lines[number - 1] if 0 < number <= len(self._lines) else None
        return there or ""

    def change(self, number: int, line: str) -> bool:
        """Replace a line; whether that changed it."""
        before = self[number]
        if before:
            self._lines[number - 1] = line
        return bool(before) and before != line

    def gone(self, number: int) -> bool:
        """Whether a line was left out or moved: nothing can be wrong with it any more."""
        return 0 < number <= len(self._lines) and self._lines[number - 1] is None

    def drop(self, number: int) -> None:
        """Leave a line out, and in YAML what is indented below it."""
        if not 0 < number <= len(self._lines):
            return
        indent = _indent(self[number])
        self._lines[number - 1] = None
        while self.yaml and number < len(self._lines) and _indent(self[number + 1]) > indent:
            self._lines[number] = None
            number += 1

    def lift(self, number: int) -> None:
        """Move a line to the top."""
        self._top.append(self[number])
        self._lines[number - 1] = None

    def done(self) -> list[str]:
        """What is left."""
        return [*self._top, *(line for line in self._lines if line is not None)]


def no_guess(_lines: Lines, _fault: Remark) -> bool:
    """For faults that only their author can mend."""
    return False


def _key(lines: Lines, fault: Remark) -> bool:
    found = _word(lines[_line(fault)], fault.facts["key"])
    return found is not None and _put(lines, fault, found, str(fault.facts["nearest"]).replace("_", " "))


def _value(lines: Lines, fault: Remark) -> bool:
    """The nearest value in place of the one that was written; behind its key, should the key be the same word."""
    line, key = lines[_line(fault)], fault.facts.get("key", "")
    start = line.find(":") + 1 if lines.yaml or (lines.txt and ":" in line and key in line) else 0
    found = _word(line, fault.facts["found"], start)
    wanted = fault.facts.get("nearest") or fault.facts.get("instead")
    return found is not None and bool(wanted) and _put(lines, fault, found, str(wanted))


def _closed(lines: Lines, fault: Remark) -> bool:
    """A closed market leaves its list; where it stands alone there is no guess."""
    line = lines[_line(fault)]
    word = re.escape(fault.facts["found"])
    bare = re.sub(rf"\s*,\s*{word}(?=\s*[,\]]|\s*$)|(?<=[\[:\s]){word}\s*,\s*", "", line, count=1)
    return bare != line and lines.change(_line(fault), bare)


def _space(lines: Lines, fault: Remark) -> bool:
    line = lines[_line(fault)]
    return lines.change(_line(fault), re.sub(r"^(\s*(?:- +)?[^\W\d]\w{0,40}):(?=\S)", r"\1: ", line))


def _tabs(lines: Lines, fault: Remark) -> bool:
    line = lines[_line(fault)]
    indent = line[: len(line) - len(line.lstrip())]
    return lines.change(_line(fault), indent.replace("\t", "  ") + line.lstrip())


def _quotes(lines: Lines, fault: Remark) -> bool:
    """Quotes around the value, so that a colon or a brace is a sign like any other."""
    line = lines[_line(fault)]
    found = _PAIR.fullmatch(line)
    if found and found["value"] and found["value"][0] not in "\"'|>&*!":
        return lines.change(_line(fault), f"{found['before']} {_quoted(found['value'])}")
    item = re.fullmatch(r"(\s*- +)([\[{].*)", line)
    return item is not None and lines.change(_line(fault), f"{item[1]}{_quoted(item[2])}")


def _listed(lines: Lines, fault: Remark) -> bool:
    """`- ` before the lines that YAML would fold into one."""
    number, changed = _line(fault), False
    while (line := lines[number].strip()) and not line.startswith(("#", "- ")):
        changed = lines.change(number, f"- {line}") or changed
        number += 1
    return changed


def _colon(lines: Lines, fault: Remark) -> bool:
    return lines.change(_line(fault), re.sub(r"\s*[=＝]\s*|\s+[-–—]\s+", ": ", lines[_line(fault)], count=1))


def _late(lines: Lines, fault: Remark) -> bool:
    lines.lift(_line(fault))
    return True


def _subject(lines: Lines, fault: Remark) -> bool:
    """A word with a colon that is no key, in a file of lines: a subject in quotes."""
    line = lines[_line(fault)].strip()
    return lines.txt and '"' not in line and lines.change(_line(fault), f'"{line}"')


def _bar(lines: Lines, fault: Remark) -> bool:
    line = plain(lines[_line(fault)])
    return lines.change(_line(fault), re.sub(r"\s*[,:=–—-]\s*([0-9]{1,9})\s*$", r" | \1", line))


def _counted(lines: Lines, fault: Remark) -> bool:
    guess = counting.guessed(" ".join(plain(lines[_line(fault)]).split()))
    return bool(guess) and lines.change(_line(fault), guess)


def _cleaned(lines: Lines, fault: Remark) -> bool:
    line = lines[_line(fault)]
    return "\ufffd" not in line and lines.change(_line(fault), cleaned(line))


def _hash(lines: Lines, fault: Remark) -> bool:
    """`#1 벚꽃` without its number, `벚꽃 # memo` without the memo."""
    line = lines[_line(fault)]
    return lines.change(_line(fault), re.sub(r"^\s*#\d+[.):]?\s+|\s#\s.*$", "", plain(line), count=1))


def _options(lines: Lines, fault: Remark) -> bool:
    """Options of another program as keys of their own, below the text that they stood behind."""
    found = _PAIR.fullmatch(lines[_line(fault)])
    if not found or found["value"][:1] in ("", '"', "'", "[", "{", "|", ">"):
        return False
    parted = foreign.without_options(found["value"])
    indent = " " * (len(found["before"]) - len(found["before"].lstrip(" -")))
    own = [f"{indent}{key}: {value}" for key, value in parted.given.items()]
    return lines.change(_line(fault), "\n".join([f"{found['before']} {parted.text}", *own]))


def _cell_quotes(lines: Lines, fault: Remark) -> bool:
    line = lines[_line(fault)]
    return line.count('"') % 2 == 1 and lines.change(_line(fault), line.replace('"', ""))


def _second(lines: Lines, fault: Remark) -> bool:
    """A key that stands twice with the same value; two different ones are the author's to choose."""
    one, other = (_PAIR.fullmatch(lines[number]) for number in (_line(fault), fault.facts["first"]))
    if not one or not other or not one["value"] or one["value"] != other["value"]:
        return False
    lines.drop(_line(fault))
    return True


def _wildcard(lines: Lines, fault: Remark) -> bool:
    """The nearest list in place of one that is not there."""
    line, found = lines[_line(fault)], f"__{fault.facts['found']}__"
    return lines.change(_line(fault), line.replace(found, f"__{fault.facts['nearest']}__"))


REPAIRS: Mapping[str, Callable[[Lines, Remark], bool]] = {
    "template.unknown_near": _wildcard,
    "unknown_key_near": _key,
    "unknown_key": _subject,
    "value_near": _value,
    "model_refused_instead": _value,
    "market_closed": _closed,
    "yaml_space": _space,
    "yaml_tab": _tabs,
    "yaml_braces": _quotes,
    "yaml_colon": _quotes,
    "braces": _quotes,
    "not_text": _quotes,
    "yaml_lines": _listed,
    "txt_equals": _colon,
    "txt_late": _late,
    "ask_comma_count": _bar,
    "ask_count": _counted,
    "unreadable": _cleaned,
    "twice": _second,
    "ask_hash": _hash,
    "ask_options": _options,
    "csv_quotes": _cell_quotes,
}


def _put(lines: Lines, fault: Remark, found: re.Match[str], word: str) -> bool:
    line = lines[_line(fault)]
    return lines.change(_line(fault), line[: found.start()] + word + line[found.end() :])


def _word(line: str, word: Any, start: int = 0) -> re.Match[str] | None:
    """Where a word of a fault stands in its line: as it was written, whatever its width or case."""
    wanted = str(word)
    return re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)").search(plain(line), start) if wanted else None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip()) if line.strip() else -1


def _line(fault: Remark) -> int:
    return fault.line or 0
