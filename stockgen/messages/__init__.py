"""Sentences for people, in Korean and English; the texts are the YAML files beside this one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from stockgen.domain.errors import ConfigError, Faulty, StockgenError
from stockgen.domain.installing import Extras, pip
from stockgen.domain.words import Language, Remark


def language_of(setting: str, environment: Mapping[str, str] = os.environ) -> Language:
    """Given the config's `language` (`auto`, `ko`, `en`), return the language to speak; `auto` follows the locale."""
    if setting in ("ko", "en"):
        return "ko" if setting == "ko" else "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "ko" if environment[name].startswith("ko") else "en"
    return "en"


# Steer a terminal or hide text: C0, C1, bidirectional marks, line separators, halves of surrogates.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def harmless(text: str) -> str:
    """`text` on one line, fit for a terminal: file names and prompts come from strangers."""
    if text.isprintable():  # nothing that steers is
        return text
    return _STEERING.sub(lambda sign: " " if sign[0].isspace() else "", text)


class Messages:
    """The sentences of one language, with the user's `my/messages/<language>.yaml` laid over the shipped ones.

    Raises ConfigError where the user's file can't be used: no mapping of texts, or with places that aren't filled.
    """

    def __init__(self, language: Language, my: Path | None = None) -> None:
        self.language: Language = language
        self._texts = _shipped(language)
        own = my / "messages" / f"{language}.yaml" if my else None
        if own and own.is_file():
            self._texts = {**self._texts, **_own(own, self._texts)}

    def __call__(self, code: str, **facts: Any) -> str:
        """The sentence `code` with its places filled. Raises KeyError for a code that no file has.

        `{pip}` and `{extra[NAME]}` need no facts: they are commands of the installation that speaks.
        """
        own = {"pip": pip(), "extra": Extras()}
        return self._texts[code].format(**own | {key: self._plain(value) for key, value in facts.items()})

    def tell(self, remark: Remark) -> str:
        """A remark as a sentence, with its line in front where it has one."""
        said = self(remark.code, **remark.facts)
        return self("line", line=remark.line, text=said) if remark.line else said

    def each(self, remarks: Iterable[Remark]) -> list[str]:
        """Remarks as sentences, each once: what is true of several lines names them all, of the whole file none."""
        where: dict[str, set[int]] = {}
        for one in remarks:
            where.setdefault(self(one.code, **one.facts), set()).add(one.line or 0)
        return [self._placed(text, sorted(lines)) for text, lines in where.items()]

    def _placed(self, text: str, lines: Sequence[int]) -> str:
        if not lines[0]:
            return text
        return self("line" if len(lines) == 1 else "lines", line=", ".join(_runs(lines)), text=text)

    def has(self, code: str) -> bool:
        """Whether there is a sentence `code`."""
        return code in self._texts

    def keys(self) -> frozenset[str]:
        """All codes."""
        return frozenset(self._texts)

    def _plain(self, value: Any) -> Any:
        if isinstance(value, str):
            return harmless(value)
        if isinstance(value, Remark):
            return self.tell(value)
        if isinstance(value, list | tuple | set | frozenset):
            return ", ".join(str(self._plain(each)) for each in value)
        return value


@cache
def _shipped(language: Language) -> Mapping[str, str]:
    """A command speaks before it has read the config and after; the shipped sentences are read once."""
    text = (files(__package__) / f"{language}.yaml").read_text(encoding="utf-8")
    return _flat(yaml.load(text, Loader=yaml.CSafeLoader))


def _runs(lines: Sequence[int]) -> Iterator[str]:
    """Rising numbers as people write them: 2, 5–9."""
    begin = 0
    for at, line in enumerate(lines, 1):
        if at == len(lines) or lines[at] != line + 1:
            run = lines[begin:at]
            yield f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run))
            begin = at


def explained(error: StockgenError, say: Messages) -> str:
    """An error as people should read it: what is wrong, then each fault on a line of its own."""
    lines = [say.tell(error.remark)]
    if isinstance(error, Faulty):
        lines += [f"  - {say.tell(remark)}" for remark in error.remarks]
    return "\n".join(lines) + "\n"


def _own(path: Path, shipped: Mapping[str, str]) -> dict[str, str]:
    """The user's own texts. A sentence that we don't have is left alone: it may be of another version."""
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8-sig")) or {}
        texts = _flat(tree) if isinstance(tree, Mapping) else {"": ""}
        wrong = [key for key, text in texts.items() if key == "" or _places(text) - _places(shipped.get(key, text))]
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise _unusable(path, str(error).splitlines()[0]) from error
    if wrong:
        raise _unusable(path, ", ".join(wrong))
    return texts


def _unusable(path: Path, detail: str) -> ConfigError:
    told = Remark("error.my_file", facts={"path": str(path), "detail": detail})
    return ConfigError("config_faults", [told], path=str(path))


def _places(text: str) -> set[str]:
    return {place for _, place, _, _ in Formatter().parse(text) if place is not None}


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat
