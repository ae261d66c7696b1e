"""One unit for the sizes of disks and cards, so that two places never tell two numbers of one disk."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest


@pytest.mark.parametrize("language", ["en", "ko"])
def test_gigabytes_are_told_in_one_unit(language: str) -> None:
    text = (files("stockgen.messages") / f"{language}.yaml").read_text("utf-8")
    assert re.findall(r"\} ?[MGT]iB", text)
    assert re.findall(r".*\} ?[GT]B\b.*", text) == []
