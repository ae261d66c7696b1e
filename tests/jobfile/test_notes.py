"""The note beside each job file."""

from __future__ import annotations

import pytest

from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest, Order, Remark
from stockgen.jobfile import accepted, read, refused


def text(note: bytes) -> str:
    assert note.startswith(b"\xef\xbb\xbf")
    assert note.count(b"\n") == note.count(b"\r\n") > 0
    return note.decode("utf-8-sig")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_an_accepted_file_is_told_how_it_was_read(txt, say, language):
    request = txt("model: flux\n벚꽃 5장\n바다\n벚꽃 5장\n")
    note = text(
        accepted(
            request,
            "k7m2q",
            "봄.txt",
            [Remark("job_file.told.encoding", facts={"encoding": "X9"})],
            say[language],
        )
    )
    for expected in (
        "봄.txt",
        "k7m2q",
        "벚꽃",
        "바다",
        "flux",
        "adobe_stock",
        "9",
        "X9",
        "stockgen cancel k7m2q",
    ):
        assert expected in note


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_refused_file_is_told_every_fault_by_number(known, say, language):
    with pytest.raises(JobFileError) as caught:
        read(b"modle: x\nseed: -1", "a.yaml", known)
    lines = text(refused(caught.value, "a.yaml", say[language])).split("\r\n")
    assert lines[2].startswith("1. ")
    assert "model" in lines[2]
    assert lines[3].startswith("2. ")
    assert "inbox" in lines[-2]


def test_nothing_in_a_note_steers_a_terminal(say):
    order = Order(mode="exact", count=1, prompt="a\x1b[31m\u202eb\r\nc\ud800")
    note = text(accepted(JobRequest(orders=(order,)), "k7m2q", "x\x1b]0;y\x07\n.txt", (), say["en"]))
    assert not set(note) & set("\x1b\u202e\x07")
    assert "a[31mb  c" in note


def test_a_name_with_braces_is_only_a_name(say):
    order = Order(mode="keyword", count=1, subject="{id} {0}")
    assert "{id} {0}" in text(accepted(JobRequest(orders=(order,)), "k7m2q", "{name}.txt", (), say["en"]))


def test_a_fault_that_was_found_again_and_again_is_told_once(say):
    again = [Remark("job_file.both", 2, {"keywords": "keywords", "prompt": "prompt"})] * 50
    note = text(refused(JobFileError("job_file", [*again, Remark("job_file.unreadable", 9)]), "a.txt", say["en"]))
    assert "2. " in note
    assert "3. " not in note
