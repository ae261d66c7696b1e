"""Checks of pictures: plain functions named in a dict.

`sound` decides whether the bytes are a picture at all (else BadPicture, and it is made again); the functions in
`CHECKS` measure something and send what falls short to a person's review, into the folder of that name. How their
thresholds were found: docs/checks.md. One more needs other pictures: stockgen/pipeline/alike.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from stockgen.checks.detail import artefacts, banded, blurred, noisy
from stockgen.checks.findings import Finding, score
from stockgen.checks.tones import clipped, flat, framed
from stockgen.checks.view import View

Check = Callable[[View, float], Finding]

# The worst first: a picture that fails several is put into the folder of the first.
CHECKS: Mapping[str, Check] = MappingProxyType({
    "flat": flat, "clipped": clipped, "framed": framed, "blurred": blurred, "noisy": noisy,
    "artefacts": artefacts, "banded": banded,
})  # fmt: skip

__all__ = ["CHECKS", "Check", "Finding", "View", "score"]
