"""`python -m bench.run`: measure what docs promise.

    --only NAME   one of intake, claim, finishing, pipeline, basket, novelty, writing, clouds, retouching, start,
                  restart, soak, warm, efficiency, swaps, memory, loras (may be given again)
    --quick       small sizes, a few minutes: to see a large change, not to quote
    --gpu         full-size models on a card instead, with batches and holding besides; see bench/gpu.py
    --dry         with --gpu: small models on the CPU, to see that it all runs
    --json        figures and machine as one JSON object
    --write       also write bench/RESULTS.md, or RESULTS-GPU.md (full sizes only); what was not run stays as it is

Exit code 1 where an aim is missed, 2 for --gpu where there is no card. Everything is written into a temporary folder
($TMPDIR), which should be on the kind of disk that the program will use. Takes about three quarters of an hour, thirty
minutes of it `soak`; close other programs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from rich.console import Console
from rich.table import Table

from bench import (
    basket,
    claim,
    clouds,
    finishing,
    gpu,
    intake,
    novelty,
    pipeline,
    restart,
    retouching,
    soak,
    start,
    writing,
)
from bench.figures import Effort, Figure
from bench.machine import load, machine
from bench.models import efficiency, loras, memory, swaps, warm
from bench.results import written

Measure = Callable[[Effort, Path], list[Figure]]
MEASURES: Mapping[str, Measure] = MappingProxyType({
    "start": start.measure, "restart": restart.measure, "intake": intake.measure, "claim": claim.measure,
    "finishing": finishing.measure, "pipeline": pipeline.measure, "basket": basket.measure,
    "novelty": novelty.measure, "writing": writing.measure, "clouds": clouds.measure, "retouching": retouching.measure,
    "soak": soak.measure, "warm": warm.measure, "efficiency": efficiency.measure, "swaps": swaps.measure,
    "memory": memory.measure, "loras": loras.measure,
})  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    asked = _asked(arguments)
    card = gpu.card() if asked.gpu and not asked.dry else None
    if asked.gpu and not asked.dry and card is None:
        print(
            "--gpu needs a card that CUDA can use, and there is none; --gpu --dry tries it on the CPU.", file=sys.stderr
        )
        return 2
    effort: Effort = "tiny" if asked.dry else "quick" if asked.quick else "full"
    with tempfile.TemporaryDirectory(prefix="stockgen-bench-", ignore_cleanup_errors=True) as folder:
        here = machine(Path(folder)) | ({"card": f"{card[0]}, {card[1] / 2**30:.0f} GiB"} if card else {})
        measures = gpu.measures(Path(folder), card) if asked.gpu else MEASURES
        found = measured(asked.only or list(measures), effort, Path(folder), quiet=asked.json, measures=measures)
        figures = [one for each in found.values() for one in each]
    here["load average at the end"] = load()
    if asked.json:
        print(json.dumps({"effort": effort, "machine": here, "figures": [one.to_json() for one in figures]}, indent=1))
    else:
        Console().print(_table(figures))
    if asked.write:
        file = Path(__file__).with_name("RESULTS-GPU.md" if asked.gpu else "RESULTS.md")
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        file.write_text(written(found, here, [*measures], before, asked.gpu), encoding="utf-8")
    return 1 if any(one.met is False for one in figures) else 0


def measured(
    names: Sequence[str], effort: Effort, folder: Path, quiet: bool = True, measures: Mapping[str, Measure] = MEASURES
) -> dict[str, list[Figure]]:
    """Measure → its figures, in order; each measure has a part of `folder` to itself."""
    figures = {}
    for name in names:
        if not quiet:
            print(f"{name} … (load average {load()})", flush=True)
        own = folder / name
        own.mkdir()
        figures[name] = measures[name](effort, own)
    return figures


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = [*MEASURES, *(name for name in gpu.MEASURES if name not in MEASURES)]
    parser = argparse.ArgumentParser(prog="python -m bench.run", description="Measure what docs promise.")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--gpu", action="store_true", help="full-size models on a card")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small sizes, a few minutes")
    size.add_argument("--write", action="store_true", help="write bench/RESULTS.md, or RESULTS-GPU.md")
    size.add_argument("--dry", action="store_true", help="with --gpu: small models on the CPU")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    asked = parser.parse_args(arguments)
    if asked.dry and not asked.gpu:
        parser.error("--dry needs --gpu")
    if unknown := [name for name in asked.only or () if name not in (gpu.MEASURES if asked.gpu else MEASURES)]:
        parser.error(f"{', '.join(unknown)}: only {'without' if asked.gpu else 'with'} --gpu")
    return asked


def _table(figures: Sequence[Figure]) -> Table:
    table = Table(show_edge=False)
    for title in ("measure", "figure", "aim", "met?", "how"):
        table.add_column(title, justify="right" if title in ("figure", "aim") else "left")
    for one in figures:
        table.add_row(*one.cells, style={True: None, False: "bold red", None: "dim"}[one.met])
    return table


if __name__ == "__main__":
    raise SystemExit(main())
