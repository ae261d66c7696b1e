"""A daemon that buys, fails in every way that tells a key, and crashes; then every byte that it left is searched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from stockgen.config.secrets import keep
from stockgen.ledger import Ledger
from tests.clouds import Clouds
from tests.house import ROOT, SOON, write_config
from tests.lanes.harness import until
from tests.secrets.keys import GOOGLE, OPENAI, PLAIN, leaks

pytestmark = [pytest.mark.process, pytest.mark.slow, pytest.mark.timeout(300)]

KEYS = {"OPENAI_API_KEY": OPENAI, "GEMINI_API_KEY": GOOGLE, "MY_API_KEY": PLAIN}
JOBS = {
    "1": ("openai", 30, ["fine sea", "moderation sea", "cut sea", "page sea"]),
    "2": ("gemini", 20, ["fine hill", "safety hill"]),
    "3": ("blab", 10, ["breaks", "refuses", "warns", "tells"]),
    "4": ("gemini", 0, ["badkey hill"]),
    "5": ("openai", 0, ["badkey sea"]),
    "6": ("blab", -10, ["breaks later"]),
    "7": ("blab", -20, ["waits"]),  # at work when the daemon crashes; the next one asks what had come of it
}
FAULTS = {
    "moderation sea": "moderation_blocked", "cut sea": "truncated", "page sea": "html_200",
    "safety hill": "blocked:SAFETY", "badkey hill": "api_key_invalid", "badkey sea": "invalid_api_key",
}  # fmt: skip


COMMANDS = ("status --json", "doctor", "secret list", "pause", "ledger snapshot")
TELLING = ("3.yaml", "5.yaml")  # whose pages have the most to tell


def environment(root: Path, way: str) -> dict[str, str]:
    """Keys given in one of the three ways; nobody else's."""
    told = {name: value for name, value in os.environ.items() if name not in (*KEYS, "GOOGLE_API_KEY", "HF_TOKEN")}
    told |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENAI_LOG": "debug"}
    if way == "environment":
        return told | KEYS
    if way == "credential":
        folder = root.parent / "credentials"
        folder.mkdir()
        for name, key in KEYS.items():
            (folder / f"stockgen_{name.lower()}").write_text(f"{key}\n")
        return told | {"CREDENTIALS_DIRECTORY": str(folder)}
    for name, key in KEYS.items():
        keep(name, key, root / ".stockgen" / "secrets")
    return told


def config(clouds: Clouds) -> dict[str, Any]:
    return {
        "chains": {"auto": ["openai"], "blab": ["blabbing"]}, "money": {"per_month_usd": 50},
        "providers": {
            "openai": {"base_url": clouds.openai_url, "per_minute": 0, "quality": "low", "most": 1, "parallel": 1,
                       "megapixels": 0.7},
            "gemini": {"base_url": clouds.gemini_url, "per_minute": 0, "parallel": 1}, "blabbing": {},
        },
        "checks": {"duplicate": {"distance": 0}, "border": {"width": 0.5}, "artefacts": {"excess": 10}},
    }  # fmt: skip


def drop_jobs(root: Path) -> None:
    """All of them, the most telling last."""
    (root / "inbox").mkdir(exist_ok=True)
    for name, (model, priority, prompts) in JOBS.items():
        words = "".join(f'  - "a plain {prompt}"\n' for prompt in prompts)
        text = f"prompts:\n{words}size: 1024x640\nmodel: {model}\nmarkets: []\npriority: {priority}\n"
        (root / "inbox" / f"{name}.yaml").write_text(text)


class Crashed:
    """A daemon in a folder where cores may be written, and whatever commands said of it."""

    def __init__(self, root: Path, told: Mapping[str, str]) -> None:
        self.root, self._environment = root, told
        self.cwd, self.said = root.parent / "cwd", root.parent / "said"
        for folder in (self.cwd, self.said):
            folder.mkdir()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def own(self) -> list[Path]:
        """The files that people put keys into."""
        folders = (self.root / ".stockgen" / "secrets", self.root.parent / "credentials")
        return [file for folder in folders if folder.is_dir() for file in folder.iterdir()]

    def start(self) -> None:
        out, err = (self.said / "stdout").open("ab"), (self.said / "stderr").open("ab")
        self._process = self._run(
            "-m", "tests.launch_daemon", "--config", str(self.root / "config.yaml"), out=out, err=err
        )

    def _run(self, *words: str, out: BinaryIO, err: BinaryIO) -> subprocess.Popen[bytes]:
        command = ["sh", "-c", 'ulimit -S -c "$(ulimit -H -c)"; exec "$@"', "sh", sys.executable, *words]
        with out, err:
            return subprocess.Popen(command, cwd=self.cwd, env=self._environment, stdout=out, stderr=err)

    def asked(self, *words: str) -> None:
        """What a command prints is kept, too."""
        out, err = (self.said / "commands").open("ab"), (self.said / "complaints").open("ab")
        code = "import sys; from stockgen.cli import main; raise SystemExit(main(None, ('tests.providers_for_tests',)))"
        self._run("-c", code, "--config", str(self.root / "config.yaml"), *words, out=out, err=err).wait(SOON)

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = (self.said / "stdout").read_text().splitlines(keepends=True)
        told = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]  # whole ones
        return [line for line in told if line["event"] == name]

    def tried(self) -> set[int]:
        """The shots of which somebody has told how they ended."""
        names = ("rendered", "requeued", "failed")
        return {one["shot"] for name in names for one in self.events(f"shot.{name}")}

    def wait(self, done: Callable[[], bool]) -> None:
        assert self._process
        alive = self._process.poll
        came = until(lambda: done() or alive() is not None, SOON)
        assert came and alive() is None, (self.said / "stdout").read_text()[-3000:] + (self.said / "stderr").read_text()

    def abort(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGABRT)
        assert self._process.wait(SOON) == -signal.SIGABRT

    def end(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def clouds() -> Iterator[Clouds]:
    keys = {"openai": OPENAI, "gemini": GOOGLE}
    with Clouds(keys=keys, unmasked=True, signed=True, by_prompt=FAULTS) as services:
        yield services


# Once a key was read it makes no difference where it came from: one way is tried each time.
ELSEWHERE = pytest.mark.torture


@pytest.fixture(params=["credential", *(pytest.param(way, marks=ELSEWHERE) for way in ("environment", "file"))])
def crashed(request: pytest.FixtureRequest, tmp_path: Path, clouds: Clouds) -> Iterator[Crashed]:
    """A daemon that has made what it could of all jobs, was killed by SIGABRT at work, and again after a start."""
    root = tmp_path / "root"
    write_config(root, config(clouds))
    one = Crashed(root, environment(root, request.param))
    drop_jobs(root)
    one.start()
    try:
        one.wait(lambda: len(one.tried()) == sum(len(prompts) for _, _, prompts in JOBS.values()) - 1)
        one.wait(lambda: {event["shot"] for event in one.events("shot.claimed")} > one.tried())
        for words in (*COMMANDS, *(f"job {job}" for job in _jobs(root))):
            one.asked(*words.split())
        (one.said / "live.json").write_bytes((root / ".stockgen" / "live.json").read_bytes())
        one.abort()
        one.start()
        one.wait(lambda: len(one.events("daemon.ready")) == 2)
        one.abort()
        yield one
    finally:
        one.end()


def _jobs(root: Path) -> list[str]:
    ledger = Ledger.reading(root / ".stockgen")
    try:
        return [row["id"] for row in ledger.query("SELECT id, source_name FROM jobs") if row["source_name"] in TELLING]
    finally:
        ledger.close()


def test_no_byte_that_is_left_holds_a_key_but_its_own_file(crashed: Crashed) -> None:
    found = leaks(crashed.root.parent, *KEYS.values())
    assert found.keys() == {str(path.relative_to(crashed.root.parent)) for path in crashed.own}, found
    assert list(crashed.cwd.iterdir()) == []  # no core
    # It was no idle search: pictures were bought, services and plugins did tell keys, and each wall has seen some.
    assert len(list(crashed.root.glob("outbox/**/*.jpg"))) >= 3
    ended = [*crashed.events("shot.failed"), *crashed.events("shot.requeued")]
    reasons = {str(event["reason"]).split(":")[0] for event in ended}
    assert {"cloud_key_refused", "plugin_broke", "refused", "cloud_refused"} <= reasons
    traces = "".join(event["traceback"] for event in crashed.events("bug"))
    assert "inner: used *** and ***" in traces
    assert "redeemed: used *** and ***" in traces
    assert "warned: used *** and ***" in (crashed.said / "stderr").read_text()
    assert "thread: used ***" in (crashed.said / "stderr").read_text()
