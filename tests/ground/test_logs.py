"""Logs are read by journald, by scripts and by people; none of them may be steered by a file's name."""

from __future__ import annotations

import io
import json
import re

import pytest

from stockgen.domain.hiding import hidden
from stockgen.domain.words import Remark
from stockgen.logs import LEVELS, configure

HOSTILE = "a\x1b[2J\x9b1m\u202eb\u2066c\r\nshot.failed\x00\udcff\u2028d"
STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def logged(level, form, tell, out=None):
    out = out or io.StringIO()
    tell(configure(level, form, out))
    return out.getvalue()


def test_a_json_line_has_its_time_level_and_event():
    (line,) = logged("info", "json", lambda log: log.info("job.closed", job="k7m2q", name="벚꽃")).splitlines()
    told = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", told.pop("ts"))
    assert told == {"level": "info", "event": "job.closed", "job": "k7m2q", "name": "벚꽃"}
    assert "벚꽃" in line


@pytest.mark.parametrize("level", list(LEVELS))
def test_nothing_below_the_level_is_logged(level):
    text = logged(level, "json", lambda log: [getattr(log, one)("x") for one in LEVELS])
    assert [json.loads(line)["level"] for line in text.splitlines()] == list(LEVELS)[list(LEVELS).index(level) :]


@pytest.mark.parametrize("form", ["json", "human"])
@pytest.mark.parametrize("value", [HOSTILE, [HOSTILE], {HOSTILE: HOSTILE}, Remark(HOSTILE)], ids=type)
def test_a_hostile_name_stays_on_its_line_and_steers_nothing(form, value):
    text = logged("info", form, lambda log: log.info("file.ignored", file=value))
    assert text.count("\n") == 1
    assert not STEERING.search(text.encode().decode())


def test_a_traceback_keeps_its_lines_and_loses_what_steers():
    text = logged("info", "human", lambda log: log.error("bug", traceback="one\n\x1b[31mtwo"))
    assert "one\n" in text
    assert "\x1b" not in text


def test_people_get_text_on_a_terminal_and_machines_json(monkeypatch):
    monkeypatch.delenv("INVOCATION_ID", raising=False)
    tell = lambda log: log.info("daemon.ready")  # noqa: E731
    assert logged("info", "auto", tell).startswith("{")
    assert not logged("info", "auto", tell, Terminal()).startswith("{")
    monkeypatch.setenv("INVOCATION_ID", "systemd")
    assert logged("info", "auto", tell, Terminal()).startswith("{")


def test_an_exception_is_told_without_a_warning_about_itself(recwarn):
    def tell(log):
        try:
            int("broken")
        except ValueError:
            log.error("bug", exc_info=True)

    assert "ValueError: invalid literal" in logged("info", "human", tell)
    assert "ValueError: invalid literal" in json.loads(logged("info", "json", tell))["exception"]
    assert not recwarn.list


KEY = "sk-proj-Xq7Zt4kV9mR2wB6nJ1sD8fG3hL5pC0yT"
OTHER = "a-key-without-a-mark-2718"


def spoiled(log):
    """Every way in which a key may come into a line."""
    try:
        int(f"refused: {KEY}")
    except ValueError as error:
        log.error("bug", exc_info=True, error=error, deep=[{"body": f"x {OTHER}"}], **{f"name {KEY}": 1})
    log.error("bug", traceback=f"one\n{OTHER}\n{KEY}")
    log.debug(f"step {KEY}", remark=Remark(f"a.{OTHER}"), headers={"Authorization": "shortish"})


@pytest.mark.parametrize("form", ["json", "human"])
@pytest.mark.parametrize("out", [io.StringIO, Terminal])
def test_no_line_holds_a_key_whichever_way_it_came(form, out):
    stream = out()
    spoiled(configure("debug", form, stream, lambda text: hidden(text, [OTHER])))
    text = stream.getvalue()
    assert text.count("***") >= 7
    assert not any(key in text for key in (KEY, KEY[:14], OTHER, "shortish"))
