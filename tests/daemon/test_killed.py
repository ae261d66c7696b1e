"""Killed anywhere between seeing a picture with its job file and having moved both: nothing lost, nothing doubled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import ROOT


@pytest.mark.torture
@pytest.mark.timeout(1200)
def test_a_kill_at_any_call_leaves_one_job_and_both_files_where_they_belong(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.daemon.killed", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[-1]) >= 20  # kills
