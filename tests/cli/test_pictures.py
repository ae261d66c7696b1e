"""A picture that a job file names is not forgotten on the way from a command line."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from stockgen.ledger import Ledger
from stockgen.pipeline.references import References

JOB = "prompt: a calm sea\nsize: 96x64\ncontrol: sea.png\n"


def picture(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def here(desk):
    one = desk()
    one.write("jobs/job.yaml", JOB)
    return one


def lay(here, name: str = "jobs/sea.png", data: bytes | None = None) -> None:
    path = here.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture() if data is None else data)


def test_check_tells_of_a_picture_that_is_not_there_and_of_one_that_is_none(here):
    job = here.root / "jobs" / "job.yaml"
    said = here("check", job)
    assert said.code == 0
    assert "sea.png is not beside this file yet" in said.out
    lay(here)
    said = here("check", job)
    assert (said.code, "not beside" in said.out) == (0, False)
    lay(here, data=b"no")
    said = here("check", job)
    assert said.code == 1
    assert "can't be read as a picture" in said.out
    assert not (here.root / ".stockgen" / "references").exists()


def test_submit_drops_the_picture_with_its_file(here):
    lay(here)
    assert here("submit", here.root / "jobs" / "job.yaml").code == 0
    assert here.inbox() == ["job.yaml", "sea.png"]
    assert (here.root / "inbox" / "sea.png").read_bytes() == picture()
    assert here("submit", here.root / "jobs" / "job.yaml").code == 0  # the very same picture is no other
    assert here.inbox() == ["job.yaml", "job~2.yaml", "sea.png"]


def test_submit_never_replaces_a_picture_that_another_file_waits_for(here):
    lay(here, "inbox/sea.png", picture("blue"))
    lay(here)
    said = here("submit", here.root / "jobs" / "job.yaml")
    assert said.code == 2
    assert "sea.png" in said.err
    assert here.inbox() == ["sea.png"]
    assert (here.root / "inbox" / "sea.png").read_bytes() == picture("blue")


def test_submit_without_the_picture_says_that_it_will_be_waited_for(here):
    said = here("submit", here.root / "jobs" / "job.yaml")
    assert said.code == 0
    assert "an hour at most" in said.out
    assert here.inbox() == ["job.yaml"]


def test_run_takes_the_picture_beside_its_file_or_says_that_there_is_none(here):
    job = here.root / "jobs" / "job.yaml"
    said = here("run", job)
    assert said.code == 1
    assert "There is no sea.png here" in said.out
    lay(here)
    assert here("run", job).code == 0
    state = here.root / ".stockgen"
    ledger = Ledger.reading(state)
    (order,) = ledger.jobs.orders(ledger.jobs.latest())
    ledger.close()
    assert References(state / "references").find(order.control.image).read_bytes() == picture()


def test_a_picture_for_many_jobs_is_found_in_my_control(here):
    lay(here, "my/control/sea.png")
    assert "not beside" not in here("check", here.root / "jobs" / "job.yaml").out
    assert here("run", here.root / "jobs" / "job.yaml").code == 0


def test_a_schedule_takes_its_picture_from_my_control_and_says_where_it_belongs(desk):
    job = {"prompt": "a calm sea", "size": "96x64", "control": "sea.png"}
    one = desk(schedules={"nightly": {"cron": "30 23 * * *", "enabled": False, "job": job}})
    said = one("config", "check")
    assert said.code == 2
    assert "my/control/" in said.err
    said = one("schedules", "run", "nightly")
    assert said.code == 1
    assert "my/control/" in said.out + said.err
    lay(one, "my/control/sea.png")
    assert one("config", "check").code == 0
    assert one("schedules", "run", "nightly").code == 0
    ledger = Ledger.reading(one.root / ".stockgen")
    (order,) = ledger.jobs.orders(ledger.jobs.latest())
    ledger.close()
    assert References(one.root / ".stockgen" / "references").find(order.control.image).read_bytes() == picture()
