"""What is said of a job that did not wait for its last pictures, and of the one that makes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from stockgen.domain.protocols import Held
from tests.cli.conftest import Desk
from tests.house import House

TEXT = "- {prompt: a sea, size: 64x64}\n- {prompt: a hill, size: 64x64, model: second}\n"


@pytest.fixture
def parted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Desk, str, str]:
    """A job that has ended with one of two pictures, and the one that makes the other; nobody runs."""
    one = House(tmp_path, thread=True)
    one.app.engine.heed(lambda place, now: (Held(hold="money", reason="", providers=frozenset({"second"})),))
    job = one.order(TEXT, "봄.yaml")
    one.work()
    rests, now = one.app.engine.parts.rests, one.app.clock.monotonic()
    rests.after = 0.001
    rests.step(now + 60.0, False, lambda _: False)
    one.work()
    rest = one.app.ledger.retries.rest(job)
    one.close()
    assert rest
    return Desk(tmp_path, capsys), job, rest


def test_a_job_names_the_one_that_makes_its_rest_and_how_far_it_is(parted) -> None:
    here, job, rest = parted
    said = here("job", job).out
    assert f"Job {rest} makes the others, in a folder of its own." in said
    assert f"Its other pictures: job {rest} – 0 made, 1 to do, 0 failed." in said
    assert f"of job {job} that had to wait" in here("job", rest).out
    told = here("job", job, "--json").json
    assert (told["rest"], told["result"], len(told["pictures"])) == (rest, "partial", 1)
    told = here("job", rest, "--json").json
    assert (told["kind"], told["parent_id"], told["rest"]) == ("rest", job, None)


def test_last_is_the_job_that_somebody_asked_for(parted) -> None:
    here, job, _ = parted
    assert here("job", "--json").json["id"] == job


def test_the_list_says_whose_rest_it_is(parted) -> None:
    here, job, rest = parted
    said = here("jobs").out
    assert f"(rest of {job})" in said
    assert [row["id"] for row in here("jobs", "--json").json] == [rest, job]


def test_status_and_report_name_it(parted) -> None:
    here, job, rest = parted
    assert f"Job {rest} makes what job {job} did not wait for (pictures to do: 1)." in here("status").out
    assert here("status", "--json").json["rests"] == [{"job": rest, "of": job, "waiting": 1}]
    assert f"{job} → {rest}" in here("report").out
    page = here.root / "report.html"
    assert here("report", "--html", page).code == 0
    assert f"job {rest} makes them" in page.read_text(encoding="utf-8")
    (closed,) = here("report", "--json").json["closed"]
    assert closed["rest"] == rest


def test_to_cancel_the_job_is_to_cancel_its_rest(parted) -> None:
    here, job, rest = parted
    assert f"job {rest}, which makes its other pictures, ends" in here("cancel", job).out
    assert here("cancel", "last").code == 0
