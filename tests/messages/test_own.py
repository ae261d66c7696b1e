"""Commands in sentences are those of the installation that speaks."""

from __future__ import annotations

import json
import re
import shlex
import sys

import pytest

from stockgen.domain.installing import pip, wanted
from stockgen.messages import Messages
from tests.messages.conftest import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_command_that_adds_packages_is_for_the_python_that_runs(language):
    said = Messages(language)("error.no_packages")
    assert f"{shlex.quote(sys.executable)} -m pip install " in said
    assert "local]" in said


def test_a_clone_is_installed_again_from_where_it_is_and_a_wheel_by_name(tmp_path):
    clone = tmp_path / "my clone"
    clone.mkdir()
    (clone / "pyproject.toml").touch()
    told = {"url": clone.as_uri(), "dir_info": {"editable": True}}
    assert shlex.split(wanted(json.dumps(told), "local")) == ["-e", f"{clone}[local]"]
    assert shlex.split(wanted(json.dumps(told | {"dir_info": {}}), "local,cutout")) == [f"{clone}[local,cutout]"]
    (clone / "pyproject.toml").unlink()  # the clone is gone
    for other in (json.dumps(told), "", "nonsense", "[]"):
        assert shlex.split(wanted(other, "notify")) == ["stockgen[notify]"]
    assert shlex.split(pip("/a b/python"))[0] == "/a b/python"


def test_no_particle_of_the_first_evening_depends_on_a_value(texts):
    both = re.compile(r"(은\(는\)|이\(가\)|을\(를\)|과\(와\)|와\(과\)|\(으\)로)")
    said = [
        code for code, text in texts["ko"].items() if code.split(".")[0] in ("doctor", "setup") and both.search(text)
    ]
    assert said == []
