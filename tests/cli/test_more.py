"""`stockgen more`: other pictures like one, with a daemon and without."""

from __future__ import annotations

import os
from pathlib import Path

from tests.cli.conftest import Desk
from tests.house import DaemonProcess

CALM = {"place": "net", "misbehave": False}  # views say `framed` and `blurred`, which the providers for tests obey
BOTH = {"scripted": CALM, "second": dict(CALM)}
TEXT = "keywords: cherry blossom\nkind: illustration\nstyle: watercolor\nsize: 96x64\n"


def made(here: Desk, number: int = 1) -> str:
    here.write("a.yaml", TEXT)
    assert here("run", here.root / "a.yaml").code == 0
    return str(here("job", "--json").json["pictures"][number - 1]["stem"])


def test_a_job_is_made_and_its_number_its_pictures_and_its_maker_are_told(desk, tmp_path: Path) -> None:
    here = desk(providers=BOTH)
    name = made(here)
    said = here("more", name, "-n", "5")
    assert said.code == 0
    assert f"makes more pictures like {name}: 5, by scripted." in said.out
    job = here("jobs", "--json").json[0]
    assert (job["kind"], job["shots"], job["source_name"]) == ("more", {}, name)
    assert f"stockgen job {job['id']}" in said.out
    with DaemonProcess(tmp_path, "--until-idle") as daemon:
        assert daemon.finish() == 0
    told = here("job", job["id"], "--json").json
    assert (told["result"], len(told["pictures"]), told["parent_id"]) == ("done", 5, name[-9:-4])
    assert name in here("job", job["id"]).out


def test_its_picture_may_be_said_by_its_number_on_the_sheet(desk) -> None:
    here = desk(providers=BOTH)
    name = made(here)
    told = here("more", "last", "1", "--json").json
    assert (told["of"], told["pictures"], told["model"], told["result"]) == (name, 1, ["scripted"], "done")
    assert [one["code"] for one in told["told"]] == ["plan.like"]


def test_what_is_no_picture_of_ours_is_told_with_the_nearest_and_nothing_is_made(desk) -> None:
    here = desk(providers=BOTH)
    name = made(here)
    said = here("more", name.replace("cherry", "chery"))
    assert (said.code, f"Did you mean {name}?" in said.out) == (1, True)
    told = here("more", "a-cat", "--json")
    assert (told.code, told.json["result"], told.json["told"][0]["code"]) == (1, "refused", "job_file.like_unknown")
    assert here("more").code == here("more", name, "-n", "0").code == 2
    assert len(here("jobs", "--json").json) == 1


def test_a_shell_without_the_key_does_not_say_that_a_daemon_with_it_can_make_none(desk, tmp_path: Path) -> None:
    here = desk(providers={**BOTH, "openai": {}}, money={"per_month_usd": 5})
    name = made(here)
    words = ("more", name, "--model", "openai", "-n", "2")
    assert here("pause").code == 0  # nothing is to be bought
    with DaemonProcess(tmp_path, environment={**os.environ, "OPENAI_API_KEY": "sk-nobody-has-this"}) as daemon:
        daemon.wait_for("daemon.ready")
        said = here(*words)
        assert ("like" in said.out, "none of the models" in said.out, said.code) == (True, False, 0)


def test_another_model_and_other_markets_may_be_named(desk) -> None:
    here = desk(providers=BOTH)
    name = made(here)
    assert here("more", name, "--model", "second", "--markets", "adobe").code == 0
    assert here("more", name, "--model", "second", "--json").json["model"] == ["second"]
    said = here("more", name, "--model", "secnd")
    assert (said.code, "second" in said.out) == (1, True)


def test_a_running_daemon_takes_it_and_answers(desk, tmp_path: Path) -> None:
    here = desk(providers=BOTH)
    name = made(here)
    with DaemonProcess(tmp_path) as daemon:
        daemon.wait_for("daemon.ready")
        told = here("more", name, "-n", "2", "--json").json
        daemon.wait_for("job.closed")
    assert told["result"] == "done"
    assert here("job", told["job"], "--json").json["result"] == "done"


def test_in_korean_it_is_told_in_korean(desk) -> None:
    here = desk(providers=BOTH, language="ko")
    name = made(here)
    said = here("more", name, "-n", "3").out
    assert f"{name} 그림과 같은 느낌으로 3장을 더 만듭니다." in said
    assert "이 색들을 써서" in said


def test_whoever_pays_for_it_hears_what_it_may_cost(desk) -> None:
    paid = {"scripted": CALM | {"quote": 50_000}, "second": dict(CALM)}
    here = desk(providers=paid, money={"per_month_usd": 5})
    name = made(here)
    assert "1,400 won" in here("more", name, "-n", "20").out
    assert "won" not in here("more", name, "-n", "20", "--model", "second").out
