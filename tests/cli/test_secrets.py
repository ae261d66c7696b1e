"""Keys are set without being shown or remembered, wherever the daemon is, and nobody is ever told one."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from stockgen.config.secrets import keep
from stockgen.lock import StateLock
from tests.house import SOON
from tests.secrets.keys import GOOGLE, OPENAI, PLAIN, leaks

NAMES = ("OPENAI_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "HF_TOKEN")
WRITER = {"openai_compatible": {"url": "http://localhost:1/v1", "model": "a", "key": "GROQ_API_KEY"}}


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in (*NAMES, "CREDENTIALS_DIRECTORY", "GROQ_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def give(monkeypatch):
    """Stands in for what is piped into a command."""

    def give(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    return give


def kept(one) -> Path:
    return one.root / ".stockgen" / "secrets"


def test_a_key_is_read_from_standard_input_and_kept_for_its_owner_alone(desk, give):
    one = desk()
    give(f"{OPENAI}\n")
    said = one("secret", "set", "openai")
    assert said.code == 0
    file = kept(one) / "openai_api_key"
    assert file.read_text() == f"{OPENAI}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert str(file) in said.out
    assert OPENAI not in said.out + said.err


def test_a_key_can_be_set_while_a_daemon_holds_the_state(desk, give):
    one = desk()
    lock = StateLock(one.root / ".stockgen")
    try:
        give(GOOGLE)
        assert one("secret", "set", "gemini").code == 0
        assert one("secret", "remove", "gemini").code == 0
    finally:
        lock.release()
    assert list(kept(one).iterdir()) == []


def test_on_a_terminal_the_key_is_asked_for_and_not_shown(desk):
    one = desk()
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "stockgen", "--config", str(one.config), "secret", "set", "openai"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown = b""
    try:
        while b": " not in shown:
            shown += os.read(ours, 1000)
        os.write(ours, f"{OPENAI}\n".encode())
        shown += _rest(ours)
        assert process.wait(SOON) == 0
    finally:
        process.kill()
        os.close(ours)
    assert b"OPENAI_API_KEY" in shown
    assert OPENAI.encode() not in shown
    assert (kept(one) / "openai_api_key").read_text().strip() == OPENAI


def _rest(terminal: int) -> bytes:
    """What a terminal shows until nobody writes to it any more."""
    shown = b""
    with suppress(OSError):  # EIO: the other end is closed
        while piece := os.read(terminal, 1000):
            shown += piece
    return shown


@pytest.mark.parametrize("words", [
    ("secret", "set", "openai", OPENAI), ("secret", "set", OPENAI), ("secret", OPENAI), ("secret", f"--key={OPENAI}"),
    ("secret", "set", "openai", f"--key={OPENAI}"), ("secret", "remove", OPENAI), (OPENAI,), ("find", OPENAI),
    ("list", OPENAI), ("check", OPENAI),
])  # fmt: skip
def test_a_key_that_is_typed_into_a_command_is_neither_taken_nor_repeated(desk, words):
    one = desk()
    said = one(*words)
    assert said.code in (1, 2)
    assert OPENAI not in said.out + said.err
    assert leaks(one.root, OPENAI) == {}


@pytest.mark.parametrize(("words", "command"), [
    (("openai", OPENAI), "secret set openai"), (("gemini", f"--key={GOOGLE}"), "secret set NAME"),
    ((OPENAI, "openai"), "secret set NAME"),
])  # fmt: skip
def test_who_types_a_key_behind_its_name_hears_how_it_is_given_instead(desk, words, command):
    said = desk()("secret", "set", *words)
    assert said.code == 2
    assert "never typed into a command" in said.err and said.err.strip().endswith(command)
    assert OPENAI not in said.err and GOOGLE not in said.err


@pytest.mark.parametrize(("word", "file"), [
    ("구글", "gemini_api_key"), ("google", "gemini_api_key"), ("나노 바나나", "gemini_api_key"),
    ("달리", "openai_api_key"), ("DALL-E", "openai_api_key"), ("허깅페이스", "hf_token"),
])  # fmt: skip
def test_a_service_is_known_by_what_people_call_it(desk, give, word, file):
    one = desk()
    give(OPENAI)
    assert one("secret", "set", word).code == 0
    assert (kept(one) / file).exists()
    assert one("secret", "remove", word).code == 0
    assert not (kept(one) / file).exists()


@pytest.mark.parametrize("text", ["", "  \n", "two words of it", "short", "sk-…abcdefghij"])
def test_what_is_no_key_is_refused_and_the_one_before_it_stays(desk, give, text):
    one = desk()
    keep("OPENAI_API_KEY", GOOGLE, kept(one))
    give(text)
    said = one("secret", "set", "openai")
    assert said.code == 2
    assert said.err
    assert (kept(one) / "openai_api_key").read_text().strip() == GOOGLE


def test_who_asks_for_an_unknown_key_hears_which_there_are_the_text_models_own_too(desk):
    said = desk(writers=WRITER)("secret", "set", "groc")
    assert said.code == 2
    for name in ("openai", "gemini", "hf", "GROQ_API_KEY"):
        assert name in said.err


def test_a_text_models_key_is_set_by_its_name(desk, give):
    one = desk(writers=WRITER)
    give(PLAIN)
    assert one("secret", "set", "groq_api_key").code == 0
    assert (kept(one) / "groq_api_key").exists()


def test_who_sets_a_key_that_another_place_overrules_hears_so(desk, give, monkeypatch):
    one = desk()
    monkeypatch.setenv("GOOGLE_API_KEY", "somebody-elses-key")
    give(GOOGLE)
    said = one("secret", "set", "gemini")
    assert "GOOGLE_API_KEY" in said.out
    assert "environment" in said.out
    assert "used from now on" not in said.out  # it is not
    assert "somebody-elses-key" not in said.out
    assert "stops using it" not in one("secret", "remove", "gemini").out


def test_the_list_tells_from_where_each_key_is_and_no_key(desk, monkeypatch, tmp_path):
    one = desk(writers=WRITER)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "stockgen_hf_token").write_text("hf_" + "a1" * 17)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    monkeypatch.setenv("GROQ_API_KEY", PLAIN)
    file = keep("OPENAI_API_KEY", OPENAI, kept(one))
    file.chmod(0o644)
    keep("GEMINI_API_KEY", GOOGLE, kept(one))
    rows = {row["name"]: row for row in one("secret", "list", "--json").json}
    assert {name: row["from"] for name, row in rows.items()} == {
        "OPENAI_API_KEY": "file", "GOOGLE_API_KEY": None, "GEMINI_API_KEY": "file", "HF_TOKEN": "credential",
        "GROQ_API_KEY": "environment",
    }  # fmt: skip
    assert [name for name, row in rows.items() if row["refused"]] == ["OPENAI_API_KEY"]
    table = one("secret", "list").out
    assert f"chmod 600 {file}" in table
    assert not any(key in table + json.dumps(rows) for key in (OPENAI, GOOGLE, PLAIN, "a1a1"))


def test_a_file_that_others_may_read_is_told_by_doctor_with_the_command(desk):
    one = desk()
    file = keep("OPENAI_API_KEY", OPENAI, kept(one))
    assert "chmod" not in one("doctor").out
    file.chmod(0o604)
    said = one("doctor")
    assert f"chmod 600 {file}" in said.out
    assert said.code == 1


def test_a_key_that_is_not_there_is_no_trouble_to_remove(desk):
    one = desk()
    assert one("secret", "remove", "hf").code == 0
    keep("HF_TOKEN", PLAIN, kept(one))
    assert one("secret", "remove", "hf").code == 0
    assert leaks(one.root, PLAIN) == {}


def test_the_state_folder_that_can_not_be_written_is_told(desk, give):
    one = desk()
    (one.root / ".stockgen").write_text("a file is in the way")
    give(OPENAI)
    said = one("secret", "set", "openai")
    assert said.code == 1
    assert ".stockgen" in said.err
