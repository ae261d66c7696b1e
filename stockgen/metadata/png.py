"""Words into an encoded PNG, chunk by chunk. Names and order of chunks are those of W3C PNG, third edition."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from stockgen.domain.errors import BadPicture
from stockgen.metadata import exif, xmp
from stockgen.metadata.words import Metadata

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_XMP = b"XML:com.adobe.xmp"  # Adobe, XMP Specification Part 3, §1.1.5
_METRE = round(300 / 0.0254)  # pixels: 300 dpi
# Texts of any kind are words: XMP, "Raw profile type exif", and the prompts that image programs leave there.
_WORDS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"pHYs"})
_HEAD = struct.calcsize(">I4s")


@dataclass(frozen=True, slots=True)
class _Chunk:
    name: bytes
    raw: memoryview  # the whole of it, with length and checksum


def with_metadata(data: bytes, metadata: Metadata) -> bytes:
    """Given an encoded PNG, return it with these words in place of all that it had.

    Text, EXIF, time and density are replaced; everything else is the same bytes: header, profile, palette, pixels. PNG
    knows no IIM. Raises BadPicture where the bytes are no PNG or end before its end.
    """
    chunks = list(_split(data))
    width, height = struct.unpack_from(">II", chunks[0].raw, _HEAD)
    texts = _text(_XMP, xmp.packet(metadata))
    density = _chunk(b"pHYs", struct.pack(">IIB", _METRE, _METRE, 1))  # 1: the unit is the metre
    block = _chunk(b"eXIf", exif.tiff(metadata, width, height))
    kept = [chunk for chunk in chunks[1:] if chunk.name not in _WORDS]
    pixels = next(at for at, chunk in enumerate(kept) if chunk.name == b"IDAT")
    before, after = (b"".join(chunk.raw for chunk in part) for part in (kept[:pixels], kept[pixels:]))
    return b"".join([SIGNATURE, chunks[0].raw, before, density, block, texts, after])


def pixel_data(data: bytes) -> bytes:
    """All image data: the picture itself. Raises BadPicture."""
    return b"".join(chunk.raw for chunk in _split(data) if chunk.name == b"IDAT")


def _split(data: bytes) -> Iterator[_Chunk]:
    """All chunks, of which the first is the header and the last the end; what lies behind that is left out."""
    if not data.startswith(SIGNATURE) or data[len(SIGNATURE) + 4 :][:4] != b"IHDR":
        raise BadPicture("not_a_png")
    at, view, seen = len(SIGNATURE), memoryview(data), False
    while True:
        if at + _HEAD > len(data):
            raise BadPicture("png_truncated", at=at)
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + _HEAD + length + 4
        if end > len(data):
            raise BadPicture("png_truncated", at=at)
        yield _Chunk(name, view[at:end])
        seen = seen or name == b"IDAT"
        at = end
        if name == b"IEND":
            break
    if not seen:
        raise BadPicture("not_a_png")


def _text(keyword: bytes, text: bytes) -> bytes:
    """An uncompressed international text: readers look for XMP without unpacking anything."""
    return _chunk(b"iTXt", keyword + b"\0" + b"\0\0" + b"\0" + b"\0" + text)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
