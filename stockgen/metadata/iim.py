"""IIM: the oldest of the three formats, which upload forms still read first. One language, short fields."""

from __future__ import annotations

import struct

from stockgen.metadata.words import Metadata, clean, cut

_UTF8 = b"\x1b%G"  # ISO 2022 escape sequence, IIM 4.2 §1:90
_IPTC_RESOURCE = 0x0404  # Adobe, Photoshop File Formats: image resource IDs


def photoshop(metadata: Metadata) -> bytes:
    """An image resource with all data sets, without the `Photoshop 3.0` prefix of a JPEG segment.

    Texts are cut between characters at the bytes that IIM 4.2 allows: 64 for a title and for a keyword, 2,000
    for the description; XMP holds them whole.
    """
    data = _records(metadata)
    head = struct.pack(">4sH2sI", b"8BIM", _IPTC_RESOURCE, b"\0\0", len(data))  # \0\0: an empty name, padded
    return head + data + b"\0" * (len(data) % 2)


def _records(metadata: Metadata) -> bytes:
    texts = [
        (5, metadata.main_title, 64),  # ObjectName
        *((25, keyword, 64) for keyword in metadata.keywords),
        (65, metadata.tool, 32),  # OriginatingProgram
        (80, metadata.creator, 32),  # By-line
        (105, metadata.main_title, 256),  # Headline
        (116, metadata.copyright, 128),  # CopyrightNotice
    ]
    written = [_dataset(1, 90, _UTF8), _dataset(2, 0, b"\0\x04")]  # 2:00: version 4 of the application record
    written += [_dataset(2, number, line) for number, text, limit in texts if (line := _line(text, limit))]
    caption = cut(metadata.main_description, 2000).encode()
    return b"".join(written) + (_dataset(2, 120, caption) if caption else b"")


def _line(text: str, limit: int) -> bytes:
    """One line of at most `limit` bytes: only the caption may hold line ends."""
    return cut(" ".join(clean(text).split()), limit).encode()


def _dataset(record: int, number: int, value: bytes) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number, len(value)) + value
