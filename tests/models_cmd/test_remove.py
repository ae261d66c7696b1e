"""Removing frees what nobody else needs, and nothing more."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.house import SOON
from tests.models_cmd.hub_server import sha_of
from tests.models_cmd.weights import heavy, xl_pipeline


def test_removing_frees_the_bytes_that_it_says(desk, hub):
    hub.repo("maker/xl", xl_pipeline())
    desk.model("mine", "maker/xl")
    desk("pull", "mine")
    before = desk.on_disk()
    said = desk("remove", "mine", "--yes")
    assert said.code == 0
    freed = before - desk.on_disk()
    assert freed > 1000 and f"{freed} bytes" in said.out
    assert desk.index.names() == []
    assert not desk.json_of("mine")["here"]


def test_files_that_another_model_uses_too_stay(desk, hub):
    hub.repo("maker/xl", xl_pipeline())
    desk.model("mine", "maker/xl")
    desk.model("twin", "maker/xl")
    desk("pull", "mine", "twin")
    before = desk.on_disk()
    assert desk("remove", "mine", "--yes").code == 0
    assert (desk.on_disk(), desk.index.names()) == (before, ["twin"])
    assert desk.json_of("twin")["here"]


def test_two_commits_of_one_repository_keep_what_they_share(desk, hub):
    files = {"config.json": b"{}", "a.safetensors": heavy(900, 1), "b.safetensors": heavy(700, 2)}
    repo = hub.repo("maker/two", files)
    old, new = repo.main, repo.push(files | {"b.safetensors": heavy(800, 3)})
    desk.model("old", "maker/two", weights={"revision": old})
    desk.model("new", "maker/two", weights={"revision": new})
    desk("pull", "old", "new")
    assert desk("remove", "old", "--yes").code == 0
    folder = Path(desk.index.pulled("new").path)
    assert {path.name for path in folder.iterdir() if path.exists()} == set(files)
    assert not (desk.cache / "models--maker--two" / "blobs" / sha_of(files["b.safetensors"])).exists()


def test_a_base_that_a_pulled_model_draws_with_is_not_removed(desk, hub):
    hub.repo("maker/base", xl_pipeline())
    hub.repo("maker/tune", {"tune.safetensors": heavy(100, 9)})
    desk.model("base", "maker/base")
    desk.model("tune", "maker/tune", base="base")
    desk("pull", "tune")
    said = desk("remove", "base", "--yes")
    assert (said.code, "stockgen models remove tune" in said.err) == (1, True)
    assert desk.index.names() == ["base", "tune"]


def test_without_a_yes_nothing_is_removed(desk, hub):
    hub.repo("maker/xl", xl_pipeline())
    desk.model("mine", "maker/xl")
    desk("pull", "mine")
    for answer in (None, "\n", "no\n", "nope"):
        said = desk("remove", "mine", typed=answer)
        assert (said.code, "--yes" in said.out) == (1, True)
    assert desk.index.names() == ["mine"]
    assert desk("remove", "mine", typed="y\n").code == 0


def test_what_a_broken_download_left_can_be_removed_too(desk, hub):
    hub.repo("maker/two", {"config.json": b"{}", "a.safetensors": heavy(5000, 1), "b.safetensors": heavy(1 << 20, 2)})
    desk.model("mine", "maker/two")
    hub.stall_at = 1 << 19
    process = desk.start("pull", "mine")
    assert hub.stalled.wait(SOON)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    hub.go.set()
    assert desk.on_disk() > 5000
    assert desk("remove", "mine", "--yes").code == 0
    assert desk.on_disk() == 0
