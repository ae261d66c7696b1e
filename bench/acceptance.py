"""`python -m bench.acceptance`: what each provider makes of each key of a job file, by its own `fit`.

    --write   rewrite the table in docs/providers.md

Nothing is drawn and nothing is asked: the files of all models are said to be here, and every service to have a key.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from stockgen.app.plugins import modules_of
from stockgen.data import Shelf
from stockgen.data.catalog import load_catalog
from stockgen.domain.errors import NotConfigured, Unfit
from stockgen.domain.protocols import Fit, Need, Provider, Shot
from stockgen.gpu.weights import Pulled
from stockgen.lanes.spec import ProviderSpec, Setup, build, furnished

PAGE = Path(__file__).parents[1] / "docs" / "providers.md"
BEGIN, END = "<!-- by bench/acceptance.py -->\n", "<!-- end -->\n"
ANY = "any"  # a model for `diffusers`
FOR_IT = "made for it"
FITTING = {"diffusers": "sdxl"}  # provider → whose LoRA fits its model, where that is not its own
OTHER = {"sdxl": "flux", "diffusers": "flux"}  # and whose is tried as one that is made for another; else SDXL's
LORA = "lora-for-{}"  # of the catalogue that the table is made with: one for each provider
YES, IN_PART, LEFT_OUT, NEXT, ALIKE = "yes", "in part", "left out", "–", "in its words"


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
    Row("lora", FOR_IT, needs=frozenset({"lora"})),
    Row("lora", "made for another", needs=frozenset({"lora"})),
    *(Row("control", f"`{kind}`", {"control": CONTROL | {"type": kind}}, frozenset({"control"}))
      for kind in ("canny", "depth", "pose")),
    Row("like", "a picture of yours", {"like": {"image": "b.png"}}),
)  # fmt: skip


def providers(folder: Path) -> dict[str, Provider]:
    """Every provider that there is, with all that it can have, and a LoRA that is made for it; by name.

    `folder`: an empty one, for a catalogue of our own and the index of weights.
    """
    own = folder / "my" / "catalog"
    own.mkdir(parents=True)
    modules = modules_of(("stockgen.providers",))
    entries = {LORA.format(name): _lora(name) for name in modules} | {ANY: _any(Shelf())}
    (own / "added.yaml").write_text(yaml.safe_dump(entries), encoding="utf-8")
    setup = Setup(my=folder / "my", models=folder / "models", device="cpu", references=folder)
    tools = furnished(setup, lambda: 0.0)
    (folder / "lora.safetensors").touch()  # nobody reads it
    for model in load_catalog(tools.shelf).values():
        if model.weights is not None:
            tools.weights.record(model.name, Pulled(str(folder), "0" * 40, 1))
    options = {"diffusers": {"model": ANY}}
    return {name: build(ProviderSpec(name, module, options.get(name, {})), tools) for name, module in modules.items()}


def _lora(provider: str) -> dict[str, Any]:
    return _entry(provider, "lora") | {"role": "lora", "lora": {"trigger": ""}}


def _any(shelf: Shelf) -> dict[str, Any]:
    """A model for `diffusers`, which ships none: one that draws as SDXL does."""
    drawing = load_catalog(shelf)["sdxl-base"].drawing
    assert drawing is not None
    return _entry("diffusers", "any") | {"drawing": drawing.model_dump(mode="json", exclude_defaults=True)}


def _entry(provider: str, what: str) -> dict[str, Any]:
    return {
        "title": {"en": what, "ko": what}, "provider": provider, "licence": "CC0-1.0", "sellable": True,
        "look": "diffusion", "source": "the table of docs/providers.md", "weights": {"source": f"stockgen/{what}"},
    }  # fmt: skip


def cell(row: Row, name: str, provider: Provider) -> str:
    """What becomes of a row's key at a provider: one of YES, IN_PART, LEFT_OUT, NEXT; ALIKE where nothing changes and
    nothing is told.
    """
    try:
        fit = provider.fit(_shot(row, name))
    except (Unfit, NotConfigured):
        return NEXT
    same = _said(fit) == _said(provider.fit(PLAIN))
    if row.key in fit.dropped:
        return LEFT_OUT if same else IN_PART
    return ALIKE if same else YES


def _shot(row: Row, name: str) -> Shot:
    wish = {**PLAIN.wish, **row.wish}
    if row.key == "lora":
        whose = FITTING.get(name, name) if row.value == FOR_IT else OTHER.get(name, "sdxl")
        wish["lora"] = [[LORA.format(whose), 1.0]]
    width, height = row.size if row.size[0] else (PLAIN.width, PLAIN.height)
    return replace(PLAIN, wish=wish, needs=row.needs, prompt=row.prompt or PLAIN.prompt, width=width, height=height)


def _said(fit: Fit) -> tuple[object, ...]:
    return fit.stack, fit.request, fit.quote


def table(folder: Path) -> str:
    """The table of docs/providers.md."""
    columns = providers(folder)
    head = ["key", "value", *(f"`{name}`" for name in columns)]
    lines = [head, ["---"] * len(head)]
    lines += [[f"`{row.key}`", row.value, *(cell(row, name, one) for name, one in columns.items())] for row in ROWS]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def written(page: str, made: str) -> str:
    """The page with this table in it. Raises ValueError where it has no place for one."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{BEGIN.strip()} and {END.strip()} must stand in the page")
    return f"{before}{begin}{made}{end}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, or write it."""
    parser = argparse.ArgumentParser(prog="python -m bench.acceptance", description="What providers make of each key.")
    parser.add_argument("--write", action="store_true", help="rewrite the table in docs/providers.md")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="stockgen-acceptance-") as folder:
        made = table(Path(folder))
    if asked.write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")
    else:
        print(made, end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
