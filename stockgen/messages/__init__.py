"""Sentences for people, in Korean and English; the texts are the YAML files beside this one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from stockgen.domain.errors import Faulty, StockgenError
from stockgen.domain.words import Language, Remark


def language_of(setting: str, environment: Mapping[str, str] = os.environ) -> Language:
    """Given the config's `language` (`auto`, `ko`, `en`), return the language to speak; `auto` follows the locale."""
    if setting in ("ko", "en"):
        return "ko" if setting == "ko" else "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "ko" if environment[name].startswith("ko") else "en"
    return "en"


class Messages:
    """The sentences of one language, with the user's `my/messages/<language>.yaml` laid over the shipped ones."""

    def __init__(self, language: Language, my: Path | None = None) -> None:
        self.language: Language = language
        shipped = (files(__package__) / f"{language}.yaml").read_text(encoding="utf-8")
        self._texts = _flat(yaml.load(shipped, Loader=yaml.CSafeLoader))
        own = my / "messages" / f"{language}.yaml" if my else None
        if own and own.is_file():
            self._texts |= _flat(yaml.safe_load(own.read_text(encoding="utf-8")) or {})

    def __call__(self, code: str, **facts: Any) -> str:
        """The sentence `code` with its places filled. Raises KeyError for a code that no file has."""
        return self._texts[code].format(**facts)

    def tell(self, remark: Remark) -> str:
        """A remark as a sentence, with its line in front where it has one."""
        said = self(remark.code, **{key: self._plain(value) for key, value in remark.facts.items()})
        return self("line", line=remark.line, text=said) if remark.line else said

    def has(self, code: str) -> bool:
        """Whether there is a sentence `code`."""
        return code in self._texts

    def keys(self) -> frozenset[str]:
        """All codes."""
        return frozenset(self._texts)

    def _plain(self, value: Any) -> Any:
        if isinstance(value, Remark):
            return self.tell(value)
        if isinstance(value, list | tuple | set | frozenset):
            return ", ".join(str(each) for each in value)
        return value


def explained(error: StockgenError, say: Messages) -> str:
    """An error as people should read it: what is wrong, then each fault on a line of its own."""
    lines = [say.tell(error.remark)]
    if isinstance(error, Faulty):
        lines += [f"  - {say.tell(remark)}" for remark in error.remarks]
    return "\n".join(lines) + "\n"


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat
