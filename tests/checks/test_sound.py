"""What is no picture, or not the one that was promised, is told before it costs anything."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from stockgen.checks.sound import decoded
from stockgen.domain.errors import BadPicture, NotPulled
from stockgen.gpu.headers import parsed_header


def enormous(side: int = 12_000) -> bytes:
    """A PNG of a few bytes that says it has so many pixels a side, of which none can be decoded."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    data = bytearray(out.getvalue())
    data[16:24] = struct.pack(">II", side, side)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    return bytes(data)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_picture_of_another_size_is_refused_before_one_of_its_pixels_is_decoded() -> None:
    with pytest.raises(BadPicture) as caught:
        decoded(enormous(), 64, 64)
    assert (caught.value.code, caught.value.facts["found"]) == ("wrong_size", "12000x12000")


def test_a_header_that_is_nested_without_end_is_no_weights_file() -> None:
    with pytest.raises(NotPulled) as caught:
        parsed_header(b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "deep.safetensors")
    assert caught.value.code == "not_safetensors"
