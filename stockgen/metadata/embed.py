"""Words into a picture's file, whatever its format is; told by its first bytes."""

from __future__ import annotations

from stockgen.metadata import jpeg, png
from stockgen.metadata.words import Metadata


def with_metadata(data: bytes, metadata: Metadata) -> bytes:
    """Given an encoded JPEG or PNG, return it with these words in place of all that it had; not one pixel is touched.

    Raises BadPicture where the bytes are neither, or end too early; WordsTooLong where a segment can't hold them.
    """
    return png.with_metadata(data, metadata) if data.startswith(png.SIGNATURE) else jpeg.with_metadata(data, metadata)
