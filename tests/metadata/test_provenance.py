"""What a bought file says of its origin is found in each format, however its writer cut it; odd bytes stop nobody."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from stockgen.metadata.embed import with_metadata
from stockgen.metadata.provenance import Provenance, provenance
from tests.clouds import c2pa
from tests.clouds.pictures import encoded as drawn

FORMATS = {"png": "png", "jpeg": "jpg", "webp": "webp"}
kinds = pytest.mark.parametrize("kind", FORMATS)
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description photoshop:Credit="Made with Google AI" '
    b'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>'
)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def in_png(data: bytes, *chunks: bytes) -> bytes:
    return data[:33] + b"".join(chunks) + data[33:]


def in_jpeg(data: bytes, *segments: bytes) -> bytes:
    return data[:2] + b"".join(segments) + data[2:]


def packets(box: bytes, size: int, number: int = 1) -> list[bytes]:
    """A box in APP11 segments of `size` bytes of content each, every one with the head repeated."""
    head, rest = box[:8], box[8:]
    parts = [rest[at : at + size] for at in range(0, len(rest), size)]
    return [segment(0xEB, b"JP" + struct.pack(">HI", number, at) + head + part) for at, part in enumerate(parts, 1)]


@kinds
def test_content_credentials_are_found(kind):
    found = provenance(drawn(1, (64, 64), kind, signed=True))
    assert (found.format, found.c2pa) == (FORMATS[kind], True)


@kinds
def test_a_file_without_any_has_none(kind):
    assert provenance(drawn(1, (64, 64), kind)) == Provenance(format=FORMATS[kind])


@pytest.mark.parametrize("size", [5, 20, 31, 1000])
def test_a_box_that_goes_on_in_further_segments_is_put_together(size):
    data = drawn(1, (64, 64), "jpeg")
    parts = packets(c2pa.store(), size)
    assert provenance(in_jpeg(data, *parts)).c2pa
    assert provenance(in_jpeg(data, *reversed(parts))).c2pa


def test_a_box_is_found_among_others_of_other_kinds_and_numbers():
    other = c2pa.box(b"jumb", c2pa.box(b"jumd", b"\0" * 16 + b"\3jp360\0") + c2pa.box(b"json", b"c2pa"))
    data = drawn(1, (64, 64), "jpeg")
    assert not provenance(in_jpeg(data, *packets(other, 30))).c2pa
    mixed = [one for pair in zip(packets(other, 20, 1), packets(c2pa.store(), 20, 2), strict=False) for one in pair]
    assert provenance(in_jpeg(data, *mixed)).c2pa


def test_a_box_with_a_long_length_is_found():
    store = c2pa.store()
    long = struct.pack(">I4sQ", 1, b"jumb", len(store) + 8) + store[8:]
    assert provenance(in_png(drawn(1, (64, 64), "png"), chunk(b"caBX", long))).c2pa


def test_a_box_of_that_name_which_holds_something_else_is_no_credential():
    assert not provenance(in_png(drawn(1, (64, 64), "png"), chunk(b"caBX", b"c2pa"))).c2pa


def with_xmp(kind: str) -> bytes:
    data = drawn(1, (64, 64), kind)
    if kind == "png":
        return in_png(data, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP))
    if kind == "jpeg":
        return in_jpeg(data, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP))
    file = io.BytesIO()
    Image.open(io.BytesIO(data)).save(file, "WEBP", xmp=XMP)
    return file.getvalue()


@kinds
def test_what_xmp_says_is_found(kind):
    found = provenance(with_xmp(kind))
    assert (found.source_type, found.google) == ("trainedAlgorithmicMedia", True)


def test_packed_xmp_is_unpacked_and_a_bomb_is_not():
    data = drawn(1, (64, 64), "png")
    packed = b"XML:com.adobe.xmp\0\1\0\0\0"
    assert provenance(in_png(data, chunk(b"iTXt", packed + zlib.compress(XMP)))).google
    bomb = zlib.compress(b" " * 200_000_000 + XMP)
    assert not provenance(in_png(data, chunk(b"iTXt", packed + bomb))).google
    assert provenance(in_png(data, chunk(b"iTXt", packed + b"no zlib"))) == Provenance(format="png")


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_a_master_carries_our_own_words_and_no_credentials(kind, words):
    found = provenance(with_metadata(drawn(1, (64, 64), kind), words()))
    assert found == Provenance(format=FORMATS[kind], source_type="trainedAlgorithmicMedia")


def test_a_million_tiny_parts_are_looked_at_in_no_time():
    png, jpeg = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
    for bomb in (png + b"\0" * 12_000_000, jpeg + b"\xff\xe0\0\2" * 3_000_000, jpeg + b"\xff" * 3_000_000,
                 b"RIFF\0\0\0\0WEBP" + b"\0" * 8_000_000, jpeg + packets(c2pa.store(), 1)[0] * 200_000):  # fmt: skip
        assert not provenance(bomb).google  # pytest's time-out is the limit


SOUND = [with_xmp(kind) for kind in FORMATS] + [drawn(1, (32, 32), kind, signed=True) for kind in FORMATS]


@given(st.sampled_from(SOUND), st.data())
def test_cut_and_spoiled_files_raise_nothing(sound, data):
    cut = bytearray(sound[: data.draw(st.integers(0, len(sound)))])
    for _ in range(data.draw(st.integers(0, 12))):
        if cut:
            cut[data.draw(st.integers(0, min(len(cut) - 1, 1500)))] = data.draw(st.integers(0, 255))
    provenance(bytes(cut))


@given(st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF0000WEBP"]), st.binary(max_size=300))
def test_odd_bytes_raise_nothing(beginning, rest):
    provenance(beginning + rest)
