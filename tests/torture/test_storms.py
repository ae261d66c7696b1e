"""Nights that nobody planned: job files of all sorts, commands and hands in the outbox while daemons are killed,
stopped, stopped twice and told to reload, again and again. In the end every promise holds: each file is one job, each
picture is there once or was taken away, nothing is torn, left lying about, or paid for twice.

Mixes are made by hypothesis; STOCKGEN_SEED chooses them (default 0), and what fails is printed so that it can be pasted
into `carried_out`. By default a few are tried; `make torture` goes on until daemons were ended 300 times, and looks for
the smallest mix that fails.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Collection
from dataclasses import replace
from math import inf
from pathlib import Path
from tempfile import mkdtemp

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.clouds import Clouds
from tests.torture.mixes import Act, Life, Mix, Wish, mixes
from tests.torture.reckoning import Reckoning
from tests.torture.storms import Storm, carried_out

pytestmark = [pytest.mark.slow, pytest.mark.process]

SEED = int(os.environ.get("STOCKGEN_SEED", "0"))
SHARE = 8.0  # seconds after which no other mix is begun by default
ENDS = 300
MEANT = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.nested_given]


def weathered(root: Path, examples: int, lives: tuple[int, int], *phases: Phase, share: float = inf) -> int:
    """Try so many mixes, and begin none after `share` seconds; how often daemons were ended. Raises AssertionError with
    the mix.
    """
    ended, end = 0, time.monotonic() + share

    @seed(SEED)
    @settings(max_examples=examples, deadline=None, database=None, phases=phases, suppress_health_check=MEANT,
              print_blob=True)  # fmt: skip
    @given(mixes(*lives))
    def one(mix: Mix) -> None:
        nonlocal ended
        if time.monotonic() > end:
            return
        folder = Path(mkdtemp(dir=root))
        times, bad = carried_out(folder, mix)
        assert bad == [], f"seed {SEED}, {mix}"
        ended += times
        sys.stdout.write(f"{ended} ends\n")
        shutil.rmtree(folder)

    one()
    return ended


@pytest.mark.timeout(300)
def test_a_night_of_kills_commands_and_hands_in_the_outbox_breaks_no_promise(tmp_path: Path) -> None:
    assert weathered(tmp_path, 3, (3, 4), Phase.generate, share=SHARE) >= 3


@pytest.mark.timeout(300)
def test_the_reckoning_sees_what_is_wrong(tmp_path: Path) -> None:
    wish = Wish("yaml", "yaml", "prompt: a calm sea %s\nsize: 96x64\ncount: 2\n", 2)
    storm = Storm(tmp_path, Mix("net", ()), None)
    try:
        storm.live(Life((Act("drop", wish=wish),), (), "job.closed", 0.0, "stop"))
        assert storm.judged() == []
    finally:
        storm.close()
    name, picture = next(iter(storm.wishes)), min((tmp_path / "outbox").glob("2*/*/images/*"))
    path = str(picture.relative_to(tmp_path / "outbox"))

    def seen(part: str, taken: Collection[str] = (), **wishes: Wish) -> bool:
        named = {f"{key}.yaml": one for key, one in wishes.items()}
        return any(part in fault for fault in Reckoning(tmp_path, storm.wishes | named, taken, ()).all_faults())

    assert not seen("")
    assert seen("asked for 3", w0=replace(wish, pictures=3))
    assert seen("asked for 2", w0=replace(wish, ends=frozenset({"review"})))
    assert seen(f"{name} (yaml) became 1 jobs", w0=replace(wish, pictures=0))
    assert seen("w9.yaml (yaml) became 0 jobs", w9=wish)
    assert seen("made again", taken=[path])
    with Clouds() as clouds:
        assert Reckoning(tmp_path, {}, (), ()).books(clouds, []) == []
        asked = {"model": "gpt-image-2", "prompt": "a sea", "size": "1024x1024", "quality": "low"}
        key = {"Authorization": f"Bearer {clouds.openai_key}"}
        requests.post(f"{clouds.openai_url}/images/generations", json=asked, headers=key, timeout=60).raise_for_status()
        assert "the ledger says 0" in str(Reckoning(tmp_path, {}, (), ()).books(clouds, []))
    picture.write_bytes(picture.read_bytes()[:-9])
    assert seen(f"torn: {path}")
    picture.unlink()
    assert seen(f"missing: {path}")
    assert not seen("", taken=[path])


@pytest.mark.torture
@pytest.mark.timeout(3 * 3600)
def test_three_hundred_ends_of_mixed_nights_break_no_promise(tmp_path: Path) -> None:
    ended = weathered(tmp_path, ENDS // 4, (4, 7), Phase.generate, Phase.shrink)
    sys.stdout.write(f"{ended} ends of {ENDS // 4} nights\n")
    assert ended >= ENDS
