"""What is thrown away by order is of no use to anybody, frees what was said, and a kill in between loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from stockgen.app.restoring import restore
from stockgen.ledger import FILE_NAME, Ledger
from stockgen.ledger.care import copied
from stockgen.pipeline.cleaning.finding import Found, Ground, freed, spares_before
from stockgen.pipeline.cleaning.removing import foretold, remove
from stockgen.pipeline.places import Places
from tests.daemon.mounts import mounted
from tests.house import ROOT, SOON, House, broken_promises
from tests.pipeline.stage import busy_pool, command, rendered
from tests.still import StillClock, turned

Build = Callable[..., House]
DAY = 86400.0
NOW = time.time()  # the disk dates what the program writes by the real time
SEA = "prompt: a calm sea\nsize: 96x64\nbest_of: 3\n"
REFERENCE = "a" * 64 + ".png"


def still() -> StillClock:
    clock = StillClock()
    clock.now = NOW
    return clock


def laid(path: Path, age: float = 2 * DAY, now: float = NOW, size: int = 5000) -> Path:
    """A file that nobody has written into for `age` seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (now - age, now - age))
    return path


def orphans(places: Places, job: str, age: float = 2 * DAY, now: float = NOW) -> dict[str, Path]:
    """One file of each kind that nothing needs. `job`: a closed one."""
    laid(places.state / "ledger-before-0014_notices.db", age - DAY / 24, now)
    return {
        "spool": laid(places.spool / "f00d" / "7.png", age, now),
        "staging": laid(places.staging / "shot-9999.jpg", age, now),
        "references": laid(places.references / REFERENCE, age, now),
        "originals": laid(places.state / "originals" / job / f"other-{job}-077.png", age, now),
        "ledger_copies": laid(places.state / "ledger-before-0013_tries.db", age, now),
    }


def closed(one: House, clock: StillClock, text: str = SEA) -> str:
    job = one.order(text)
    engine = one.app.engine
    turned(one, clock, lambda: one.app.ledger.jobs.get(job)["state"] == "closed" and not engine.working)
    return job


def found(one: House, everything: bool = False, after: float | None = None) -> list[Found]:
    now = one.app.clock.wall()
    return Ground(one.app.ledger, one.app.places, now, spares_before(after, everything, now)).found()


def files(all_of: Sequence[Found]) -> dict[str, list[Path]]:
    return {one.kind: list(one.files) for one in all_of}


def tree(root: Path) -> list[tuple[str, int]]:
    return sorted((str(path.relative_to(root)), path.stat().st_size) for path in root.rglob("*")
                  if path.is_file() and "ledger.db" not in path.name)  # fmt: skip


def masters(one: House) -> list[Path]:
    return sorted(one.outbox.rglob("images/*"))


def test_looking_touches_nothing_and_removing_frees_what_was_said(house: Build) -> None:
    clock = still()
    one = house(thread=True, clock=clock)
    job = closed(one, clock)
    lying, before = orphans(one.app.places, job), tree(one.root)
    seen = found(one, everything=True)
    assert tree(one.root) == before
    assert files(seen) == {kind: [path] for kind, path in lying.items()} | {"spare": files(seen)["spare"]}
    said = foretold(seen)
    pictures = masters(one)
    done = remove(one.app.ledger, one.app.places, seen, NOW)
    assert [(each.files, each.bytes) for each in done] == [(each.facts["files"], each.facts["bytes"]) for each in said]
    assert min(each.bytes for each in done) > 0
    assert masters(one) == pictures
    assert found(one, everything=True) == []
    assert not (one.app.places.spool / "f00d").exists()
    assert one.app.places.staging.is_dir() and one.app.places.spare.is_dir()
    assert broken_promises(one.app.ledger) == {}


def test_what_was_written_within_a_day_is_left_alone_because_its_row_may_be_about_to_come(house: Build) -> None:
    clock = still()
    one = house(thread=True, clock=clock)
    orphans(one.app.places, closed(one, clock), age=DAY - 60.0)
    assert files(found(one)).keys() == {"ledger_copies"}


def test_what_pictures_in_the_making_need_stays_however_old_it_is(house: Build) -> None:
    one = house(thread=True)
    with busy_pool(one):
        job = one.order("prompt: a sea\nsize: 64x64\ncount: 2\n")
        rendered(one, job)
        shots = one.shots(job)
        now = one.app.clock.wall()
        for path in one.app.places.spool.rglob("*"):
            os.utime(path, (now - 9 * DAY, now - 9 * DAY))
        laid(one.app.places.staging / f"shot-{shots[0]['id']}.jpg", now=now)
        laid(one.app.places.staging / f"job-{job}-source", now=now)
        gone = laid(one.app.places.staging / "report-2026-11-01.html", now=now)
        assert files(found(one)) == {"staging": [gone]}
    one.work()
    assert len(one.pictures(job)) == 2


def test_a_batch_that_a_lane_still_writes_is_its_own(house: Build) -> None:
    one = house(thread=True)
    job = one.order("prompt: a slow sea\nsize: 64x64\n")
    one.work(lambda: one.states() == {"rendering": 1})
    (shot,) = one.shots(job)
    half = laid(one.app.places.spool / shot["token"] / "half.png", now=one.app.clock.wall())
    assert found(one) == []
    one.app.engine.cancel(job)
    one.work()
    assert not half.exists() or files(found(one)) == {"spool": [half]}


def test_originals_of_a_job_that_a_restored_ledger_does_not_know_are_kept(house: Build) -> None:
    clock = still()
    one = house(thread=True, clock=clock)
    job = closed(one, clock)
    (stem,) = [row["stem"] for row in one.app.ledger.assets.of_job(job) if row["state"] == "ready"]
    laid(one.app.places.state / "originals" / "zzzzz" / "sea-zzzzz-001.png")
    laid(one.app.places.state / "originals" / job / f"{stem}.png")
    assert found(one) == []


@pytest.mark.parametrize(
    ("after", "everything", "goes"),
    [(3600.0, False, 2), (10 * DAY, False, 0), (None, False, 0), (None, True, 2), (10 * DAY, True, 2)],
)
def test_spares_go_when_the_config_says_or_all_of_them_by_order(
    house: Build, after: float | None, everything: bool, goes: int
) -> None:
    clock = still()
    one = house({"retention": {"spare": "never"}}, thread=True, clock=clock)
    closed(one, clock)
    clock.now += 2 * 3600.0
    done = remove(one.app.ledger, one.app.places, found(one, everything, after), NOW)
    assert sum(each.files for each in done) == goes
    assert len([*one.app.places.spare.iterdir()]) == 2 - goes
    assert len(one.app.ledger.query("SELECT 1 FROM assets WHERE state = 'cleaned'")) == goes


def test_a_file_of_several_names_frees_its_bytes_once_and_with_the_last_name_only(tmp_path: Path) -> None:
    one, two = laid(tmp_path / "one"), tmp_path / "two"
    os.link(one, two)
    alone = laid(tmp_path / "alone")
    assert freed([one]) == freed([two]) == 0
    assert freed([one, two]) == freed([alone]) == alone.stat().st_blocks * 512 > 0
    assert freed([tmp_path / "gone"]) == 0


def test_the_disk_has_as_much_more_room_as_was_told(house: Build, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk):
        one = house({"state": str(disk / "state"), "outbox": {"path": str(disk / "outbox")}}, thread=True)
        now = one.app.clock.wall()
        lying = orphans(one.app.places, one.make(SEA), now=now)
        os.link(lying["staging"], one.outbox / "kept by its owner.jpg")  # frees nothing
        os.link(lying["spool"], lying["spool"].with_name("8.png"))  # frees its bytes once
        seen = found(one, everything=True)
        one.app.ledger.tries.cleaned([row for each in seen for row in each.rows])  # else the ledger's own log grows
        said = sum(each.facts["bytes"] for each in foretold(seen))
        before = os.statvfs(disk)
        done = remove(one.app.ledger, one.app.places, seen, NOW)
        after = os.statvfs(disk)
        told = sum(each.bytes for each in done)
        assert told == said
        assert (after.f_bfree - before.f_bfree) * after.f_frsize == told > 0


SOLD = "prompt: a sea\nsize: 64x64\nmarkets: [adobe_stock]\ntags: 'sea, wave'\ntitle: Sea\ncount: 3\n"


def basket(one: House) -> Path:
    (path,) = one.outbox.glob("upload/*/*")
    return path


def test_the_pictures_of_a_basket_go_once_its_market_has_had_every_one(shop: Build) -> None:
    one = shop(thread=True)
    job = one.make(SOLD)
    command(one, "basket")
    masters, packed = one.pictures(job), basket(one)
    own = packed / "1_pictures" / "my own.jpg"
    own.write_bytes(b"mine")
    for number, picture in enumerate(masters):
        assert found(one) == []
        state = ("uploaded", "accepted", "rejected")[number]
        command(one, "mark", market="adobe_stock", state=state, text=picture.name, basket="", reason="")
    (seen,) = found(one)
    assert [path.name for path in seen.files] == [path.name for path in masters]
    (done,) = remove(one.app.ledger, one.app.places, [seen], NOW)
    assert done.files == 3 and done.bytes > 0
    assert [path.name for path in packed.glob("1_pictures/*")] == [own.name]
    assert {path.name for path in packed.iterdir()} == {"0_READ_ME.txt", "1_pictures", "2_adobe_stock.csv"}
    assert one.pictures(job) == masters
    (row,) = one.app.ledger.query("SELECT cleaned_at FROM baskets")
    assert row["cleaned_at"]
    assert found(one) == []
    command(one, "basket")  # looks at the outbox: nothing counts as dropped, nothing is given twice
    assert [row["state"] for row in one.app.ledger.assets.of_job(job)] == ["ready"] * 3
    assert basket(one) == packed


def test_a_restored_ledger_learns_from_the_table_of_a_cleaned_basket_what_its_market_has_had(shop: Build) -> None:
    one = shop(thread=True)
    job = one.make(SOLD)
    before = one.root / "copy.db"
    copied(one.app.places.state / FILE_NAME, before)
    command(one, "basket")
    packed = basket(one)
    command(one, "mark", market="adobe_stock", state="uploaded", text="", basket=packed.name, reason="")
    remove(one.app.ledger, one.app.places, found(one), NOW)
    assert not (packed / "1_pictures").exists()
    one.app.close(one.app.clock.monotonic() + 5.0)
    restore(one.app.catalogue, before, one.app.clock)
    one.app = one.open()
    rows = one.app.ledger.query("SELECT stem FROM submissions WHERE market = 'adobe_stock' ORDER BY stem")
    assert [row["stem"] for row in rows] == [path.stem for path in one.pictures(job)]
    command(one, "basket")
    assert basket(one) == packed


def test_what_the_disk_will_not_let_go_of_is_told_and_the_rest_goes(house: Build) -> None:
    clock = still()
    one = house(thread=True, clock=clock)
    lying = orphans(one.app.places, closed(one, clock))
    seen = found(one)
    lying["staging"].unlink()
    lying["staging"].mkdir()  # a folder now: unlink(2) refuses it
    lying["references"].unlink()  # its owner was quicker
    done = {each.kind: each for each in remove(one.app.ledger, one.app.places, seen, NOW)}
    assert [path for path, _ in done["staging"].left] == [lying["staging"]]
    assert (done["references"].files, done["references"].left) == (0, [])
    assert not lying["spool"].exists()


def test_a_kill_before_any_removal_loses_nothing_and_the_rest_goes_the_next_time(house: Build) -> None:
    one = house(thread=True)
    job = one.make(SEA)
    pictures, number = masters(one), 0
    one.close()
    while True:
        orphans(one.app.places, job, now=one.app.clock.wall())
        command = [sys.executable, "-m", "tests.pipeline.launch_cleaning", str(one.config_path), str(number)]
        died = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=SOON, check=False).returncode
        if died != -signal.SIGKILL:
            break
        assert masters(one) == pictures
        with closing(Ledger.reading(one.app.places.state)) as ledger:
            there = {path.stem for path in one.app.places.spare.iterdir()}
            assert ledger.tries.lying() <= there  # nobody is told of a file that is gone
        number += 1 if number < 2 else 2
    assert died == 0 and number >= 4
    one.app = one.open()
    assert broken_promises(one.app.ledger) == {}
    assert [*one.app.places.spare.iterdir()] == []
    assert found(one, everything=True) == []
    assert {row["state"] for row in one.app.ledger.tries.spares(job)} == {"cleaned"}
