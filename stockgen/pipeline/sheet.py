"""Numbered contact sheets: what a contributor looks at in the morning."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

CELLS = 60  # a sheet
COLUMNS = 6
SIDE = 240  # pixels of a cell's picture
GAP = 16
LABEL = 58  # pixels below a picture for its number
NUMBER = 50  # pixels of its font: a phone shows the sheet 400 pixels wide, and then a number is still 12 high
GROUND = "#ffffff"
INK = "#222222"
EMPTY = "#e8e8e8"
DOUBT = "#ffc94d"  # behind the number of a picture that waits for a person's look


@dataclass(frozen=True, slots=True)
class Cell:
    """A picture by its file number. `path` of a small picture, None = gone; `doubt`: it lies in review."""

    number: int
    path: Path | None
    doubt: bool = False


def sheets(cells: Sequence[Cell], heading: str) -> Iterator[bytes]:
    """Yield JPEGs of at most 60 cells and 1600 pixels width. The number of a picture in review has a yellow ground.

    `heading` stands on top, in Latin letters: the font that Pillow brings has no others.
    """
    for start in range(0, len(cells), CELLS):
        yield _sheet(cells[start : start + CELLS], heading)


def _sheet(cells: Sequence[Cell], heading: str) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    columns = min(COLUMNS, len(cells))
    smalls = [_small(cell.path) for cell in cells]
    rows = [smalls[start : start + columns] for start in range(0, len(smalls), columns)]
    heights = [max(small.height for small in row) for row in rows]
    top = GAP + LABEL + GAP
    size = (GAP + columns * (SIDE + GAP), top + sum(heights) + len(rows) * (LABEL + GAP))
    sheet = Image.new("RGB", size, GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(NUMBER)
    draw.text((GAP, GAP + LABEL // 2), heading, INK, font, anchor="lm")
    for at, small in enumerate(smalls):
        row, column = divmod(at, columns)
        x = GAP + column * (SIDE + GAP) + SIDE // 2
        bottom = top + sum(heights[: row + 1]) + row * (LABEL + GAP)
        sheet.paste(small, (x - small.width // 2, bottom - small.height))
        if cells[at].doubt:
            draw.rectangle((x - SIDE // 2, bottom, x + SIDE // 2 - 1, bottom + LABEL - 1), DOUBT)
        draw.text((x, bottom + LABEL // 2), str(cells[at].number), INK, font, anchor="mm")
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=88)
    return out.getvalue()


def _small(path: Path | None) -> Image:
    from PIL import Image as Pictures

    from stockgen.finishes.encode import on_board

    try:
        if path is None:
            raise FileNotFoundError
        picture: Image = Pictures.open(path)
        picture.draft("RGB", (SIDE, SIDE))
        picture.thumbnail((SIDE, SIDE), Pictures.Resampling.LANCZOS)
    except (OSError, SyntaxError, ValueError, Pictures.DecompressionBombError):
        # Its owner took it away, or spoiled it: an empty cell keeps its number.
        return Pictures.new("RGB", (SIDE, SIDE * 2 // 3), EMPTY)
    return on_board(picture)
