"""A daemon that buys pictures from the tests' own service, and what must be true of both their books in the end."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from random import Random
from signal import SIGKILL
from typing import Any

from tests.clouds import Clouds
from tests.clouds.books import Arrival
from tests.house import DaemonProcess

CAP_USD = 50
# Bytes that the kernel had taken, and that the daemon had not: between the two nobody can tell what is whose.
WINDOW = 0.05  # seconds


def config(clouds: Clouds, **openai: Any) -> dict[str, Any]:
    """One paid provider and a cap; pictures small and cheap."""
    told = {"base_url": clouds.openai_url, "per_minute": 0, "quality": "low", "most": 1, "megapixels": 0.7}
    return {
        "chains": {"auto": ["openai"]}, "providers": {"openai": told | openai},
        "money": {"per_month_usd": CAP_USD}, "limits": {"starts": 20, "free_disk": "0B"},
        "inbox": {"settle": "50ms", "rescan": "1s"},
        "checks": {"duplicate": {"distance": 0}, "border": {"width": 0.5}, "artefacts": {"excess": 10}},
    }  # fmt: skip


def job(pictures: int) -> str:
    """A file of so many different prompts."""
    lines = "".join(f'  - "plain paper number {number}"\n' for number in range(pictures))
    return f"prompts:\n{lines}size: 1024x640\nmodel: openai\nmarkets: []\n"


def key(clouds: Clouds) -> Mapping[str, str]:
    """The environment in which a daemon may buy."""
    return os.environ | {"OPENAI_API_KEY": clouds.openai_key}


class Killed:
    """One state folder, daemons that are killed in turn while they buy. Everything random comes from `seed`."""

    def __init__(self, root: Path, clouds: Clouds, seed: int, over: Mapping[str, Any]) -> None:
        self.rng, self.clouds = Random(seed), clouds
        self.daemon = DaemonProcess(root, over=over, environment=key(clouds))
        self.kills: list[float] = []  # monotonic seconds

    def kill_once(self) -> None:
        """Let a daemon claim, wait for a while that is chosen by chance, and kill it."""
        self.daemon.start()
        process = self.daemon.process
        assert process and process.stdout
        known = len(self.clouds.arrivals)
        self.clouds.wait(10.0, arrivals=known + 1)
        time.sleep(self.rng.uniform(0.0, 1.5))  # the moment of the kill is what is tried
        self.kills.append(time.monotonic())
        os.kill(process.pid, SIGKILL)
        process.wait()
        process.stdout.close()


def bought_again(arrivals: list[Arrival], kills: list[float]) -> list[str]:
    """Prompts that were paid for once more after their answer had been in our computer for longer than the window."""
    by_prompt = defaultdict[str, list[Arrival]](list)
    for one in arrivals:
        by_prompt[one.prompt].append(one)
    found = []
    for prompt, tries in by_prompt.items():
        for before, after in pairwise(tries):
            if before.delivered is None or not before.images:
                continue
            between = [kill for kill in kills if before.monotonic <= kill <= after.monotonic]
            if not any(kill - before.delivered < WINDOW for kill in between):
                found.append(f"{prompt}: delivered at {before.delivered:.3f}, asked again at {after.monotonic:.3f}")
    return found
