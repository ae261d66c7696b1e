"""Which language is spoken, the user's own sentences, and what a hostile fact can't do."""

from __future__ import annotations

from pathlib import Path

import pytest

from stockgen.domain.errors import ConfigError, UsageError
from stockgen.domain.words import Remark
from stockgen.messages import Messages, explained, language_of


def own(folder: Path, text: str, language: str = "en") -> Path:
    path = folder / "messages" / f"{language}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(("environment", "language"), [
    ({"LANG": "ko_KR.UTF-8"}, "ko"),
    ({"LANG": "en_US.UTF-8"}, "en"),
    ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
    ({"LC_ALL": "", "LC_MESSAGES": "ko_KR.UTF-8", "LANG": "C"}, "ko"),
    ({}, "en"),
])  # fmt: skip
def test_auto_follows_the_system(environment, language):
    assert language_of("auto", environment) == language
    assert language_of("ko", environment) == "ko"


def test_the_users_own_sentence_is_spoken_and_the_others_stay(tmp_path):
    say = Messages("en", own(tmp_path, "command:\n  resumed: Onwards!\n"))
    assert say("command.resumed") == "Onwards!"
    assert say("command.paused") == Messages("en")("command.paused")


def test_a_sentence_of_another_version_does_no_harm(tmp_path):
    assert Messages("en", own(tmp_path, "no_such: {thing: x}\n"))("command.resumed")


@pytest.mark.parametrize("text", ["- a\n", "a: [\n", "command:\n  resumed: 'on {nowhere}'\n", "command: '{'\n", "\x07"])
def test_a_faulty_file_of_ones_own_is_told_by_its_name(tmp_path, text):
    with pytest.raises(ConfigError) as caught:
        Messages("en", own(tmp_path, text))
    assert "en.yaml" in explained(caught.value, Messages("en"))


def test_own_sentences_saved_as_anything_but_utf8_are_told(tmp_path):
    own(tmp_path, "a: b")
    (tmp_path / "messages" / "en.yaml").write_bytes("a: 벚꽃".encode("cp949"))
    with pytest.raises(ConfigError):
        Messages("en", tmp_path)


def test_a_file_name_cannot_steer_the_terminal():
    told = Messages("en").tell(Remark("submit.dropped", facts={"name": "a\x1b[2J\u202egpj\x9b1m\nb\udcff"}))
    assert told.isprintable()
    assert "\n" not in told


def test_a_remark_inside_a_remark_speaks_the_same_language():
    inner = Remark("system.ENOSPC")
    assert "디스크가 가득" in Messages("ko").tell(Remark("error.no_file", facts={"path": "a", "detail": inner}))


def test_every_fault_is_told_with_its_line():
    error = UsageError("no_file", [Remark("error.config_mapping", 7)], path="a", detail="b")
    assert explained(error, Messages("en")).splitlines()[1].startswith("  - Line 7: ")


@pytest.mark.parametrize(("lines", "said"), [
    ([None], "Onwards!"),
    ([None, 4], "Onwards!"),
    ([4, 4], "Line 4: Onwards!"),
    ([9, 2], "Lines 2, 9: Onwards!"),
    ([2, 3], "Lines 2, 3: Onwards!"),
    ([2, 3, 4, 5, 7, 9, 10], "Lines 2–5, 7, 9, 10: Onwards!"),
])  # fmt: skip
def test_what_is_true_of_many_lines_is_said_once(tmp_path, lines, said):
    say = Messages("en", own(tmp_path, "command:\n  resumed: Onwards!\n"))
    assert say.each(Remark("command.resumed", line) for line in lines) == [said]


def test_what_differs_is_said_each_time_in_the_order_in_which_it_came():
    say = Messages("en")
    told = [Remark("command.no_job", line, {"job": job}) for line, job in ((3, "b"), (1, "a"), (2, "b"))]
    assert [one[:10] for one in say.each(told)] == ["Lines 2, 3", "Line 1: Th"]


def test_sentences_of_ones_own_are_spoken_by_nobody_else(tmp_path: Path) -> None:
    before = Messages("en")("basket.nothing")
    assert Messages("en", own(tmp_path, "basket: {nothing: All sold.}\n"))("basket.nothing") == "All sold."
    assert Messages("en")("basket.nothing") == before != "All sold."
