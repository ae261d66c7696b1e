"""EXIF: a little TIFF without pixels. Tags and types are those of CIPA DC-008 (Exif 2.32)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime

from stockgen.metadata.words import Metadata, clean

_DPI = 300  # Miricanvas wants 120 or more, the others do not care (their upload pages, 2026)
_ASCII, _SHORT, _LONG, _RATIONAL, _UNDEFINED = 2, 3, 4, 5, 7
_HEADER = struct.pack(">2sHI", b"MM", 42, 8)
_EXIF_IFD = 0x8769

_Entry = tuple[int, int, int, bytes]  # tag, type, count, value


def tiff(metadata: Metadata, width: int, height: int) -> bytes:
    """The TIFF block, big-endian, without the `Exif` prefix of a JPEG segment. `width`, `height` in pixels.

    ASCII tags hold UTF-8, which readers take for what it is; the date is UTC and says so. The colour space is
    told as sRGB, because that is what we make.
    """
    pixels = [
        (0x9000, _UNDEFINED, 4, b"0232"),  # ExifVersion
        _ascii(0x9010, "+00:00"),  # OffsetTime
        (0x9101, _UNDEFINED, 4, b"\x01\x02\x03\x00"),  # ComponentsConfiguration: Y, Cb, Cr
        (0xA000, _UNDEFINED, 4, b"0100"),  # FlashpixVersion
        _short(0xA001, 1),  # ColorSpace: sRGB
        _long(0xA002, width),
        _long(0xA003, height),
    ]
    words = _words(metadata)
    # the pointer's size does not depend on where it points, so the first length is the true one
    after = len(_HEADER) + len(_directory(sorted([*words, _long(_EXIF_IFD, 0)]), 0))
    first = _directory(sorted([*words, _long(_EXIF_IFD, after)]), len(_HEADER))
    return _HEADER + first + _directory(pixels, after)


def _words(metadata: Metadata) -> list[_Entry]:
    dpi = struct.pack(">II", _DPI, 1)
    moment = datetime.fromisoformat(metadata.created).astimezone(UTC)
    texts = {
        0x010E: metadata.main_description,
        0x0131: metadata.tool,
        0x0132: moment.strftime("%Y:%m:%d %H:%M:%S"),
        0x013B: metadata.creator,
        0x8298: metadata.copyright,
    }
    return [
        (0x011A, _RATIONAL, 1, dpi),
        (0x011B, _RATIONAL, 1, dpi),
        _short(0x0128, 2),  # ResolutionUnit: inch
        _short(0x0213, 1),  # YCbCrPositioning: centred, as in JFIF
        *(_ascii(tag, text) for tag, text in texts.items() if clean(text)),
    ]


def _ascii(tag: int, text: str) -> _Entry:
    value = clean(text).encode() + b"\0"
    return tag, _ASCII, len(value), value


def _short(tag: int, value: int) -> _Entry:
    return tag, _SHORT, 1, struct.pack(">H", value)


def _long(tag: int, value: int) -> _Entry:
    return tag, _LONG, 1, struct.pack(">I", value)


def _directory(entries: Sequence[_Entry], offset: int) -> bytes:
    """One image file directory that begins `offset` bytes after the header's start; entries sorted by tag.

    A value of more than 4 bytes stands behind the directory, on an even offset, and the entry points at it.
    """
    rows = struct.pack(">H", len(entries))
    behind = b""
    start = offset + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in entries:
        place = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(">I", start + len(behind))
        rows += struct.pack(">HHI", tag, kind, count) + place
        behind += (value + b"\0" * (len(value) % 2)) if len(value) > 4 else b""
    return rows + struct.pack(">I", 0) + behind
