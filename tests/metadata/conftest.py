"""A small noisy JPEG and the words of a picture; both can be had with a difference."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from stockgen.metadata.words import Metadata

_FOX = Metadata(
    title={"en": "Red fox under a <full> moon & stars", "ko": "보름달 아래 붉은 여우"},
    description={"en": "A fox looks up.", "ko": "여우가 하늘을 올려다본다."},
    keywords=("여우", "fox", "보름달", "R&D"),
    default_language="ko",
    source_type="trainedAlgorithmicMedia",
    system="Stable Diffusion XL",
    system_version="base-1.0",
    prompt="red fox, full moon",
    creator="홍길동",
    copyright="© 2026 홍길동",
    tool="stockgen 0.1.0",
    created="2026-11-23T05:55:00.123Z",
)


@pytest.fixture(scope="session")
def words() -> Callable[..., Metadata]:
    """Words of a fox, with other values for the fields named."""

    def made(**others: Any) -> Metadata:
        return Metadata(**{name: others.get(name, getattr(_FOX, name)) for name in _FOX.__slots__})

    return made


@pytest.fixture(scope="session")
def encoded() -> Callable[..., bytes]:
    """A JPEG of 64 × 48 pixels of noise, saved by Pillow with the options named."""
    noise = Image.effect_noise((64, 48), 80)
    pixels = Image.merge("RGB", (noise, noise.rotate(180), noise.transpose(Image.Transpose.FLIP_TOP_BOTTOM)))

    def made(**options: Any) -> bytes:
        file = io.BytesIO()
        pixels.save(file, "JPEG", **options)
        return file.getvalue()

    return made
