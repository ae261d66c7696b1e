"""The line to a text model's server: time-outs, streams, and the only place that knows the errors of `requests`."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from stockgen.domain.errors import WriterAway
from stockgen.domain.hiding import hidden
from stockgen.writers._here import is_near

if TYPE_CHECKING:
    import requests

CONNECT = 3.05  # seconds to reach a server; a little more than one lost packet costs
QUICK = 10.0  # seconds for a question that needs no model
LONGEST_LINE = 4_000_000  # characters of one line of a stream; vectors of hundreds of texts stay below
DETAIL = 200  # characters of a server's own words that are kept


class Declined(Exception):
    """The server answered with a status of 400 or more. `said`: its own words, one line."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status}: {said}")
        self.status = status
        self.said = said


class Line:
    """Requests to one server. `name` is the writer's, for sentences.

    `off`: the sentence for a server that is not there. `silence`: seconds without a byte that end a request. `total`:
    seconds that one stream may take in all. `headers`: asked for at every request, because a key may be added while we
    run.
    """

    def __init__(
        self,
        url: str,
        name: str,
        *,
        silence: float,
        total: float,
        off: str = "writer_unreachable",
        headers: Callable[[], Mapping[str, str]] = dict,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url.rstrip("/")
        self.name = name
        self._silence = silence
        self._total = total
        self._off = off
        self._headers = headers
        self._monotonic = monotonic
        self._made: requests.Session | None = None

    def get(self, path: str) -> Any:
        """The JSON at `path`. Raises Declined; WriterAway where nothing of use answers."""
        with self._talking():
            response = self._session.get(self.url + path, headers=self._headers(), timeout=(CONNECT, self._quick))
            return self._json(response)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON that answers `body`. Raises Declined, WriterAway."""
        with self._talking():
            wait = (CONNECT, self._silence)
            response = self._session.post(self.url + path, json=body, headers=self._headers(), timeout=wait)
            return self._json(response)

    def stream(self, path: str, body: Mapping[str, Any]) -> Iterator[str]:
        """The lines that answer `body`, as they come; ends early after `total` seconds. Raises Declined, WriterAway.

        A server that does not stream gives its whole answer as one line. Whoever stops asking for lines hangs up.
        """
        end = self._monotonic() + self._total
        with self._talking():
            wait = (CONNECT, self._silence)
            headers = self._headers()
            with self._session.post(self.url + path, json=body, headers=headers, timeout=wait, stream=True) as response:
                self._check(response)
                for line in response.iter_lines(chunk_size=None, delimiter=b"\n"):
                    if len(line) > LONGEST_LINE:
                        raise self.unlike("…")
                    if line.strip():
                        yield line.decode("utf-8", errors="replace")
                    if self._monotonic() > end:
                        return

    def parsed(self, line: str) -> Mapping[str, Any]:
        """One line as JSON. Raises WriterAway where it is none."""
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise self.unlike(line) from error
        if not isinstance(value, dict):
            raise self.unlike(line)
        return value

    def unlike(self, said: str) -> WriterAway:
        """Something answers there, but no text model: a proxy, a router, another program."""
        said = self.hide(_one_line(said))
        return WriterAway("writer_no_json", writer=self.name, url=self.url, detail=said[:DETAIL])

    def hide(self, text: str) -> str:
        """What the server said, without the key that it was asked with: errors quote it, and are kept and told."""
        return hidden(text, [value.rpartition(" ")[2] for value in self._headers().values()])

    @property
    def _quick(self) -> float:
        return min(QUICK, self._silence)

    @property
    def _session(self) -> requests.Session:
        import requests

        if self._made is None:
            self._made = requests.Session()
            # HTTP_PROXY and .netrc are for the web; a model on this computer must not be looked for behind a proxy.
            self._made.trust_env = not is_near(self.url)
        return self._made

    def _json(self, response: requests.Response) -> Any:
        self._check(response)
        return self.parsed(response.content.decode("utf-8", errors="replace"))

    def _check(self, response: requests.Response) -> None:
        if response.status_code >= 400:
            said = self.hide(_said(response.content.decode("utf-8", errors="replace")))
            raise Declined(response.status_code, said[:DETAIL])

    @contextmanager
    def _talking(self) -> Iterator[None]:
        import requests

        try:
            yield
        except requests.ConnectTimeout as error:
            raise WriterAway(self._off, writer=self.name, url=self.url) from error
        except requests.Timeout as error:
            raise WriterAway("writer_silent", writer=self.name, seconds=self._silence) from error
        except requests.RequestException as error:
            raise WriterAway(
                _code(error) or self._off, writer=self.name, url=self.url, seconds=self._silence
            ) from error


def _code(error: requests.RequestException) -> str:
    """A time-out within a stream and a dropped connection are of one class with others; "" = neither."""
    import requests

    text = str(error)
    if "Read timed out" in text:
        return "writer_silent"
    dropped = isinstance(error, requests.exceptions.ChunkedEncodingError) or "Connection aborted" in text
    return "writer_hung_up" if dropped else ""


def _said(text: str) -> str:
    """A server's own words about an error, from the shapes that there are."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _one_line(text)
    if isinstance(value, list) and value:  # Gemini
        value = value[0]
    found = value.get("error", value.get("message", value.get("detail", text))) if isinstance(value, dict) else text
    told = found.get("message", text) if isinstance(found, dict) else found
    return _one_line(str(told))


def _one_line(text: str) -> str:
    """Without the tags of a web page, on one line."""
    return " ".join(re.sub(r"<[^<>]*>", " ", text).split()) if text.lstrip()[:1] == "<" else " ".join(text.split())
