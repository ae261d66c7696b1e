"""Which file is read, what its paths are relative to, and what a reload may change."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from stockgen.config import changed, find
from stockgen.config.model import RELOADABLE, Config
from stockgen.domain.errors import ConfigError


def test_the_option_wins_over_the_environment_and_that_over_the_folder(tmp_path, monkeypatch):
    paths = [tmp_path / "option" / "a.yaml", tmp_path / "environment" / "b.yaml", tmp_path / "config.yaml"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    environment = {"STOCKGEN_CONFIG": str(paths[1])}
    assert [find(paths[0], environment), find(None, environment), find(None, {})] == paths
    assert find(None, {"STOCKGEN_CONFIG": ""}) == paths[2]


def test_the_environment_names_a_missing_file_and_no_other_is_read_instead(tmp_path, monkeypatch):
    (tmp_path / "config.yaml").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        find(None, {"STOCKGEN_CONFIG": "other.yaml"})
    assert caught.value.code == "config_missing"


def test_a_folder_is_answered_with_the_file_in_it(tmp_path):
    with pytest.raises(ConfigError) as caught:
        find(tmp_path, {})
    assert caught.value.code == "config_folder"


def test_paths_are_relative_to_the_file_and_not_to_where_one_stands(read, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    config = read("inbox: {path: 작업/in}\noutbox: {path: /somewhere/out}\n")
    assert config.inbox.path == tmp_path / "작업" / "in"
    assert config.outbox.path == Path("/somewhere/out")
    assert config.outbox.staging == Path("/somewhere/.out.staging")
    assert config.state == tmp_path / ".stockgen"


def test_a_tilde_is_the_home_folder_and_no_folder_of_that_name(read, monkeypatch):
    monkeypatch.setenv("HOME", "/home/minji")
    assert read("inbox: {path: ~/stock/in}").inbox.path == Path("/home/minji/stock/in")


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("2s", 2), ("1.5m", 90), ("24h", 86400), ("14 d", 1209600)]
)
def test_durations_have_units(read, text, seconds):
    assert read(f"inbox: {{rescan: {text}}}").inbox.rescan == seconds


@pytest.mark.parametrize("said", ["off", "OFF", "'Off '", "no", "null"])
def test_off_means_never_for_each_time_in_each_way_to_write_it(read, said):
    config = read(f"report: {{at: {said}}}\nbaskets: {{at: {said}}}\n")
    assert (config.report.at, config.baskets.at) == (None, None)


def test_nothing_changes_after_loading(read):
    config = read()
    with pytest.raises(ValidationError):
        config.language = "ko"
    with pytest.raises(ValidationError):
        config.inbox.settle = 5.0


def test_a_reload_takes_what_it_may_and_names_what_it_may_not(read):
    old = read()
    new = read("defaults: {count: 9}\nlanguage: ko\ninbox: {settle: 9s}\n")
    config, restart = changed(old, new)
    assert (config.defaults.count, config.language, config.inbox.settle) == (9, "auto", 2.0)
    assert restart == ["language", "inbox"]


def test_an_unchanged_file_changes_nothing(read):
    assert changed(read("language: ko"), read("language: ko")) == (read("language: ko"), [])


def test_every_reloadable_name_is_a_part_of_the_config():
    parts = Config.model_fields
    for part, _, key in (name.partition(".") for name in RELOADABLE):
        assert not key or key in type(parts[part].default).model_fields
        assert part in parts


def test_single_keys_of_a_part_are_applied_and_its_others_named_key_by_key(read):
    new = read("gpu: {hours: '8:00-9:00', pinned: [sdxl-base], plan: offload, devices: [cpu]}\n")
    config, restart = changed(read(), new)
    assert (config.gpu.hours, config.gpu.pinned, config.gpu.plan) == ("08:00-09:00", ("sdxl-base",), "auto")
    assert restart == ["gpu.devices", "gpu.plan"]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_shipped_config_says_exactly_the_defaults(read, language):
    shipped = Path(__file__).parents[2] / "stockgen" / "config" / f"default.{language}.yaml"
    assert read(shipped.read_bytes()) == read("")
