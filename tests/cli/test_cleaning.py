"""`stockgen clean` shows before it does, and says the same whether a daemon runs or not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Desk
from tests.house import DaemonProcess

SEA = "prompt: a calm sea\nsize: 96x64\nbest_of: 3\n"


def spares(here: Desk) -> list[Path]:
    return sorted((here.root / ".stockgen" / "spare").iterdir())


def old_reference(here: Desk) -> Path:
    path = here.root / ".stockgen" / "references" / ("b" * 64 + ".png")
    path.write_bytes(b"x" * 5000)
    os.utime(path, (time.time() - 9e5,) * 2)
    return path


@pytest.fixture
def here(desk: Callable[..., Desk]) -> Desk:
    made = desk()
    assert made("run", made.write("job.yaml", SEA)).code == 0
    return made


def test_nothing_is_deleted_until_it_is_ordered(here: Desk) -> None:
    lying, old = spares(here), old_reference(here)
    said = here("clean", "--spares")
    assert said.code == 0
    assert "Tries that were not the best: 2 files" in said.out
    assert said.out.endswith("Nothing is deleted; to do it: stockgen clean --spares --apply\n")
    assert spares(here) == lying and old.exists()
    told = here("clean", "--spares", "--json").json
    assert told["result"] == "dry" and set(told["kinds"]) == {"spare", "references"}
    done = here("clean", "--spares", "--apply", "--json").json
    assert done == told | {"result": "done"} and done["bytes"] > 0
    assert spares(here) == [] and not old.exists()
    assert here("clean").out == "There is nothing to clean.\n"


def test_new_spares_stay_without_the_word_for_them(here: Desk) -> None:
    lying = spares(here)
    assert here("clean", "--apply").out == "There is nothing to clean.\n"
    assert spares(here) == lying and len(lying) == 2


def test_a_daemon_that_runs_does_it_and_its_pictures_stay(here: Desk) -> None:
    pictures = sorted((here.root / "outbox").rglob("images/*"))
    with DaemonProcess(here.root) as daemon:
        daemon.wait_for("daemon.ready")
        old = old_reference(here)
        told = here("clean", "--spares", "--json").json
        done = here("clean", "--spares", "--apply", "--json").json
        assert done == told | {"result": "done"}
        assert spares(here) == [] and not old.exists()
    assert sorted((here.root / "outbox").rglob("images/*")) == pictures != []


def test_what_cannot_be_removed_is_told_with_its_reason_and_the_exit_code(here: Desk) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may remove everything")
    folder = old_reference(here).parent
    folder.chmod(0o500)
    said = here("clean", "--apply")
    folder.chmod(0o700)
    assert said.code == 1 and "1 files could not be removed" in said.out


def test_where_nothing_was_ever_made_nothing_is_guessed(desk: Callable[..., Desk]) -> None:
    assert desk()("clean", "--apply").code == 2
