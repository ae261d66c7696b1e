"""A process that dies with a key in its memory or in its last words leaves neither behind."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stockgen.domain.errors import PluginBroke
from stockgen.domain.hiding import hidden
from stockgen.domain.protocols import Outcome
from stockgen.lanes.customs import checked, failure
from tests.house import ROOT
from tests.lanes.harness import Bench
from tests.secrets.keys import GOOGLE, OPENAI, PLAIN, leaks

CORES = Path("/proc/sys/kernel/core_pattern")
DIE = "import os, signal; key = {key!r}; {guard}; os.kill(os.getpid(), signal.SIGABRT)"
GUARD = "from stockgen.privacy import no_core_dumps; no_core_dumps()"
plain_cores = pytest.mark.skipif(not CORES.exists() or CORES.read_text().startswith(("|", "/", "@")),
                                 reason="this kernel hands cores to a program, or writes them elsewhere")  # fmt: skip


def allowed() -> None:
    """As `ulimit -c unlimited`."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def dead(guard: str, folder: Path) -> None:
    """A process that holds a key dies in `folder`, where cores are allowed."""
    code = DIE.format(key=OPENAI, guard=guard)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    died = subprocess.run(command, cwd=folder, env=environment, preexec_fn=allowed, check=False)
    assert died.returncode == -signal.SIGABRT


@plain_cores
def test_a_crash_leaves_no_core_with_a_key_in_it(tmp_path):
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("cores are forbidden here")
    unguarded, guarded = tmp_path / "unguarded", tmp_path / "guarded"
    for folder, guard in ((unguarded, "pass"), (guarded, GUARD)):
        folder.mkdir()
        dead(guard, folder)
    if not list(unguarded.iterdir()):
        pytest.skip("this kernel writes no cores")
    assert leaks(unguarded, OPENAI)
    assert list(guarded.iterdir()) == []


def test_the_limit_is_the_one_that_also_stops_cores_that_go_to_a_program():
    told = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
    for before, after in (
        ("pass", {"(1, 1)", "(0, 0)"}),
        ("resource.setrlimit(resource.RLIMIT_CORE, (0, 0))", {"(0, 0)"}),
    ):
        code = f"import resource; {before}; {GUARD}; {told}"
        said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        assert said.stdout.strip() in after


LAST_WORDS = f"""
import gc, logging, threading, sys
from stockgen.privacy import last_words
last_words(lambda text: __import__("stockgen.domain.hiding", fromlist=["hidden"]).hidden(text, [{PLAIN!r}]))

class Odd:
    def __del__(self):
        raise ValueError("unraisable {PLAIN}")

def broken():
    raise ValueError("thread {OPENAI}")

thread = threading.Thread(target=broken); thread.start(); thread.join()
odd = Odd(); del odd
logging.getLogger("openai").warning("library %s", "{GOOGLE}")
logging.getLogger("httpx").info("not told")
try:
    raise ValueError("inner {OPENAI}")
except ValueError as error:
    raise KeyError("outer {PLAIN}") from error
"""


def test_what_nobody_caught_is_told_without_its_key():
    done = subprocess.run([sys.executable, "-c", LAST_WORDS], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert not any(key in done.stderr for key in (OPENAI, GOOGLE, PLAIN))
    for words in ("thread ***", "unraisable ***", "library ***", "inner ***", "outer ***", "Traceback", "line"):
        assert words in done.stderr
    assert "not told" not in done.stderr


# -- lanes -----------------------------------------------------------------------------------------------------


def test_an_error_that_quotes_a_key_passes_without_it(tmp_path):
    foreign = RuntimeError(f"401: {{'key': '{PLAIN}'}} {OPENAI}" + "x" * 500)
    broke = failure(foreign, lambda text: hidden(text, [PLAIN]))
    assert not any(key in f"{broke.error} {broke.facts}" for key in (OPENAI, PLAIN))
    ours = PluginBroke("plugin_broke", detail=f"Bearer {OPENAI}", deep=[{"body": GOOGLE}])
    outcome = checked(Outcome(shot=1, seconds=0.0, error=ours, facts={"headers": {"authorization": PLAIN}}), tmp_path)
    for key in (OPENAI, GOOGLE, PLAIN):
        assert key not in f"{outcome.error} {outcome.facts}"


def test_the_reason_is_hidden_before_it_is_cut_so_that_no_half_of_a_key_is_left():
    broke = failure(RuntimeError("x" * 170 + " " + OPENAI))
    assert OPENAI[:12] not in str(broke.error)


def test_a_process_that_renders_gets_no_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", OPENAI)
    monkeypatch.setenv("SOMEBODYS_TOKEN", PLAIN)
    monkeypatch.setenv("STOCKGEN_TEST", "stays")
    bench = Bench("process", tmp_path / "spool")
    bench.spool.mkdir()
    try:
        pid = bench.render("fine")[1].facts["pid"]
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    finally:
        bench.close()
    assert OPENAI.encode() not in environment
    assert PLAIN.encode() not in environment
    assert b"STOCKGEN_TEST=stays" in environment
    assert threading.active_count() >= 1
