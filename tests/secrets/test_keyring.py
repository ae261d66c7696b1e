"""Which key counts, who may read it, and that a wall knows every one that was ever there."""

from __future__ import annotations

from pathlib import Path

import pytest

from stockgen.config.secrets import cleaned, keep, lacking, named, open_files
from stockgen.domain.errors import UsageError
from stockgen.keyring import Keyring, secret, shown, without_keys
from tests.secrets.keys import GOOGLE, OPENAI, PLAIN

NAME = "OPENAI_API_KEY"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "state" / "secrets"


def test_a_credential_comes_before_the_environment_and_that_before_a_file(tmp_path, kept):
    keep(NAME, "from-a-file", kept)
    assert secret(NAME, {}, kept) == "from-a-file"
    assert secret(NAME, {NAME: " from-the-environment\n"}, kept) == "from-the-environment"
    (tmp_path / "stockgen_openai_api_key").write_text("from-a-credential\n")
    environment = {NAME: "from-the-environment", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert secret(NAME, environment, kept) == "from-a-credential"


def test_no_credential_is_no_reason_not_to_go_on(tmp_path, kept):
    assert secret(NAME, {"CREDENTIALS_DIRECTORY": str(tmp_path / "gone")}, kept) == ""
    assert secret(NAME, {}) == ""
    (tmp_path / "stockgen_openai_api_key").mkdir()
    assert secret(NAME, {"CREDENTIALS_DIRECTORY": str(tmp_path)}, kept) == ""


def test_a_file_and_its_folder_are_for_their_owner_alone(kept):
    kept.mkdir(parents=True, mode=0o755)
    file = keep(NAME, OPENAI, kept)
    assert file.stat().st_mode & 0o777 == 0o600
    assert kept.stat().st_mode & 0o777 == 0o700
    file.chmod(0o640)
    assert keep(NAME, GOOGLE, kept).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in kept.iterdir()] == ["openai_api_key"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o602, 0o610])
def test_a_file_that_others_may_touch_is_not_used_and_the_command_that_helps_is_told(kept, mode):
    file = keep(NAME, OPENAI, kept)
    file.chmod(mode)
    assert secret(NAME, {}, kept) == ""
    assert shown(NAME, {}, kept) == file
    assert open_files(kept) == [file]
    lack = lacking("openai", [NAME], {}, kept)
    assert lack is not None
    assert (lack.code, lack.facts["quoted"]) == ("key_open", str(file))
    assert secret(NAME, {NAME: "another-one"}, kept) == "another-one"
    assert lacking("openai", [NAME], {NAME: "another-one"}, kept) is None
    file.chmod(0o600)
    assert secret(NAME, {}, kept) == OPENAI


def test_a_provider_without_any_of_its_keys_hears_how_to_set_one(kept):
    lack = lacking("gemini", ["GOOGLE_API_KEY", "GEMINI_API_KEY"], {}, kept)
    assert lack is not None
    assert lack.code == "no_key"
    keep("GEMINI_API_KEY", GOOGLE, kept)
    assert lacking("gemini", ["GOOGLE_API_KEY", "GEMINI_API_KEY"], {}, kept) is None


@pytest.mark.parametrize("pasted", [
    OPENAI, f" {OPENAI}\n", f'"{OPENAI}"', f"'{OPENAI}'\r\n", f"\u201c{OPENAI}\u201d", f"\ufeff{OPENAI}\u200b",
    f"OPENAI_API_KEY={OPENAI}", f'export OPENAI_API_KEY="{OPENAI}"', f"`{OPENAI}`",
])  # fmt: skip
def test_what_is_pasted_around_a_key_goes(pasted):
    assert cleaned(pasted) == OPENAI


def test_a_key_may_end_like_base64():
    assert cleaned("QUJDREVGRw==") == "QUJDREVGRw=="


@pytest.mark.parametrize(("pasted", "code"), [
    ("", "secret_empty"), (" \n", "secret_empty"), ('""', "secret_empty"), ("sk-abc def-ghijkl", "secret_space"),
    (f"{OPENAI}\n{GOOGLE}", "secret_space"), ("short", "secret_odd"), ("비밀번호비밀번호", "secret_odd"),
    ("sk-abc\x00defghijkl", "secret_odd"), ("k" * 5000, "secret_odd"),
])  # fmt: skip
def test_what_can_be_no_key_is_refused_and_not_repeated(pasted, code):
    with pytest.raises(UsageError) as caught:
        cleaned(pasted)
    assert caught.value.code == code
    assert len(pasted) < 4 or pasted not in str(caught.value)


@pytest.mark.parametrize(("asked", "name"), [
    ("openai", "OPENAI_API_KEY"), ("OpenAI", "OPENAI_API_KEY"), ("OPENAI_API_KEY", "OPENAI_API_KEY"),
    ("gemini", "GEMINI_API_KEY"), ("google", "GEMINI_API_KEY"), ("google_api_key", "GOOGLE_API_KEY"),
    ("hf", "HF_TOKEN"), ("GROQ_API_KEY", "GROQ_API_KEY"), ("groq_api_key", "GROQ_API_KEY"),
])  # fmt: skip
def test_a_key_is_called_by_its_short_name_or_its_own(asked, name):
    assert named(asked, ["GROQ_API_KEY"]) == name


def test_a_key_in_place_of_its_name_is_not_repeated():
    with pytest.raises(UsageError) as caught:
        named(OPENAI)
    assert OPENAI[:12] not in str(caught.value)


def test_every_key_that_was_ever_here_is_hidden_also_one_that_was_set_a_moment_ago(tmp_path, kept):
    (tmp_path / "stockgen_gemini_api_key").write_text("of-the-service-0987\n")
    environment = {"GROQ_API_KEY": PLAIN, "CREDENTIALS_DIRECTORY": str(tmp_path), "TLS_KEY": "/etc/ssl/private/a.pem"}
    ring = Keyring(environment, kept)
    keep("MY_API_KEY", "first-of-mine-1234", kept)
    assert ring.hide(f"{PLAIN} of-the-service-0987 first-of-mine-1234") == "*** *** ***"
    keep("MY_API_KEY", "second-of-mine-567", kept)
    assert ring.hide("first-of-mine-1234 second-of-mine-567") == "*** ***"
    (kept / "my_api_key").unlink()
    kept.rmdir()
    assert ring.hide("second-of-mine-567 at /etc/ssl/private") == "*** at /etc/ssl/private"


def test_an_environment_without_keys_keeps_everything_else():
    keys = {
        "OPENAI_API_KEY": "x", "GEMINI_API_KEY": "x", "HF_TOKEN": "x", "CREDENTIALS_DIRECTORY": "/run/credentials/x",
        "AWS_SECRET_ACCESS_KEY": "x", "groq_api_key": "x", "OLD": f"--key {OPENAI}", "DB_PASSWORD": "x",
    }  # fmt: skip
    others = {"PATH": "/usr/bin", "HOME": "/root", "CUDA_VISIBLE_DEVICES": "0", "XAUTHORITY": "/x", "KEYBOARD": "ko"}
    assert without_keys(keys | others) == others
