"""A box of Content Credentials in a file, where C2PA 2.1 (appendix A.3) puts it: well formed, and signed by nobody.

The box is JUMBF (ISO 19566-5): a superbox `jumb` with a description `jumd` of type `c2pa` and that label.
"""

from __future__ import annotations

import struct
import zlib

_TYPE = bytes.fromhex("63327061" + "00110010800000AA00389B71")  # the UUID of a manifest store
_LABEL = b"c2pa\x00"
_REQUESTABLE = b"\x03"  # with a label
_CLAIM = b'{"claim_generator":"tests","instanceID":"urn:uuid:00000000-0000-0000-0000-000000000000"}'


def box(kind: bytes, content: bytes) -> bytes:
    """Of ISO's base media format: length, kind, content."""
    return struct.pack(">I", 8 + len(content)) + kind + content


def store() -> bytes:
    """A manifest store with one box of JSON."""
    return box(b"jumb", box(b"jumd", _TYPE + _REQUESTABLE + _LABEL) + box(b"json", _CLAIM))


def signed(data: bytes, kind: str) -> bytes:
    """The bytes of a png, jpeg or webp file with that box."""
    return {"png": _in_png, "jpeg": _in_jpeg, "webp": _in_webp}[kind](data)


def _in_png(data: bytes) -> bytes:
    """A chunk `caBX` after IHDR, which ends at byte 33."""
    content = b"caBX" + store()
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    return data[:33] + chunk + data[33:]


def _in_jpeg(data: bytes) -> bytes:
    """A segment APP11 behind SOI and APP0: `JP`, box number 1, packet 1 (ISO 19566-5, annex D)."""
    content = b"JP" + struct.pack(">HI", 1, 1) + store()
    segment = b"\xff\xeb" + struct.pack(">H", len(content) + 2) + content
    end = 4 + struct.unpack(">H", data[4:6])[0] if data[2:4] == b"\xff\xe0" else 2
    return data[:end] + segment + data[end:]


def _in_webp(data: bytes) -> bytes:
    """A chunk `C2PA` at the end, for which the file must be of the extended format; its length grows."""
    content = store()
    chunk = b"C2PA" + struct.pack("<I", len(content)) + content + b"\x00" * (len(content) % 2)
    chunks = data[12:] + chunk
    if not data[12:].startswith(b"VP8X"):
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", data[26:30]))  # of a lossy frame
        canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        chunks = b"VP8X" + struct.pack("<II", 10, 0) + canvas + chunks
    return data[:4] + struct.pack("<I", 4 + len(chunks)) + data[8:12] + chunks
