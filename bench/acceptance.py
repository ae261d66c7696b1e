"""`python -m bench.acceptance`: what each provider makes of each key of a job file, by its own `fit`.

    --write   rewrite the table in docs/providers.md

Nothing is drawn and nothing is asked: the files of all models are said to be here, and every service to have a key.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from stockgen.app.plugins import modules_of
from stockgen.data.catalog import Model, load_catalog
from stockgen.domain.errors import NotConfigured, RenderError, Unfit
from stockgen.domain.protocols import Fit, Need, Provider, Shot
from stockgen.gpu.weights import Pulled
from stockgen.lanes.spec import ProviderSpec, Setup, Tools, build, furnished

PAGE = Path(__file__).parents[1] / "docs" / "providers.md"
BEGIN, END = "<!-- by bench/acceptance.py -->\n", "<!-- end -->\n"
LORA = "lora-for-{}"  # of the catalogue that the table is made with: one for each provider
YES, IN_PART, LEFT_OUT, NEXT, ALIKE = "yes", "in part", "left out", "–", "no difference"


@dataclass(frozen=True, slots=True)
class Row:
    """What is tried. `key`: of the job file, as `Fit.dropped` calls it; `value`: as people write it."""

    key: str
    value: str
    wish: Mapping[str, Any] = field(default_factory=dict)
    needs: frozenset[Need] = frozenset()
    prompt: str = ""
    size: tuple[int, int] = (0, 0)


PLAIN = Shot(id=1, job="k7m2q", idea=1, prompt="a lighthouse on a cliff at sunrise, calm sea, soft light", seed=7,
             width=2500, height=2400, wish=MappingProxyType({"kind": "background"}))  # fmt: skip
CONTROL = {"image": "a.png", "strength": 0.8}
LONG = ", ".join(f"{number} small boats in a harbour of the north" for number in range(80))
ROWS: Sequence[Row] = (
    Row("prompt", "Korean words", prompt="a lighthouse at sunrise, 절벽 위의 등대"),
    Row("prompt", "word for word, with `(word:1.3)`", {"exact": True}, prompt="a (red:1.3) lighthouse at sunrise"),
    Row("prompt", "700 words", prompt=LONG),
    Row("negative_prompt", "`people`", {"negative_prompt": "people"}),
    Row("steps", "`12`", {"steps": 12}),
    Row("steps", "`150`", {"steps": 150}),
    Row("guidance", "`7`", {"guidance": 7.0}),
    Row("size", "`16:9`", size=(3266, 1838)),
    Row("size", "`3:1`", size=(4500, 1500)),
    Row("size", "`8:1`", size=(8000, 1000)),
    Row("kind", "`photo`", {"kind": "photo"}),
    Row("kind", "`element`", {"kind": "element", "transparent": True}),
    Row("transparent", "`yes`", {"transparent": True}),
    Row("lora", "made for it", needs=frozenset({"lora"})),
    Row("lora", "made for another", needs=frozenset({"lora"})),
    *(Row("control", f"`{kind}`", {"control": CONTROL | {"type": kind}}, frozenset({"control"}))
      for kind in ("canny", "depth", "pose")),
    Row("like", "a picture of yours", {"like": {"image": "b.png"}}),
)  # fmt: skip
