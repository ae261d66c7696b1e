"""What can be wrong with the file itself is told with its line, never as a traceback."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from stockgen.config import load
from stockgen.domain.errors import ConfigError, UsageError

LAYOUT = "The layout of this line can't be understood: "


@pytest.mark.parametrize(("text", "line", "beginning"), [
    ("language: en\nlanguage: ko\n", 2, "`language` stands here a second time"),
    ("inbox:\n  path: a\n  path: b\n", 3, "`path` stands here a second time"),
    ("inbox:\n\tpath: a\n", 2, "There is a TAB in 'path: a'"),
    ("language: en: ko\n", 1, LAYOUT + "language: en: ko"),
    ("language: [en\n", 2, LAYOUT + "language: [en"),
    ("a: 1\n b: 2\n", 2, LAYOUT + "b: 2"),
    ("[a]: b\n", 1, LAYOUT),
    ("{a: b}: c\n", 1, LAYOUT),
    ("a: !!python/name:os.system x\n", 1, LAYOUT),
    ("a: &x {b: *x}\n", 1, "References can't be used here"),
    ("language: en\nstate: \x07\n", 2, "There is a sign here"),
    (b"language: en\nrights: {creator: \xb1\xe8}\n", 2, "The letters can't be read"),
])  # fmt: skip
def test_a_line_that_cannot_be_read_is_named(told, text, line, beginning):
    (fault,) = told(text)
    assert fault.startswith(f"Line {line}: {beginning}")


def test_a_list_is_no_config(told):
    assert told("- language: en") == ["The file must consist of `key: value` lines."]


def test_an_empty_file_means_all_defaults(read):
    assert read("") == read("# nothing\n")
    assert read("").defaults.count == 4


def test_a_byte_order_mark_does_no_harm(read):
    assert read("\ufefflanguage: ko").language == "ko"


def test_a_file_nested_without_end_is_refused(told):
    assert told("[" * 50_000)


def test_a_file_that_may_not_be_read_says_so(tmp_path):
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert caught.value.facts["detail"].code == "system.EISDIR"


@given(some.text(alphabet="ab:-[]{}&*!|>'\"#%@`\n\t ,?0\x00é벚", max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_whatever_stands_there_is_a_config_or_a_config_error(write, text):
    try:
        load(write(text.encode()))
    except ConfigError as error:
        assert error.remarks


def test_a_key_that_yaml_takes_for_a_truth_value_is_a_name(read):
    assert read(b"notify:\n  on: [report]\n").notify.on == ("report",)
    assert [*read(b"presets:\n  no: {count: 2}\n").presets] == ["no"]
