"""What a picture's file says about itself, before it is in any format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from stockgen.domain.errors import StockgenError
from stockgen.domain.words import Language

SourceType = Literal["algorithmicMedia", "trainedAlgorithmicMedia"]

# Everything but the characters of XML 1.0, https://www.w3.org/TR/xml/#charsets
_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class WordsTooLong(StockgenError):
    """Words do not fit where a file keeps them. `part` is XMP, EXIF or IIM, `bytes` of it and its `limit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The words of one file for one market. Whatever is empty is not written.

    `keywords` are already in the language wanted, most telling first. `default_language` is that of EXIF, IIM
    and the `x-default` of XMP; the other language takes its place where a text is missing. `source_type` is a
    term of https://cv.iptc.org/newscodes/digitalsourcetype. `system` and `system_version` name the model and
    are empty for drawn pictures. `prompt` travels with every copy, so it is empty unless its author wants it.
    `created` is ISO-8601 in UTC with Z.
    """

    title: Mapping[Language, str]
    description: Mapping[Language, str]
    keywords: tuple[str, ...]
    default_language: Language
    source_type: SourceType
    tool: str
    created: str
    system: str = ""
    system_version: str = ""
    prompt: str = ""
    creator: str = ""
    copyright: str = ""

    @property
    def main_title(self) -> str:
        """The title where there is room for one language only."""
        return in_language(self.title, self.default_language)

    @property
    def main_description(self) -> str:
        """The description where there is room for one language only."""
        return in_language(self.description, self.default_language)


def in_language(texts: Mapping[Language, str], language: Language) -> str:
    """The cleaned text in `language`, or in the other one, or an empty one."""
    other: Language = "ko" if language == "en" else "en"
    return clean(texts.get(language, "")) or clean(texts.get(other, ""))


def clean(text: str) -> str:
    """Given any text, return what all three formats can hold.

    Control characters, lone surrogates and non-characters go, line ends become `\\n`, outer white space goes.
    """
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def cut(text: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8, cut between characters."""
    return text.encode()[:limit].decode(errors="ignore").rstrip()
