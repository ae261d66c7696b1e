"""What the retoucher tells its process, and what that answers; picklable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stockgen.domain.retouch import Retouch, Retouched


@dataclass(frozen=True, slots=True)
class Tool:
    """A model of the catalogue and where its file is. `session`: rembg's name for one that finds what a picture is of;
    `scale`, `multiple`: as `Upscaling` of the catalogue has them, for one that enlarges.
    """

    name: str
    path: Path
    session: str = ""
    scale: int = 1
    multiple: int = 1


@dataclass(frozen=True, slots=True)
class Work:
    """A task with the models that it takes. `lacking`: why the one that it is to be enlarged by is not among them."""

    task: Retouch
    matting: Tool | None = None
    upscaler: Tool | None = None
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Beat:
    """Something of the task in hand is done."""

    shot: int


Event = Beat | Retouched
