"""Bars on standard error, on a terminal only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stockgen.domain.protocols import Progress as Doing


@contextmanager
def of_bytes(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """What it yields takes the bytes that have come since the last call."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(binary_units=True), TransferSpeedColumn(),
               TimeRemainingColumn())  # fmt: skip
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        yield lambda count: progress.update(task, advance=count)
        progress.update(task, completed=total)


@contextmanager
def of_steps(said: Callable[[str], str]) -> Iterator[Callable[[Doing], None]]:
    """What it yields takes what a lane is doing. `said`: a lane's state → words."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(said("starting"), total=None)
        yield lambda now: progress.update(
            task, description=said(now.state), completed=now.step, total=now.steps or None
        )
