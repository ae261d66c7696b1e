"""Which bytes are text, and which text they are."""

from __future__ import annotations

import codecs
import time

import pytest


@pytest.mark.parametrize("data", ["벚꽃\n".encode(), codecs.BOM_UTF8 + "벚꽃\n".encode()], ids=["plain", "bom"])
def test_utf8_is_read_without_a_word(txt, data):
    request = txt(data)
    assert request.orders[0].subject == "벚꽃"
    assert request.remarks == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_from_windows_notepad_in_utf16_is_read_and_told(txt, encoding):
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    request = txt(mark + "벚꽃\n".encode(encoding))
    assert request.orders[0].subject == "벚꽃"
    assert request.remarks[0].facts == {"encoding": "UTF-16"}


def test_six_bytes_of_cp949_are_korean_and_never_guessed_to_be_chinese(txt):
    request = txt("고양이".encode("cp949"))
    assert request.orders[0].subject == "고양이"
    assert request.remarks[0].facts == {"encoding": "CP949"}


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0",
        b"PK\x03\x04abc",
        b"keywords: a\0b",
        "벚꽃\n".encode("utf-16-le"),
        b"{\\rtf1\\ansi cat}",
    ],
    ids=["png", "zip", "nul", "utf-16 without a mark", "rtf"],
)
def test_what_is_no_text_is_refused_kindly(yaml_faults, data):
    assert yaml_faults(data) == ["0 binary"]


def test_bytes_that_are_no_encoding_are_refused(txt_faults):
    assert txt_faults(b"caf\xe9 \xff\xff") == ["0 encoding"]


def test_a_file_above_one_mebibyte_is_refused_before_it_is_read(txt_faults):
    assert txt_faults(b"\xff" * ((1 << 20) + 1)) == ["0 too_big"]


def test_decomposed_hangul_of_a_mac_is_composed(txt):
    assert txt("\u1107\u1165\u11bd\u1101\u1169\u11be").orders[0].subject == "벚꽃"


def test_invisible_signs_of_a_web_page_do_not_reach_the_subject(txt):
    assert txt("\u200b봄\u00a0소풍\u3000날\u202e\ufeff").orders[0].subject == "봄 소풍 날"


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r", "\u2028", "\x85", "\x0b"])
def test_every_kind_of_line_break_counts_as_one_line(txt, breaks):
    assert [order.line for order in txt(f"a{breaks}{breaks}b").orders] == [1, 3]


def test_signs_that_steer_a_terminal_are_refused_with_their_line(txt_faults):
    assert txt_faults("봄\n\x1b[31m여름\n가을\x07\n") == ["2 unreadable", "3 unreadable"]


def test_what_an_earlier_program_could_not_read_is_not_drawn(txt_faults):
    assert txt_faults("봄\n\ufffd\ufffd 소풍") == ["2 unreadable"]


def test_half_a_million_piled_accents_do_not_take_minutes(txt_faults):
    start = time.perf_counter()
    assert txt_faults("a" + "\u0315\u0323" * 200_000) == ["0 marks"]
    assert time.perf_counter() - start < 5
