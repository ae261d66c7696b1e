"""Words into an encoded JPEG, segment by segment. Markers are those of ITU-T T.81, table B.1."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from stockgen.domain.errors import BadPicture
from stockgen.metadata import exif, iim, xmp
from stockgen.metadata.words import Metadata, WordsTooLong

_SOI = b"\xff\xd8"
_SOS = 0xDA
_APP0, _APP1, _APP13 = 0xE0, 0xE1, 0xED
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # start of frame; the three are DHT, JPG, DAC
_ALONE = frozenset({0x00, 0x01, *range(0xD0, 0xDA)})  # no length behind them, and no business before a scan
_LIMIT = 65_533  # bytes of a segment behind its length, which counts itself in 16 bits

_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_OURS = {
    _APP1: (b"Exif\0", _XMP, b"http://ns.adobe.com/xmp/extension/\0"),
    _APP13: (_PHOTOSHOP, b"Adobe_Photoshop2.5:"),
}


@dataclass(frozen=True, slots=True)
class _Segment:
    """`raw` is everything from the first 0xFF, fill bytes included; `body` what stands behind the length."""

    marker: int
    raw: bytes
    body: bytes

    @property
    def holds_words(self) -> bool:
        return self.body.startswith(_OURS.get(self.marker, ()))


def with_metadata(data: bytes, metadata: Metadata) -> bytes:
    """Given an encoded JPEG, return it with these words in place of all that it had.

    EXIF, XMP and Photoshop segments are replaced; everything else is the same bytes: tables, profile,
    comments, scans. So doing it again with other words is the same as having done it with those at once. An
    old EXIF block goes with its orientation: hand in upright pixels. Raises BadPicture where the bytes are no
    JPEG or end before the first scan, WordsTooLong where words do not fit a segment of 65,533 bytes.
    """
    segments, scan = _split(data)
    width, height = _size(segments)
    kept = [segment for segment in segments if not segment.holds_words]
    heads = next((at for at, segment in enumerate(kept) if segment.marker != _APP0), len(kept))
    words = [
        _written(_APP1, _EXIF + exif.tiff(metadata, width, height), "EXIF"),
        _written(_APP1, _XMP + xmp.packet(metadata), "XMP"),
        _written(_APP13, _PHOTOSHOP + iim.photoshop(metadata), "IIM"),
    ]
    raws = [segment.raw for segment in kept]
    return b"".join([_SOI, *raws[:heads], *words, *raws[heads:], memoryview(data)[scan:]])


def scan_data(data: bytes) -> bytes:
    """Everything from the first start of scan to the end: the picture itself. Raises BadPicture."""
    return data[_split(data)[1] :]


def _split(data: bytes) -> tuple[list[_Segment], int]:
    """All segments before the first scan, and where that begins."""
    if not data.startswith(_SOI):
        raise BadPicture("not_a_jpeg")
    segments = []
    at = len(_SOI)
    while (segment := _read(data, at)).marker != _SOS:
        segments.append(segment)
        at += len(segment.raw)
    return segments, at


def _read(data: bytes, start: int) -> _Segment:
    """The segment that begins at byte `start`. Raises BadPicture."""
    at = start
    while data[at : at + 2] == b"\xff\xff":  # any marker may have fill bytes before it, T.81 §B.1.1.2
        at += 1
    head = data[at : at + 4]
    if len(head) < 4:
        raise BadPicture("jpeg_truncated", at=at)
    fill, marker, length = struct.unpack(">BBH", head)
    end = at + 2 + length
    if fill != 0xFF or marker in _ALONE or length < 2:
        raise BadPicture("jpeg_damaged", at=at)
    if end > len(data):
        raise BadPicture("jpeg_truncated", at=at)
    return _Segment(marker, data[start:end], data[at + 4 : end])


def _size(segments: list[_Segment]) -> tuple[int, int]:
    """Width and height in pixels, from the frame. Raises BadPicture where there is none: tables alone."""
    frame = next((segment.body for segment in segments if segment.marker in _FRAMES), b"")
    if len(frame) < 6:
        raise BadPicture("not_a_jpeg")
    height, width = struct.unpack_from(">HH", frame, 1)
    return width, height


def _written(marker: int, body: bytes, part: str) -> bytes:
    if len(body) > _LIMIT:
        raise WordsTooLong("words_too_long", part=part, bytes=len(body), limit=_LIMIT)
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
