"""Numbered contact sheets: what a contributor looks at in the morning."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

CELLS = 60  # a sheet
COLUMNS = 6
SIDE = 240  # pixels of a cell's picture
GAP = 16
LABEL = 30  # pixels below a picture for its number
GROUND = "#ffffff"
INK = "#222222"
EMPTY = "#e8e8e8"


def sheets(numbered: Sequence[tuple[int, Path | None]], heading: str) -> Iterator[bytes]:
    """Given file numbers with small pictures (None = gone), yield JPEGs of at most 60 cells and 1600 pixels width.

    `heading` stands on top, in Latin letters: the font that Pillow brings has no others.
    """
    for start in range(0, len(numbered), CELLS):
        yield _sheet(numbered[start : start + CELLS], heading)


def _sheet(cells: Sequence[tuple[int, Path | None]], heading: str) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    columns = min(COLUMNS, len(cells))
    smalls = [_small(path) for _, path in cells]
    rows = [smalls[start : start + columns] for start in range(0, len(smalls), columns)]
    heights = [max(small.height for small in row) for row in rows]
    top = GAP + LABEL + GAP
    size = (GAP + columns * (SIDE + GAP), top + sum(heights) + len(rows) * (LABEL + GAP))
    sheet = Image.new("RGB", size, GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(20)
    draw.text((GAP, GAP), heading, INK, font)
    for at, small in enumerate(smalls):
        row, column = divmod(at, columns)
        x = GAP + column * (SIDE + GAP) + SIDE // 2
        bottom = top + sum(heights[: row + 1]) + row * (LABEL + GAP)
        sheet.paste(small, (x - small.width // 2, bottom - small.height))
        draw.text((x, bottom + 4), str(cells[at][0]), INK, font, anchor="ma")
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=88)
    return out.getvalue()


def _small(path: Path | None) -> Image:
    from PIL import Image as Pictures

    try:
        if path is None:
            raise FileNotFoundError
        picture: Image = Pictures.open(path)
        picture.draft("RGB", (SIDE, SIDE))
        picture.thumbnail((SIDE, SIDE), Pictures.Resampling.LANCZOS)
    except (OSError, SyntaxError, ValueError, Pictures.DecompressionBombError):
        # Its owner took it away, or spoiled it: an empty cell keeps its number.
        return Pictures.new("RGB", (SIDE, SIDE), EMPTY)
    return picture.convert("RGB")
