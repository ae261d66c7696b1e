"""`make demo`: the whole way once, by the commands that a user would type. Works in ./demo and nowhere else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stockgen.lock import holder
from stockgen.messages import Messages, language_of

EXAMPLES = Path(__file__).parent
DEMO = EXAMPLES.parent / "demo"
CONFIG = DEMO / "config.yaml"
OURS = ("config.yaml", ".stockgen", "inbox", "outbox", ".outbox.staging", "my")  # all that an earlier demo left
MARKET = "adobe_stock"
NEED_A_MODEL = ("picture-beside.yaml", "요소-스티커.yaml")  # examples that nobody draws without a card or a service
LEAST = 8  # pictures in the basket, below which something went wrong


def main(say: Messages) -> int:
    """Run the demo; the exit code is 0 where every picture was made and the basket is full enough."""
    pid = holder(DEMO / ".stockgen")
    if pid is not None:
        tell(say("error.state_held", pid=pid, state=DEMO))
        return 3
    start_afresh()
    files = drop()
    tell(say("demo.start", count=len(files), folder=DEMO.name), "")
    code = make_pictures(say)
    told = json.loads(stockgen("basket", MARKET, "--json"))["told"]
    baskets = [one for one in told if one["code"] == "basket.made"]
    jobs = json.loads(stockgen("jobs", "--json"))
    tell(table([say(f"head.{head}") for head in ("what", "where", "sheet")], rows(say, jobs, baskets)))
    if sum(one["count"] for one in baskets) < LEAST:
        tell(say("demo.short"))
        return 1
    tell(say("demo.next"))
    return code


def start_afresh() -> None:
    """Remove what an earlier demo made, and make the folders anew."""
    for name in OURS:
        path = DEMO / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    subprocess.run([sys.executable, "-m", "stockgen", "init", str(DEMO)], check=True, stdout=subprocess.DEVNULL)


def drop() -> list[str]:
    """Copy the example job files that can be made anywhere into the demo's inbox; return their names."""
    files = sorted(path for path in EXAMPLES.iterdir() if path.suffix in (".yaml", ".txt"))
    files = [path for path in files if path.name not in NEED_A_MODEL]
    return [Path(shutil.copy(path, DEMO / "inbox")).name for path in files]


def make_pictures(say: Messages) -> int:
    """Run the daemon until nothing is left to do. On a terminal it shows its own bar, elsewhere we print lines."""
    command = [sys.executable, "-m", "daemon", "--config", str(CONFIG), "--until-idle"]
    out = None if sys.stdout.isatty() else subprocess.PIPE
    made = 0
    with subprocess.Popen(command, stdout=out, encoding="utf-8", env=os.environ | {"PYTHONUTF8": "1"}) as daemon:
        try:
            for line in daemon.stdout or ():
                event = json.loads(line)
                if event["event"] == "shot.published":
                    made += 1
                    tell(say("demo.picture", number=made, path=f"demo/outbox/{event['path']}"))
            daemon.wait()
        except KeyboardInterrupt:
            daemon.communicate()  # it heard the same signal, and ends cleanly
            raise
    return daemon.returncode


def stockgen(*arguments: str) -> str:
    """What `stockgen ARGUMENTS` prints."""
    command = [sys.executable, "-m", "stockgen", "--config", str(CONFIG), *arguments]
    env = os.environ | {"PYTHONUTF8": "1"}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8", env=env).stdout


def rows(say: Messages, jobs: Sequence[dict[str, Any]], baskets: Sequence[dict[str, Any]]) -> Iterator[Sequence[str]]:
    """What was made, where it lies, and its contact sheet."""
    for job in reversed(jobs):
        made = job["shots"].get("done", 0) + job["shots"].get("review", 0)
        yield say("demo.job", file=job["source_name"], count=made), f"demo/outbox/{job['folder']}", "sheet-1.jpg"
    for basket in baskets:
        yield say("demo.basket", count=basket["count"]), f"demo/outbox/{basket['path']}", ""


def table(heads: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    """A table as text; Hangul is two columns wide, which rich knows. Paths stay whole, so that they can be copied."""
    made = Table(*heads, box=SIMPLE_HEAD)
    for row in cells:
        made.add_row(*map(Text, row))
    out = StringIO()
    Console(file=out, width=200).print(made)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def tell(*lines: str) -> None:
    """Sentences on standard output, at once."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        raise SystemExit(main(Messages(language_of("auto"))))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
