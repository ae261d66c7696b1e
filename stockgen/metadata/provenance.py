"""Which provenance a picture's file carries, whoever made it: Content Credentials, and what its XMP says of its origin.

Whether a signature still holds is not looked at. Where it stands: C2PA 2.2, appendix A.3 (JPEG: APP11 as in ISO
19566-5, annex D; PNG: `caBX`; WebP: `C2PA`); XMP: Adobe's Specification Part 3.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Format = Literal["png", "jpg", "webp", ""]

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_PARTS = 100_000  # chunks or segments that are looked at; a PNG of 100 MB in pieces of 8 KiB has 12,000
_ENOUGH = 4096  # bytes of a box in which its name stands
_XMP_MOST = 1 << 20  # bytes that are unpacked of XMP
_MANIFEST = bytes.fromhex("6332706100110010800000aa00389b71")  # the UUID of a store of manifests
_XMP_TEXT = b"XML:com.adobe.xmp\0"
_XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0"
_SOURCE = re.compile(rb"newscodes/digitalsourcetype/([A-Za-z]{1,60})")
_GOOGLE = b"Made with Google AI"  # photoshop:Credit of Google's generators


@dataclass(frozen=True, slots=True)
class Provenance:
    """`format`: "" = none that is known. `c2pa`: Content Credentials are there. `source_type`: the term of IPTC's
    digital source types that its XMP has, "" = none. `google`: it says that it was made with Google AI.
    """

    format: Format = ""
    c2pa: bool = False
    source_type: str = ""
    google: bool = False


def provenance(data: bytes) -> Provenance:
    """Given a file's bytes, whatever they are, return what they say of where it is from. Raises nothing."""
    found: Format = "png" if data.startswith(_PNG) else "jpg" if data.startswith(_JPEG) else ""
    if not found and data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found = "webp"
    if not found:
        return Provenance()
    boxes, packets = {"png": _png, "jpg": _jpeg, "webp": _webp}[found](memoryview(data))
    xmp = b"\n".join(packets)
    source = _SOURCE.search(xmp)
    return Provenance(
        format=found, c2pa=any(map(_is_store, boxes)), source_type=source[1].decode() if source else "",
        google=_GOOGLE in xmp,
    )  # fmt: skip


Found = tuple[list[bytes], list[bytes]]  # the beginnings of boxes, and packets of XMP


def _is_store(box: bytes) -> bool:
    """Whether a JUMBF box begins as a store of manifests: a superbox described as one, by its type or its label."""
    inner = box[16:] if box[:4] == b"\0\0\0\1" else box[8:]  # a length of 64 bits stands behind the name
    if box[4:8] != b"jumb" or inner[4:8] != b"jumd":
        return False
    return inner[8:24] == _MANIFEST or inner[25:].partition(b"\0")[0] == b"c2pa"


def _png(data: memoryview) -> Found:
    boxes, packets = [], []
    at = len(_PNG)
    for _ in range(_PARTS):
        if at + 8 > len(data):
            break
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        if name == b"caBX":
            boxes.append(bytes(body[:_ENOUGH]))
        elif name == b"iTXt" and bytes(body[: len(_XMP_TEXT)]) == _XMP_TEXT:
            packets.append(_text(bytes(body[len(_XMP_TEXT) : len(_XMP_TEXT) + _XMP_MOST])))
        elif name == b"IEND":
            break
        at += 12 + length
    return boxes, packets


def _text(body: bytes) -> bytes:
    """The text of an iTXt chunk behind its keyword: two flags, language, translated keyword; packed or not."""
    packed, rest = body[:1] == b"\1", body[2:]
    text = rest.partition(b"\0")[2].partition(b"\0")[2]
    if not packed:
        return text
    try:
        return zlib.decompressobj().decompress(text, _XMP_MOST)
    except zlib.error:
        return b""


def _jpeg(data: memoryview) -> Found:
    """Segments before the first scan. A box may go on in further APP11 segments of its number, each of which repeats
    the box's head.
    """
    packets, pieces = [], dict[int, list[tuple[int, bytes]]]()
    for marker, body in _segments(data):
        if marker == 0xEB and bytes(body[:2]) == b"JP" and len(body) >= 16:
            number, packet = struct.unpack_from(">HI", body, 2)
            pieces.setdefault(number, []).append((packet, bytes(body[8 : 8 + _ENOUGH])))
        elif marker == 0xE1 and bytes(body[: len(_XMP_SEGMENT)]) == _XMP_SEGMENT:
            packets.append(bytes(body[len(_XMP_SEGMENT) :]))
    return [_joined(each) for each in pieces.values()], packets


def _segments(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    at = 2
    for _ in range(_PARTS):
        while bytes(data[at : at + 2]) == b"\xff\xff":  # fill bytes
            at += 1
        if at + 4 > len(data) or data[at] != 0xFF:
            return
        marker, length = struct.unpack_from(">BH", data, at + 1)
        if marker == 0xDA or length < 2:
            return
        yield marker, data[at + 4 : at + 2 + length]
        at += 2 + length


def _joined(pieces: list[tuple[int, bytes]]) -> bytes:
    """The beginning of a box whose packets may stand in any order."""
    first, *others = [piece for _, piece in sorted(pieces, key=lambda one: one[0])]
    head = 16 if first[:4] == b"\0\0\0\1" else 8
    box = first
    for piece in others:
        if len(box) >= _ENOUGH:
            break
        box += piece[head:]
    return box


def _webp(data: memoryview) -> Found:
    boxes, packets = [], []
    at = 12
    for _ in range(_PARTS):
        if at + 8 > len(data):
            break
        name, length = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + length]
        if name == b"C2PA":
            boxes.append(bytes(body[:_ENOUGH]))
        elif name == b"XMP ":
            packets.append(bytes(body[:_XMP_MOST]))
        at += 8 + length + length % 2
    return boxes, packets
