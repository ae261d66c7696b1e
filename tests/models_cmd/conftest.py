"""A folder with a config, a hub of our own, and `stockgen models` typed in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from stockgen.gpu.weights import WeightsIndex
from tests.house import ROOT, SOON, write_config
from tests.models_cmd.hub_server import HubServer

PLUGINS = ("tests.providers_for_tests",)
TYPED = f"import sys; from stockgen.cli import main; raise SystemExit(main(sys.argv[1:], {PLUGINS!r}))"
FOREIGN = ("HF_TOKEN", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "CREDENTIALS_DIRECTORY", "HUGGING_FACE_HUB_TOKEN")
ENTRY: Mapping[str, Any] = {
    "title": {"en": "mine", "ko": "내 것"},
    "provider": "scripted",
    "licence": "Apache-2.0",
    "sellable": True,
    "look": "diffusion",
    "source": "a test",
    "drawing": {"pipeline": "X", "pixels": 96 * 96, "steps": 4, "guidance": 0, "guided": False, "tokens": 77,
                "dtype": "float16"},
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def all(self) -> str:
        return self.out + self.err


class Desk:
    """Commands in one folder, against one hub."""

    def __init__(self, root: Path, hub: HubServer, language: str = "en") -> None:
        self.root, self.hub = root, hub
        self.my = root / "my"
        self.cache = root / "hf" / "hub"
        self._models: dict[str, Any] = {}
        write_config(root, {"language": language})

    def model(self, name: str, source: str | None = None, **over: Any) -> None:
        """An entry of the user's own catalogue; keys of `over` replace those of ENTRY, those of `weights` are added."""
        weights = {"weights": {"source": source} | over.pop("weights", {})} if source else {}
        self._models[name] = dict(ENTRY) | weights | over
        file = self.my / "catalog" / "mine.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(self._models, allow_unicode=True), "utf-8")

    def start(self, *words: str, stdin: int = subprocess.DEVNULL, **environment: str) -> subprocess.Popen[str]:
        """`stockgen models words` in a process of its own, which the caller ends."""
        command = [sys.executable, "-c", TYPED, "--config", str(self.root / "config.yaml"), "models", *words]
        ours = {key: value for key, value in os.environ.items() if key not in FOREIGN}
        ours |= {"OMP_NUM_THREADS": "1", "HF_ENDPOINT": self.hub.url, "HF_HOME": str(self.root / "hf"),
                 "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost",
                 "PYTHONPATH": str(ROOT)} | environment  # fmt: skip
        return subprocess.Popen(
            command, cwd=self.root, env=ours, text=True, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def __call__(self, *words: str, typed: str | None = None, **environment: str) -> Said:
        """The same, to its end; `typed`: what is answered to its questions."""
        process = self.start(*words, stdin=subprocess.DEVNULL if typed is None else subprocess.PIPE, **environment)
        out, err = process.communicate(typed, timeout=SOON)
        return Said(process.returncode, out, err)

    @property
    def index(self) -> WeightsIndex:
        return WeightsIndex(self.root / ".stockgen" / "models", self.my)

    def json_of(self, name: str) -> dict[str, Any]:
        """What `models list` says of a model."""
        return next(row for row in self("list", "--json").json if row["name"] == name)

    def on_disk(self) -> int:
        """Bytes in the cache, each file once."""
        files = [path for path in self.cache.rglob("*") if path.is_file() and not path.is_symlink()]
        return sum(path.stat().st_size for path in files if path.parent.name == "blobs")


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, hub: HubServer) -> Desk:
    return Desk(tmp_path, hub)


@pytest.fixture
def desk_in(tmp_path: Path, hub: HubServer) -> Callable[[str], Desk]:
    """Builds one that speaks another language."""
    return lambda language: Desk(tmp_path, hub, language)
