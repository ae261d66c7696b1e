"""People and language models write anything; the file stays readable."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, IptcImagePlugin

from stockgen.metadata.iim import photoshop
from stockgen.metadata.jpeg import with_metadata
from stockgen.metadata.words import clean, cut
from stockgen.metadata.xmp import packet

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_DC = "{http://purl.org/dc/elements/1.1/}"
_LI = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
_ANY = st.text(st.characters(exclude_categories=()), max_size=120)  # lone surrogates too


def _items(tree, name):
    return [(li.get(_LANG), li.text) for li in tree.iterfind(f".//{_DC}{name}//{_LI}")]


@settings(deadline=None, max_examples=80)
@given(title=_ANY, description=_ANY, keyword=_ANY, prompt=_ANY)
@example(title="한" * 500, description="", keyword="🦊" * 40, prompt="]]><x a='\"&amp;'>")
@example(title="\x00\x1b\x7f\x85\ufffe\ud800", description="a\r\nb\rc", keyword=" \t ", prompt="<&>")
def test_any_text_gives_a_file_that_opens_and_says_it(title, description, keyword, prompt, encoded, words):
    texts = words(title={"ko": title}, description={"en": description}, keywords=(keyword,), prompt=prompt)
    told = Image.open(io.BytesIO(with_metadata(encoded(), texts)))
    told.load()
    tree = ElementTree.fromstring(told.info["xmp"])  # noqa: S314  our own bytes
    wanted = clean(title)
    assert _items(tree, "title") == ([("x-default", wanted), ("ko-KR", wanted)] if wanted else [])
    assert [text for _, text in _items(tree, "description")] == [clean(description)] * 2 * bool(clean(description))
    assert [text for _, text in _items(tree, "subject")] == [clean(keyword)] * bool(clean(keyword))
    assert told.getexif().get(0x010E, "").encode("latin-1") in (b"", clean(description).encode())


@settings(deadline=None, max_examples=80)
@given(text=_ANY, limit=st.integers(1, 70))
def test_a_cut_never_breaks_a_character(text, limit):
    short = cut(clean(text), limit)
    assert len(short.encode()) <= limit
    assert clean(text).startswith(short)


def test_iim_keeps_its_limits_in_korean(encoded, words):
    long = words(title={"ko": "한" * 500}, description={"ko": "글" * 900}, keywords=("낱말" * 20, "짧다"))
    told = Image.open(io.BytesIO(with_metadata(encoded(), long)))
    fields = IptcImagePlugin.getiptcinfo(told)
    assert fields[2, 5] == ("한" * 21).encode()
    assert fields[2, 25] == [("낱말" * 20)[:21].encode(), "짧다".encode()]
    assert fields[2, 105] == ("한" * 85).encode()
    assert fields[2, 120] == ("글" * 666).encode()


def test_line_ends_stay_in_the_caption_and_nowhere_else_in_iim(words):
    data = photoshop(words(title={"ko": "한\n줄"}, description={"ko": "두\n줄"}))
    assert "한 줄".encode() in data
    assert "두\n줄".encode() in data


def test_a_missing_language_is_replaced_by_the_other_one(words):
    tree = ElementTree.fromstring(packet(words(title={"en": "Fox", "ko": " "}, default_language="ko")))  # noqa: S314
    assert _items(tree, "title") == [("x-default", "Fox"), ("en-US", "Fox")]


@pytest.mark.parametrize("name", ["system", "system_version", "prompt", "creator", "copyright"])
def test_what_is_empty_is_not_written(name, words):
    tags = {
        "system": "AISystemUsed",
        "system_version": "AISystemVersionUsed",
        "prompt": "AIPromptInformation",
        "creator": "dc:creator",
        "copyright": "Marked",
    }
    assert tags[name].encode() in packet(words())
    assert tags[name].encode() not in packet(words(**{name: ""}))
