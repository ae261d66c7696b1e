"""Commands that make or change something do it once, wholly, and say what they did."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import time
from typing import Any

import pytest

from stockgen.domain.times import wall
from stockgen.ledger import Ledger
from stockgen.lock import holder
from tests.cli.conftest import PICTURE, finished, typed
from tests.house import ROOT, SOON, DaemonProcess
from tests.pipeline.stage import open_shop

SLOW = "prompt: slow sea\nsize: 96x64\n"


def until(condition):
    """Wait for something that another process does."""
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end
        select.select([], [], [], 0.02)


def rendering(state) -> bool:
    begun = any((state / "spool").glob("*"))  # before that, the ledger may have no tables yet
    return begun and Ledger.reading(state).shots.counts().get("rendering", 0) == 1


# -- init ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("ko_KR.UTF-8", "설정"), ("C.UTF-8", "settings")])
def test_init_makes_a_folder_that_works_at_once(desk, tmp_path, monkeypatch, language, word):
    monkeypatch.setenv("LC_ALL", language)
    here, folder = desk(), tmp_path / "새 폴더"
    assert here.bare("init", folder).code == 0
    assert word in (folder / "config.yaml").read_text("utf-8").splitlines()[0]
    assert here.bare("--config", folder / "config.yaml", "config", "check").code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["config.yaml", "inbox", "my", "outbox"]


def test_init_overwrites_nothing(desk):
    here = desk()
    before = here.config.read_bytes()
    assert here.bare("init", here.root).code == 2
    assert here.config.read_bytes() == before


def test_init_where_a_file_is_in_the_way_is_told(desk):
    here = desk()
    said = here.bare("init", here.write("file"))
    assert said.code == 2
    assert "file" in said.err


# -- check -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "examples").glob("*.[yt][ax][mt]*")))
def test_every_example_can_be_used(desk, name):
    here = desk(providers={"openai": {}, "gemini": {}, "cutter": {"place": "net"}}, chains={"auto": ["cutter"]})
    assert here("check", ROOT / "examples" / name).code == 0


def test_check_says_how_a_file_is_read_and_makes_nothing(desk):
    here = desk()
    said = here("check", here.write("꽃.yaml", "키워드: {벚꽃: 3}\n크기: 96x64\n"))
    assert said.code == 0
    assert "벚꽃" in said.out
    assert "3" in said.out
    assert "accepted" not in said.out
    assert sorted(path.name for path in here.root.iterdir()) == ["config.yaml", "꽃.yaml"]


def test_check_tells_every_fault_with_its_line(desk):
    here = desk()
    path = here.write("bad.yaml", "keywords: sea\ncount: many\nmodle: auto\n")
    said = here("check", path)
    assert said.code == 1
    assert "1. Line 2:" in said.out
    assert "2. Line 3:" in said.out
    told = here("check", path, "--json").json
    assert [(one["line"], one["code"]) for one in told["faults"]] == [
        (2, "job_file.value"),
        (3, "job_file.unknown_key_near"),
    ]


@pytest.mark.parametrize(("language", "words"), [("en", "Mended, it would read like this"), ("ko", "고치면 아래와")])
def test_check_shows_the_mended_file_and_lays_nothing(desk, language, words):
    here = desk(language=language)
    path = here.write("바다.yaml", "keywords: sea\ncount: 5쪽\nmodle: auto\n")
    said = here("check", path)
    assert words in said.out
    assert "바다.fixed.yaml" in said.out
    assert said.out.endswith("\n\n    keywords: sea\n    count: 5\n    model: auto\n")
    assert here("check", path, "--json").json["mended"] == {
        "name": "바다.fixed.yaml",
        "text": "keywords: sea\ncount: 5\nmodel: auto\n",
    }
    assert sorted(one.name for one in here.root.iterdir()) == ["config.yaml", "바다.yaml"]


def test_check_says_which_lines_the_mended_file_lacks(desk):
    here = desk()
    said = here("check", here.write("a.txt", "sea\nhttp://a.b/c\nhill\n"))
    assert said.out.rstrip().endswith("lines of your file: 2")


def test_where_nothing_can_be_guessed_check_shows_no_mended_file(desk):
    here = desk()
    path = here.write("bad.yaml", "keywords: a\nprompt: b\n")
    assert "Mended" not in here("check", path).out
    assert here("check", path, "--json").json["mended"] is None


def test_check_for_scripts_tells_the_orders(desk):
    here = desk()
    told = here("check", here.write("a.yaml"), "--json").json
    assert (told["ok"], told["orders"][0]["prompt"], told["orders"][0]["count"]) == (True, "a calm sea", 1)


# -- submit ----------------------------------------------------------------------------------------------------


def test_words_become_a_job_file_that_is_read_as_it_was_told(desk):
    here = desk()
    said = here("submit", "벚꽃", "배경", "3장")
    assert (said.code, here.inbox()) == (0, ["벚꽃_배경_3장.txt"])
    assert "벚꽃 배경 (cherry blossom) – pictures: 3" in said.out
    assert "stockgen daemon" in said.out  # nobody is there to make them


def test_a_file_is_dropped_under_its_name_and_never_over_another(desk):
    here = desk()
    path = here.write("하늘 폴더/내 작업.yaml")
    assert [here("submit", path).code, here("submit", path).code] == [0, 0]
    assert here.inbox() == ["내 작업.yaml", "내 작업~2.yaml"]
    assert (here.root / "inbox" / "내 작업.yaml").read_text() == PICTURE


@pytest.mark.parametrize("words", [("please draw a cat",), ("https://example.com",), ("...",)])
def test_refused_words_are_told_and_not_dropped(desk, words):
    here = desk()
    said = here("submit", *words)
    assert (said.code, here.inbox()) == (1, [])
    assert "1. " in said.out
    assert "These words were not accepted" in said.out
    assert "inbox" not in said.out


def test_words_that_can_be_mended_are_told_as_words(desk):
    said = desk(language="ko")("submit", "바다 | 5x")
    assert said.code == 1
    assert "파일" not in said.out
    assert said.out.endswith("이렇게 쓰면 됩니다:\n\n    바다 | 5\n")
    assert ".fixed" not in said.out


def test_a_refused_file_is_told_and_not_dropped(desk):
    here = desk()
    assert here("submit", here.write("bad.yaml", "count: x\n")).code == 1
    assert here.inbox() == []


def test_a_mistyped_file_name_does_not_become_a_subject(desk):
    here = desk()
    said = here("submit", "spring.yaml")
    assert (said.code, here.inbox()) == (2, [])
    assert "spring.yaml can't be read" in said.err


@pytest.mark.parametrize("words", ["a note.", "~$sea", "#1 sea#", "sea.note", ".hidden sea"])
def test_words_never_become_a_file_that_the_inbox_passes_over(desk, words):
    from daemon.ignored import is_conflict, is_ignored

    here = desk()
    here("submit", words)
    assert not [name for name in here.inbox() if is_ignored(name) or is_conflict(name)]


# -- run -------------------------------------------------------------------------------------------------------


def test_run_makes_the_pictures_and_says_where(desk):
    here = desk()
    said = here("run", here.write("바다.yaml", "prompt: a calm sea\ncount: 2\nsize: 96x64\n"))
    assert (said.code, said.err) == (0, "")
    folder = here.root / said.out.strip().removeprefix("2 of 2 pictures are in ")
    assert len(list(folder.glob("images/*.jpg"))) == 2
    assert (folder / "info" / "job.json").exists()


def test_run_says_how_many_are_missing_and_where_to_look(desk):
    here = desk()
    said = here("run", here.write("a.yaml", "- {prompt: sea, size: 96x64}\n- {prompt: undecodable, size: 96x64}\n"))
    assert said.code == 1
    assert said.out.startswith("1 of 2 pictures are in ")
    assert "stockgen job " in said.out


def test_run_refuses_what_check_refuses(desk):
    here = desk()
    assert here("run", here.write("a.yaml", "count: x\n")).code == 1
    assert not (here.root / ".stockgen").exists()


def test_run_while_paused_says_so_and_ends(desk):
    here = desk()
    here("pause")
    said = here("run", here.write("a.yaml"))
    assert said.code == 1
    assert "paused" in said.out


@pytest.mark.process
def test_run_beside_a_daemon_names_it_and_exits_with_three(desk):
    here = desk()
    with DaemonProcess(here.root) as daemon:
        daemon.wait_for("daemon.ready")
        said = here("run", here.write("a.yaml"))
        assert said.code == 3
        assert f"(process {daemon.process.pid})" in said.err


@pytest.mark.process
def test_run_shows_a_bar_on_a_terminal_and_nothing_elsewhere(desk):
    here = desk()
    words = ("--config", here.config, "run", here.write("a.yaml"))
    assert finished(typed(*words)).err == ""
    ours, theirs = pty.openpty()
    process = typed(*words, stderr=theirs, environment={"TERM": "xterm", "COLUMNS": "80"})
    os.close(theirs)
    said = finished(process)
    assert "1/1" in os.read(ours, 100_000).decode()
    assert "Pictures ━" not in said.out
    os.close(ours)


@pytest.mark.process
@pytest.mark.parametrize("place", ["cpu", "net"])
def test_ctrl_c_ends_run_and_loses_nothing(desk, place):
    here = desk(providers={"scripted": {"place": place}, "second": {"place": "net"}})
    state = here.root / ".stockgen"
    # A terminal sends Ctrl-C to everybody in the foreground, lanes included.
    process = typed("--config", here.config, "run", here.write("a.yaml", SLOW), start_new_session=True)
    until(lambda: rendering(state))
    os.killpg(process.pid, signal.SIGINT)
    said = finished(process)
    assert (said.code, said.err) == (130, "")
    assert "Nothing is lost" in said.out
    assert Ledger.reading(state).shots.counts() == {"planned": 1}
    assert holder(state) is None


# -- commands to whoever holds the lock ------------------------------------------------------------------------


def test_commands_without_a_daemon_are_carried_out_at_once(desk):
    here = desk()
    assert "Paused" in here("pause").out
    here("run", here.write("a.yaml"))
    assert here("cancel", "LAST").code == 0
    assert here("status", "--json").json["shots"]["cancelled"] == 1
    assert here("resume").out == "Going on.\n"
    assert list((here.root / ".stockgen" / "control").iterdir()) == []


@pytest.mark.parametrize("command", ["cancel", "retry"])
def test_a_job_that_is_not_there_cannot_be_steered(desk, command):
    said = desk()(command, "zzzzz")
    assert said.code == 1
    assert "There is no job zzzzz" in said.out


def test_a_pause_for_a_while_says_until_when_and_status_does_too(desk):
    here = desk()
    said = here("pause", "--for", "3h")
    assert (said.code, "Paused until" in said.out) == (0, True)
    (held,) = here("status", "--json").json["holds"]
    assert (held["hold"], held["until"] is not None) == ("pause", True)
    assert "Waiting until" in here("status").out


@pytest.mark.parametrize("text", ["tomorrow 9:00", "내일 오전 9시까지", "in 2 hours"])
def test_a_pause_until_a_moment_is_understood_as_people_say_it(desk, text):
    here = desk()
    assert here("pause", "--until", text).code == 0
    (held,) = here("status", "--json").json["holds"]
    assert 0 < wall(held["until"]) - time.time() <= 2 * 86400


@pytest.mark.parametrize("words", [
    ["--for=soon"], ["--for=3"], ["--for=-1h"], ["--for=9999d"], ["--until=soon"], ["--until=2020-01-01"],
    ["--until=3000-01-01"], ["--for=1h", "--until=23:00"],
])  # fmt: skip
def test_a_pause_that_is_not_understood_pauses_nothing(desk, words):
    here = desk()
    here("pause")
    here("resume")
    said = here("pause", *words)
    assert (said.code, len(said.err) > 20) == (2, True)
    assert here("status", "--json").json["holds"] == []


def test_what_failed_is_made_again_by_one_command(desk):
    here = desk()
    here("run", here.write("a.yaml", "prompt: a sea refuse\nsize: 64x64\n"))
    said = here("retry", "last")
    assert (said.code, "in a folder of its own" in said.out) == (0, True)
    assert [one["kind"] for one in here("jobs", "--json").json] == ["retry", "command"]


@pytest.mark.process
def test_commands_beside_a_daemon_are_answered_by_it(desk):
    here = desk()
    with DaemonProcess(here.root) as daemon:
        daemon.wait_for("daemon.ready")
        assert "Paused" in here("pause").out
        daemon.drop(PICTURE)
        daemon.wait_for("job.planned")
        assert here("status", "--json").json["shots"]["planned"] == 1
        number = here("jobs", "--json").json[0]["id"]
        assert (here("cancel", number.upper()).code, here("resume").code) == (0, 0)
        daemon.wait_for("job.closed")
        assert here("cancel", number).code == 1
        assert here("basket").code == 0


@pytest.mark.process
def test_a_daemon_started_by_the_command_is_the_daemon_and_not_its_parent(desk):
    here = desk(providers={}, chains={"auto": []})
    process = typed("--config", here.config, "daemon", "--until-idle", stderr=None)
    said = finished(process)
    assert said.code == 0
    assert '"event": "daemon.ready"' in said.out


# -- basket ----------------------------------------------------------------------------------------------------


def test_a_market_is_found_by_any_of_its_names_and_an_unknown_one_is_told(desk):
    here = desk()
    assert here("basket", "ADOBE_STOCK").out == here("basket", "adobe_stock").out != ""
    assert here("basket", "어도비 스톡").code == 0
    said = here("basket", "zebra")
    assert said.code == 2
    assert "adobe_stock" in said.err


def test_nobody_gets_a_basket_for_a_market_that_takes_no_generated_pictures(desk):
    said = desk()("basket", "셔터스톡")
    assert said.code == 2
    assert "may close accounts" in said.err


def test_a_basket_for_scripts_has_its_path_and_count(desk):
    here = desk(providers={}, chains={"auto": []}, defaults={"count": 1, "markets": ["adobe_stock"]})
    assert here("run", here.write("a.txt", "cherry blossom\n")).code == 0
    told = here("basket", "--json").json
    assert told["result"] == "done"
    (made,) = [one for one in told["told"] if one["code"] == "basket.made"]
    assert made["count"] == 1
    assert (here.root / "outbox" / made["path"] / "0_READ_ME.txt").exists()


def shop(desk):
    """A desk whose small pictures may be sold."""
    here = desk(defaults={"count": 1, "markets": ["adobe_stock"]})
    open_shop(here.root)
    return here


def test_what_is_left_out_is_told_in_few_lines_and_to_scripts_in_full(desk):
    here = shop(desk)
    text = "- {prompt: a sea, count: 8, size: 64x64}\n- {prompt: a tree, markets: [], size: 64x64}\n"
    assert here("run", here.write("a.yaml", text)).code == 0
    told = here("basket", "adobe_stock", "--json").json["told"]
    stems = [stem for one in told if one["code"] == "basket.left_out" for stem in one["stems"]]
    assert len(stems) == len({*stems}) == 6
    said = here("basket", "adobe_stock")
    assert said.code == 0
    assert re.search(
        r"^Left out \(adobe_stock\): 5 – this market takes only 3 .*: (\S+, ){3}…$", said.out, re.MULTILINE
    )
    assert re.search(r"^Left out \(adobe_stock\): 1 – their jobs do not name adobe_stock: \S+$", said.out, re.MULTILINE)
    assert "do not name" not in here("basket").out  # of all markets nobody wants to know which were not meant


def test_pictures_are_kept_and_dropped_by_number(desk):
    here = desk()
    here("run", here.write("a.yaml", "prompt: a sea\nsize: 64x64\ncount: 3\n"))
    said = here("drop", "1", "2-3")
    assert (said.code, "dropped 1-3 (pictures: 3)" in said.out) == (0, True)
    assert here("job").out.count("dropped") == 3
    assert here("keep", "2", "--job", "LAST").code == 0
    said = here("keep", "2", "9")
    assert (said.code, "has no picture 9" in said.out) == (1, True)
    said = here("keep", "two")
    assert (said.code, "two is no number" in said.out) == (1, True)
    assert here("keep").code == 2


def test_what_waits_for_a_market_is_what_it_would_take(desk):
    here = shop(desk)
    here("run", here.write("a.yaml", "prompt: a sea\nsize: 64x64\ncount: 8\n"))
    here("drop", "1-4")

    def waiting() -> dict[str, Any]:
        (market,) = (one for one in here("status", "--json").json["markets"] if one["name"] == "adobe_stock")
        return {key: market[key] for key in ("waiting", "week_used", "week_quota")}

    assert waiting() == {"waiting": 3, "week_used": 0, "week_quota": 100}
    here("basket")
    assert waiting() == {"waiting": 0, "week_used": 3, "week_quota": 100}
