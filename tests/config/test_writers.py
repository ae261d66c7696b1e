"""Writers of the config: a name of nothing and a wrong option are told; the others are there in the config's order."""

from __future__ import annotations

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.config import load
from stockgen.domain.errors import WriterLacks
from stockgen.domain.protocols import Brief
from tests.ollama import OllamaServer


def test_a_writer_that_does_not_exist_is_told_with_those_that_there_are(mismatches):
    (fault,) = mismatches("writers: {olama: {}}")
    assert fault.startswith("There is no writer `olama`. There are: canned")


def test_a_wrong_option_of_a_writer_is_told(mismatches):
    (fault,) = mismatches("writers: {canned: {answer: x, answers: y}}")
    assert "writers.canned.answer" in fault


def test_answers_come_in_turn_and_begin_anew(write):
    path = write("writers: {canned: {answers: answers.txt}}")
    (writer,) = Catalogue(load(path), path.parent / "my").writers.values()
    assert isinstance(writer.missing(), WriterLacks)
    (path.parent / "my").mkdir()
    (path.parent / "my" / "answers.txt").write_text("one\n===\ntwo", encoding="utf-8")
    assert writer.missing() is None
    assert [writer.write(Brief(text="?", schema={})) for _ in range(3)] == ["one", "two", "one"]
    with pytest.raises(WriterLacks):
        writer.embed(["a"])


def test_pictures_can_not_be_judged_where_no_writer_sees(mismatches):
    (fault,) = mismatches("checks: {vision: {least: 5}}\nwriters: {ollama: {model: a}}\n")
    assert fault.startswith("`checks.vision` needs a writer that sees")


def test_a_key_that_was_put_into_the_state_folder_is_found_there(write):
    with OllamaServer("{}", key="sk-sesame") as server:
        over = f"{{url: '{server.url}/v1', model: 'qwen2.5:14b', key: STOCKGEN_TEST_KEY}}"
        path = write(f"writers: {{openai_compatible: {over}}}")
        catalogue = Catalogue(load(path), path.parent / "my")
        (writer,) = catalogue.writers.values()
        assert "STOCKGEN_TEST_KEY" in str(writer.missing())
        secrets = catalogue.config.state / "secrets"
        secrets.mkdir(parents=True)
        (secrets / "stockgen_test_key").write_text("sk-sesame\n")
        (secrets / "stockgen_test_key").chmod(0o644)
        lack = writer.missing()
        assert (lack.code, lack.facts["quoted"]) == ("writer_key_open", str(secrets / "stockgen_test_key"))
        (secrets / "stockgen_test_key").chmod(0o600)
        assert writer.missing() is None


def test_who_turns_the_eye_on_hears_how_it_is_written(told):
    for found in ("on", "yes", "5", "[5]"):
        (fault,) = told(f"checks: {{vision: {found}}}")
        assert "{least: 5}" in fault
    (fault,) = told("checks: {vision: {lest: 5}}")
    assert "`least`" in fault
