"""`python -m bench.run`: measure what docs promise.

    --only NAME   one of intake, claim, finishing, pipeline, start (may be given again)
    --quick       small sizes, about a minute: to see a large change, not to quote
    --json        figures and machine as one JSON object
    --write       also rewrite bench/RESULTS.md (full sizes only, all measures)

Exit code 1 where an aim is missed. Everything is written into a temporary folder ($TMPDIR), which should be on the
kind of disk that the program will use. Takes about seven minutes; close other programs.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from rich.console import Console
from rich.table import Table

from bench import claim, finishing, intake, pipeline, start
from bench.figures import Effort, Figure
from bench.machine import load, machine
from bench.results import written

RESULTS = Path(__file__).with_name("RESULTS.md")
Measure = Callable[[Effort, Path], list[Figure]]
MEASURES: Mapping[str, Measure] = MappingProxyType({
    "start": start.measure, "intake": intake.measure, "claim": claim.measure, "finishing": finishing.measure,
    "pipeline": pipeline.measure,
})  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, tell, and return the exit code: 0, or 1 where an aim is missed."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.write and asked.only:
        parser.error("--write needs all measures")
    effort: Effort = "quick" if asked.quick else "full"
    with tempfile.TemporaryDirectory(prefix="stockgen-bench-", ignore_cleanup_errors=True) as folder:
        here = machine(Path(folder))
        figures = measured(asked.only or list(MEASURES), effort, Path(folder), quiet=asked.json)
    here["load average at the end"] = load()
    if asked.json:
        print(json.dumps({"effort": effort, "machine": here, "figures": [one.to_json() for one in figures]}, indent=1))
    else:
        Console().print(_table(figures))
    if asked.write:
        RESULTS.write_text(written(figures, here), encoding="utf-8")
    return 1 if any(one.met is False for one in figures) else 0


def measured(names: Sequence[str], effort: Effort, folder: Path, quiet: bool = True) -> list[Figure]:
    """All figures of these measures, in order; each measure has a part of `folder` to itself."""
    figures = []
    for name in names:
        if not quiet:
            print(f"{name} … (load average {load()})", flush=True)
        own = folder / name
        own.mkdir()
        figures += MEASURES[name](effort, own)
    return figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description="Measure what docs promise.")
    parser.add_argument("--only", action="append", choices=list(MEASURES), metavar="NAME", help=", ".join(MEASURES))
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small sizes, about a minute")
    size.add_argument("--write", action="store_true", help="rewrite bench/RESULTS.md")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser


def _table(figures: Sequence[Figure]) -> Table:
    table = Table(show_edge=False)
    for title in ("measure", "figure", "aim", "met?", "how"):
        table.add_column(title, justify="right" if title in ("figure", "aim") else "left")
    for one in figures:
        table.add_row(*one.cells, style={True: None, False: "bold red", None: "dim"}[one.met])
    return table


if __name__ == "__main__":
    raise SystemExit(main())
