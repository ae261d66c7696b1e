"""One thread for linear algebra where nobody has said otherwise."""

from __future__ import annotations

import subprocess
import sys

import pytest

from stockgen.threads import LIMIT, OTHERS, one_thread, unlimited

COUNT = """
import os
from stockgen.threads import one_thread
one_thread(os.environ)
import numpy
numpy.ones((500, 500)) @ numpy.ones((500, 500))
print(len(os.listdir("/proc/self/task")))
"""


def test_numpy_starts_no_thread_for_each_core(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (LIMIT, *OTHERS):
        monkeypatch.delenv(name, raising=False)
    done = subprocess.run([sys.executable, "-c", COUNT], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["1"]


@pytest.mark.parametrize("name", [LIMIT, *OTHERS])
def test_what_its_user_has_said_of_threads_holds(name: str) -> None:
    said = {name: "3"}
    one_thread(said)
    assert said == {name: "3"}
    assert unlimited(said) == {name: "3"}


def test_who_renders_gets_no_limit_of_ours() -> None:
    ours = {"PATH": "/bin"}
    one_thread(ours)
    one_thread(ours)  # a program that starts another one says it twice
    assert ours[LIMIT] == "1"
    assert unlimited(ours) == {"PATH": "/bin"}
