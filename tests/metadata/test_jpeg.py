"""What may happen to a picture when words are put into it: nothing."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from stockgen.domain.errors import BadPicture
from stockgen.metadata.jpeg import scan_data, with_metadata
from stockgen.metadata.words import WordsTooLong

_APP0_BYTES = 18
_PROFILE = bytes(range(256)) * 600  # 150 KB: three segments


def _opened(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def _segment(marker, body):
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _filled(data):
    """Fill bytes before the first table, the frame and the scan."""
    for marker in (b"\xff\xdb", b"\xff\xc0", b"\xff\xda"):
        data = data.replace(marker, b"\xff\xff\xff" + marker, 1)
    return data


@pytest.fixture(
    params=[
        {},
        {"progressive": True},
        {"restart_marker_blocks": 1},
        {"icc_profile": _PROFILE},
        {"comment": b"by hand"},
        {"quality": 100, "subsampling": 0, "dpi": (300, 300)},
    ],
    ids=["plain", "progressive", "restarts", "profile", "comment", "fine"],
)
def original(request, encoded):
    """Files as different encoders write them."""
    return encoded(**request.param)


def test_words_change_no_pixel_and_no_byte_of_the_scans(original, words):
    told = with_metadata(original, words())
    assert scan_data(told) == scan_data(original)
    assert _opened(told).tobytes() == _opened(original).tobytes()


def test_every_byte_that_is_no_word_stays_where_it_was(original, words):
    told = with_metadata(original, words())
    head, rest = original[: 2 + _APP0_BYTES], original[2 + _APP0_BYTES :]
    assert told.startswith(head) and told.endswith(rest)


def test_the_colour_profile_in_several_parts_is_the_same_afterwards(encoded, words):
    told = with_metadata(encoded(icc_profile=_PROFILE), words())
    assert told.count(b"ICC_PROFILE\0") == 3
    assert _opened(told).info["icc_profile"] == _PROFILE


def test_fill_bytes_before_markers_are_no_reason_to_fail(encoded, words):
    original = _filled(encoded())
    told = with_metadata(original, words())
    assert scan_data(told) == scan_data(original)
    assert told.endswith(original[2 + _APP0_BYTES :])
    assert _opened(told).tobytes() == _opened(encoded()).tobytes()


def test_a_file_without_jfif_header_gets_its_words_too(encoded, words):
    plain = encoded()
    bare = plain[:2] + plain[2 + _APP0_BYTES :]
    told = with_metadata(bare, words())
    assert told[:4] == b"\xff\xd8\xff\xe1"
    assert with_metadata(told, words()) == told


def test_swapping_the_words_is_the_same_as_writing_them_at_once(original, words):
    market = words(title={"en": "Fox", "ko": "여우"}, keywords=("animal",), default_language="en")
    assert with_metadata(with_metadata(original, words()), market) == with_metadata(original, market)


def test_nothing_of_the_first_words_is_left_in_a_market_s_file(encoded, words):
    zebra = "zebrafish"
    texts = ("system", "system_version", "prompt", "creator", "copyright", "tool")
    both = {"en": zebra, "ko": zebra}
    first = words(title=both, description=both, keywords=(zebra,), **dict.fromkeys(texts, zebra))
    told = with_metadata(encoded(), first)
    assert zebra.encode() in told
    assert zebra.encode() not in with_metadata(with_metadata(told, words()), words(creator=""))


def test_words_that_came_with_the_file_are_gone(encoded, words):
    foreign = Image.Exif()
    foreign[0x013B] = "zebrafish"
    plain = encoded(exif=foreign, xmp=b"<x>zebrafish</x>")
    extended = _segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0zebrafish")
    photoshop = _segment(0xED, b"Photoshop 3.0\x008BIM zebrafish")
    told = with_metadata(plain[:2] + extended + photoshop + plain[2:], words())
    assert b"zebrafish" not in told
    assert told == with_metadata(encoded(), words())


def test_other_application_segments_are_kept(encoded, words):
    plain = encoded(comment=b"kept")
    adobe, unknown = _segment(0xED, b"Something else"), _segment(0xE1, b"http://example.org/")
    told = with_metadata(plain[:20] + adobe + unknown + plain[20:], words())
    assert adobe + unknown in told
    assert _opened(told).info["comment"] == b"kept"


@pytest.mark.parametrize("data", [b"", b"\xff", b"\x89PNG\r\n\x1a\n" + bytes(99), b"RIFF....WEBP", b"\xd8\xff"])
def test_what_is_no_jpeg_is_refused(data, words):
    with pytest.raises(BadPicture, match="not_a_jpeg"):
        with_metadata(data, words())


def test_a_file_cut_anywhere_before_its_scan_is_refused(encoded, words):
    whole = encoded()
    start = len(whole) - len(scan_data(whole))
    for length in range(start + 4):
        with pytest.raises(BadPicture):
            with_metadata(whole[:length], words())


@pytest.mark.parametrize("junk", [b"junk", b"\xff\xd9", b"\xff\xd0\x00\x04", b"\xff\xe5\x00\x01"])
def test_junk_between_segments_is_refused_rather_than_passed_on(junk, encoded, words):
    whole = encoded()
    with pytest.raises(BadPicture, match="jpeg_damaged"):
        with_metadata(whole[:20] + junk + whole[20:], words())


def test_tables_without_a_picture_are_refused(words):
    with pytest.raises(BadPicture, match="not_a_jpeg"):
        with_metadata(b"\xff\xd8" + _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"), words())


@pytest.mark.parametrize(
    ("part", "long"),
    [
        ("EXIF", {"description": {"ko": "가" * 21_800}}),
        ("XMP", {"prompt": "x" * 65_000}),
        ("XMP", {"keywords": tuple(f"keyword{n:05}" for n in range(2_500))}),
    ],
)
def test_words_longer_than_a_segment_are_refused_instead_of_breaking_the_file(part, long, encoded, words):
    with pytest.raises(WordsTooLong) as refused:
        with_metadata(encoded(), words(**long))
    assert refused.value.facts["part"] == part
    assert refused.value.facts["bytes"] > refused.value.facts["limit"] == 65_533


def test_a_long_korean_text_that_fits_is_written_whole(encoded, words):
    told = with_metadata(encoded(), words(description={"ko": "가" * 9_000}))
    assert _opened(told).info["xmp"].count("가".encode() * 9_000) == 2  # x-default and ko-KR
