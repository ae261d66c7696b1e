"""The first evening, on a real terminal: Enter to everything ends with a picture, and Ctrl-C with nothing."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import pytest
import typer
import yaml

from stockgen.cli import main
from stockgen.cli.desk import Session
from stockgen.cli.evening import questions
from stockgen.cli.evening.asking import Asker
from stockgen.cli.evening.ending import install_service
from stockgen.config import load
from stockgen.config.editing import edited
from stockgen.gpu.cards import Card
from stockgen.messages import Messages
from tests.cli.rig import rig
from tests.house import ROOT, SOON, write_config

GIB = 1 << 30
NOBODY = "http://127.0.0.1:9"


def on_terminal(
    folder: Path, answers: bytes, environment: Mapping[str, str] | None = None, last: bytes = b"", after: int = 0,
    then: Sequence[tuple[int, bytes]] = (),
) -> tuple[int, str]:  # fmt: skip
    """`stockgen setup FOLDER` on a terminal of its own, with what somebody types; its exit code and what it shows.
    `last` is typed when `after` questions were asked; `then`: more of that, each with its number of questions.
    """
    ours, theirs = pty.openpty()
    command = ["setsid", "--ctty", sys.executable, "-m", "stockgen", "setup", str(folder)]
    said = {"OMP_NUM_THREADS": "1", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"} | dict(environment or {})
    child = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=os.environ | said,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, answers)
    shown, until, typed = b"", time.monotonic() + SOON, [*([(after, last)] if last else []), *then]
    try:
        while time.monotonic() < until:
            if not select.select([ours], [], [], max(0.0, until - time.monotonic()))[0]:
                break  # it waits for an answer that nobody gives
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
            while typed and shown.count(b"] ") >= typed[0][0]:
                os.write(ours, typed.pop(0)[1])
        if time.monotonic() >= until:
            child.kill()
        return child.wait(SOON), shown.decode("utf-8", "replace")
    finally:
        os.close(ours)
        if child.poll() is None:
            child.kill()
            child.wait()


def asker(tmp_path, answers="", *, cards=(), quiet=False, **over):
    """Questions over a config on a machine with these cards, and what is typed."""
    return Asker(rig(write_config(tmp_path, over), *cards), quiet, tmp_path, io.StringIO(answers))


def test_enter_to_everything_ends_with_a_picture_and_a_config_that_is_the_shipped_one(tmp_path):
    code, shown = on_terminal(tmp_path / "new", b"\n" * 12)
    assert code == 0, shown
    (picture,) = (tmp_path / "new" / "outbox").rglob("images/*.jpg")
    assert str(picture) in shown.replace("\r\n", "")
    written = (tmp_path / "new" / "config.yaml").read_text("utf-8")
    shipped = (files("stockgen") / "config" / "default.en.yaml").read_text("utf-8")
    different = [(a, b) for a, b in zip(shipped.splitlines(), written.splitlines(), strict=True) if a != b]
    assert [b.split("#")[0].strip() for _, b in different] == ["language: en"]
    assert different[0][0].index("#") == different[0][1].index("#")  # the comments stand in one column


def test_other_answers_in_korean_are_what_the_config_says_and_its_comments_stay(tmp_path):
    folder = tmp_path / "한글 폴더"
    answers = f"2\n{folder}\nzebra\n70\n\n-3\n5\n\ny\nn\n".encode()
    code, shown = on_terminal(tmp_path / "other", answers, {"LC_ALL": "ko_KR.UTF-8"})
    assert code == 0, shown
    config = load(folder / "config.yaml")
    assert (config.language, config.money.per_month_usd) == ("ko", 5)
    assert config.markets["adobe_stock"].per_week == 70
    text = (folder / "config.yaml").read_text("utf-8")
    assert "# 달러; 0 = 쓰지 않음" in text
    assert "zebra: 0부터" in shown  # what is no number is asked again, and does not end it
    assert "secret set openai" in shown
    assert not (tmp_path / "other").exists()


def test_ctrl_c_at_any_question_leaves_nothing(tmp_path):
    for answered in range(7):
        code, shown = on_terminal(tmp_path / "none", b"\n" * answered, last=b"\x03", after=answered + 1)
        assert (code, (tmp_path / "none").exists()) == (130, False), shown


def test_a_no_to_the_last_question_writes_nothing_either(tmp_path):
    code, shown = on_terminal(tmp_path / "none", b"\n" * 6 + b"n\n")
    assert (code, (tmp_path / "none").exists()) == (130, False), shown
    assert "Nothing was written" in shown


def test_without_a_terminal_it_says_how_to_take_the_defaults(desk):
    said = desk().bare("setup", "/tmp/never-made-by-setup")
    assert said.code == 2
    assert "stockgen setup --yes" in said.err


def test_an_edited_config_keeps_every_hand_edit_and_the_one_before_lies_beside(tmp_path):
    path = tmp_path / "config.yaml"
    before = (
        "# mine\nlanguage: en\nmarkets:   # my own\n  # slowly at first\n  miricanvas: {tier: Standard}  # free\n"
        "chains:\n  auto:\n    - procedural   # only this\ndefaults: {markets: [adobe_stock], size: 1}\n"
    ).replace(", size: 1", "")
    path.write_text(before, "utf-8")
    (tmp_path / "config.yaml.old").write_text("older", "utf-8")
    code, shown = on_terminal(tmp_path, b"\n\n33\n\n\ny\nn\n")
    assert code == 0, shown
    after = path.read_text("utf-8")
    assert load(path).markets["adobe_stock"].per_week == 33
    for line in before.splitlines():
        assert line in after
    assert (tmp_path / "config.yaml.old").read_text("utf-8") == "older"
    assert (tmp_path / "config.yaml.old2").read_text("utf-8") == before


def test_a_second_time_with_enter_only_changes_nothing_and_shows_what_is_there(tmp_path, capsys):
    over = {"money": {"per_month_usd": 7}, "defaults": {"markets": ["adobe_stock"]}, "chains": {}, "providers": {}}
    path = write_config(tmp_path, over | {"markets": {"adobe_stock": {"per_week": 12}}})
    before = path.read_bytes()
    assert main(["setup", str(tmp_path), "--yes"]) == 0
    shown = capsys.readouterr().out
    assert "[12]" in shown
    assert "[7]" in shown
    assert path.read_bytes() == before
    assert not (tmp_path / "config.yaml.old").exists()


@pytest.mark.parametrize(
    ("text", "keys", "value"),
    [
        ("a: {}   # c\n", ("a", "b", "c"), 1),
        ("a:\n  # c\n  x: 1 # d\n# e\nz: 2\n", ("a", "b"), [1, 2]),
        ("a:   # c\nz: 2\n", ("a", "b"), "y"),
        ("# c\n", ("a", "b"), "예: 1"),
        ("z: 1", ("a",), None),
        ("a:\n- 1\n- 2  # c\nz: 1\n", ("a",), ["x"]),
        ("a:\n  b:\n    - 1\n    # c\n  d: 2\n", ("a", "b"), "off"),
        ("a: {x: 1, y: {q: 2}}  # c\n", ("a", "y", "b"), "12:30"),
        ('a: "1"\n', ("a",), "2"),
        ("한: 'it''s'   # c\r\nz: 1\r\n", ("한",), "그림"),
        ("a: |\n  one\n  two\nz: 1\n", ("a",), "x"),
    ],
)
def test_a_value_is_set_in_whatever_layout_and_nothing_else_changes(text, keys, value):
    wanted = yaml.safe_load(text) or {}
    at = wanted
    for key in keys[:-1]:
        at[key] = at.get(key) or {}
        at = at[key]
    at[keys[-1]] = value
    after = edited(text, {keys: value})
    assert yaml.safe_load(after) == wanted
    for comment in ("# c", "# d", "# e"):
        assert (comment in after) == (comment in text) or "- 2  # c" in text


def test_a_config_that_can_not_be_changed_safely_is_refused():
    with pytest.raises(ValueError, match=r"a\.b"):
        edited("a: [1]\n", {("a", "b"): 1})


def test_a_network_folder_is_refused_in_plain_words(tmp_path, capsys):
    def lies_on(path: Path) -> str:
        return "NFS" if path.name == "nas" else ""

    (tmp_path / "nas").mkdir()
    found = questions.folder(asker(tmp_path / "c", f"{tmp_path}/nas\n{tmp_path}/disk\n"), tmp_path, lies_on)
    assert found == tmp_path / "disk"
    assert "network folder (NFS)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("gib", "memory", "chosen"),
    [
        (8, 32, "flux2-klein-4b-4bit"),  # its transformer stays; only the encoder passes through
        (8, 8, "sdxl-lightning"),  # [klein] does not fit into the computer's own memory
        (12, 32, "flux2-klein-4b"),
        (24, 32, "flux2-klein-4b"),
    ],
)
def test_the_model_that_is_proposed_fits_card_and_memory_and_may_be_sold(tmp_path, capsys, gib, memory, chosen):
    card = Card(0, "RTX", gib * GIB, (gib - 1) * GIB, "580.95")
    here = asker(tmp_path, cards=[card], quiet=True, chains={}, providers={"procedural": {}})
    questions.machine(here)
    name, changes = questions.model(here, memory * GIB)
    shown = capsys.readouterr().out
    assert f"RTX, {gib} GiB" in shown
    assert "GiB, weights" in shown
    assert name == chosen
    assert f"{chosen} – " in shown
    provider = here.session.catalogue.models[chosen].provider
    assert changes == {("providers", provider, "model"): chosen, ("chains", "auto"): [provider]}


def test_a_machine_without_a_card_is_told_so_and_goes_on(tmp_path, capsys):
    here = asker(tmp_path, quiet=True)
    questions.machine(here)
    assert questions.model(here) == ("", {})
    assert "That is fine" in capsys.readouterr().out


def test_the_text_models_of_an_ollama_are_offered_and_the_chosen_one_is_written(tmp_path, capsys):
    from tests.ollama import OllamaServer

    with OllamaServer("{}", {"qwen2.5:14b": 9, "gemma3:12b": 8}) as server:
        chosen = questions.writer(asker(tmp_path, "2\n"), server.url)
        assert chosen == {("writers", "ollama", "model"): "gemma3:12b"}
        assert questions.writer(asker(tmp_path, "-\n"), server.url) == {}
    assert questions.writer(asker(tmp_path), NOBODY) == {}
    assert f"No Ollama answers at {NOBODY}" in capsys.readouterr().out


def test_the_service_is_installed_by_the_command_of_that_name_for_this_config(tmp_path):
    told = []
    app = typer.Typer(add_completion=False)

    def install(context: typer.Context, user: bool = typer.Option(False, "--user")) -> None:
        told.append((context.obj.path, user))
        raise typer.Exit(3 if len(told) > 1 else 0)

    app.callback()(lambda: None)
    app.command("install")(install)
    session = Session(write_config(tmp_path))
    group = typer.main.get_command(app)
    assert install_service(group, session)
    assert not install_service(group, session)  # it failed, and setup says so
    assert told == [(tmp_path / "config.yaml", True)] * 2


def test_an_address_for_messages_is_kept_as_a_secret_and_stands_neither_in_the_config_nor_on_the_screen(tmp_path):
    asked = b"\n" * 5 + b"telegram\n"  # language, folder, two markets, money; then who is told
    first = b"not-an-address\n"
    address = b"tgram://123456789:AAsecretsecret/4242\n"
    code, shown = on_terminal(tmp_path, asked, then=[(7, first), (8, address), (9, b"y\n"), (10, b"n\n")])
    assert code == 0, shown
    assert load(tmp_path / "config.yaml").notify.urls == ("secret:telegram",)
    assert "AAsecret" not in shown + (tmp_path / "config.yaml").read_text("utf-8")
    assert "This is no address for telegram" in shown
    kept = tmp_path / ".stockgen" / "secrets" / "notify_telegram"
    assert (kept.read_bytes(), kept.stat().st_mode & 0o077) == (address, 0)
    assert "notify test" in shown


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_example_at_the_end_is_read_as_it_is_meant(desk, language):
    words = {"en": "spring flowers | 5", "ko": "봄꽃 5장"}[language]
    assert words in Messages(language)("setup.next", start="", inbox="", outbox="", command="")
    (order,) = desk()("check", desk().write("example.txt", words + "\n"), "--json").json["orders"]
    assert order["count"] == 5


def test_commands_in_the_ending_work_from_any_folder(tmp_path):
    folder = tmp_path / "my pictures"
    code, shown = on_terminal(folder, b"\n" * 7 + b"n\n" * 2)
    assert code == 0, shown
    flat = shown.replace("\r\n", " ")
    assert f"cd '{folder}' && " in flat
    assert not re.search(r"(?<!&& )\bstockgen (doctor|setup|daemon)", flat.replace(str(ROOT), ""))
