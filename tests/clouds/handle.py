"""The tests' hold on the server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import requests

from tests.clouds.books import Arrival
from tests.clouds.faults import BOTH, GEMINI, OPENAI
from tests.clouds.settings import GEMINI_KEY, OPENAI_KEY

ROOT = Path(__file__).parents[2]
SOON = 60.0


class Clouds:
    """`with Clouds(latency=2.0) as clouds: clouds.openai_url, clouds.openai_key, clouds.arrivals, clouds.micros`.

    Settings are those of `Settings`; faults are written as tests/clouds/faults.py tells. What each fact counts is told
    in tests/clouds/__init__.py.
    """

    openai_key = OPENAI_KEY
    gemini_key = GEMINI_KEY

    def __init__(self, **settings: Any) -> None:
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._port = 0
        self._session = requests.Session()
        self._session.trust_env = False

    # -- its process -------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.clouds"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        assert self._process.stdout
        self._port = int(self._process.stdout.readline())
        self.configure(**self._settings)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._session.close()

    def stop(self) -> None:
        """The services are away: connections are refused from now on. What was counted is lost."""
        process = self._process
        if process is None:
            return
        assert process.stdin and process.stdout
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        self._process = None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    # -- where clients find it ---------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """For `genai.Client(http_options=HttpOptions(base_url=…))`."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def gemini_url(self) -> str:
        return self.url

    @property
    def openai_url(self) -> str:
        """For `openai.OpenAI(base_url=…)`."""
        return f"{self.url}/v1"

    # -- orders ------------------------------------------------------------------------------------------------

    def configure(self, **settings: Any) -> None:
        """Change some settings, from the next request on."""
        self._post("configure", settings)

    def script(self, service: str, *faults: str) -> None:
        """What the next valid requests to `service` get, in order of arrival; comes before any storm."""
        self._post("script", {"service": service, "faults": faults})

    def storm(self, share: float, seed: int, kinds: Sequence[str], services: Sequence[str] = BOTH) -> None:
        """From now on a share of the requests goes wrong, drawn by seed, prompt and how often that was asked."""
        self._post("storm", {"share": share, "seed": seed, "kinds": list(kinds), "services": list(services)})

    def calm(self) -> None:
        """The storm is over."""
        self._post("storm", {})

    # -- facts -------------------------------------------------------------------------------------------------

    def facts(self) -> dict[str, Any]:
        """All of one instant."""
        return self._get("facts", {}, SOON)

    @property
    def arrivals(self) -> list[Arrival]:
        """All requests for pictures, in order."""
        return [Arrival(**one) for one in self.facts()["arrivals"]]

    @property
    def images(self) -> int:
        """Pictures that were billed."""
        return int(self.facts()["images"])

    @property
    def micros(self) -> int:
        """Micro-USD that were billed."""
        return int(self.facts()["micros"])

    @property
    def delivered(self) -> int:
        """Pictures billed whose whole answer has reached the client's computer."""
        return int(self.facts()["delivered"])

    def most_parallel(self, service: str = OPENAI) -> int:
        """The greatest number of requests to a service that were open at one time."""
        return int(self.facts()["most_parallel"].get(service, 0))

    def wait(self, seconds: float = SOON, *, arrivals: int = 0, images: int = 0, quiet: bool = False) -> bool:
        """Until so many requests have come, so many pictures were billed and, if `quiet`, no request is open."""
        told: dict[str, Any] = {"seconds": seconds, "arrivals": arrivals, "images": images}
        return bool(self._get("wait", told | ({"quiet": 1} if quiet else {}), seconds + SOON)["came"])

    def _get(self, what: str, told: dict[str, Any], timeout: float) -> dict[str, Any]:
        response = self._session.get(f"{self.url}/_control/{what}", params=told, timeout=timeout)
        response.raise_for_status()
        found: dict[str, Any] = response.json()
        return found

    def _post(self, what: str, told: dict[str, Any]) -> None:
        response = self._session.post(f"{self.url}/_control/{what}", json=told, timeout=SOON)
        if response.status_code != 200:
            raise ValueError(response.json()["error"])


__all__ = ["GEMINI", "OPENAI", "Clouds"]
