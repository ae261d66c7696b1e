"""An HTTP transport that writes every answer to disk before anybody reads it; the only file that knows httpx2."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from stockgen.domain.errors import Busy, StorageFull, StorageLost
from stockgen.providers._cloud.purchase import Till
from stockgen.providers._cloud.redact import brief

KEPT = frozenset({
    "content-type", "content-length", "content-encoding", "retry-after", "retry-after-ms", "x-request-id", "date",
})  # fmt: skip
CONNECT = 10.0  # seconds until a connection stands
WRITE = 30.0  # seconds without a byte of the request taken
BODY = 30.0  # seconds between two pieces of an answer: once it has begun, the picture is made
HERE = ("localhost", "127.0.0.1", "::1")
UNSENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError, httpx2.UnsupportedProtocol)


class Recorder(httpx2.BaseTransport):
    """Passes requests on to `inner`. From `begin` to `end` the answer to each is written into a folder.

    Its time-outs count, whatever the client asks for: SDKs hand on none, or one for everything. An answer that still
    trickles in when the whole time is over is given up, since time-outs begin anew with every byte. Raises
    httpx2.ReadTimeout then, and StorageFull, StorageLost where it can't be written.
    """

    def __init__(self, inner: httpx2.BaseTransport, monotonic: Callable[[], float]) -> None:
        self._inner = inner
        self._monotonic = monotonic
        self._spool: Path | None = None
        self._timeout = self._deadline = float("inf")
        self._secret = b""
        self.sent = False  # whether a request has left since `begin`, or may have

    def begin(self, spool: Path, timeout: float, key: str) -> None:
        """Write what is answered from now on into `spool`; it may take `timeout` seconds altogether. `key` is taken out
        of errors, some of which tell it back.
        """
        self._spool, self._timeout, self._deadline = spool, timeout, self._monotonic() + timeout
        self._secret = key.encode()
        self.sent = False

    def end(self) -> None:
        """Write nothing more."""
        self._spool = None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send; the answer's head is on disk when this returns, its body as it is read."""
        if self._spool is None:
            return self._inner.handle_request(request)
        waits = {"connect": CONNECT, "pool": CONNECT, "write": WRITE, "read": self._timeout}
        request.extensions = {**request.extensions, "timeout": waits}
        self.sent = True
        try:
            answer = self._inner.handle_request(request)
        except UNSENT:
            self.sent = False
            raise
        assert isinstance(answer.stream, httpx2.SyncByteStream)
        waits["read"] = min(BODY, max(0.1, self._deadline - self._monotonic()))  # looked up when the body is read
        head = {name: value for name, value in answer.headers.items() if name.lower() in KEPT}
        try:
            till = Till(self._spool, answer.status_code, head)
        except BaseException:
            answer.close()
            raise
        secret = self._secret if answer.status_code >= httpx2.codes.BAD_REQUEST else b""
        answer.stream = _Recorded(answer.stream, till, self._late, request, secret)
        return answer

    def _late(self) -> bool:
        return self._monotonic() > self._deadline

    def close(self) -> None:
        """End the connections."""
        self._inner.close()


class _Recorded(httpx2.SyncByteStream):
    """The body of an answer, written before it is handed on; one with a secret, for which nobody pays, at its end."""

    def __init__(
        self, inner: httpx2.SyncByteStream, till: Till, late: Callable[[], bool], request: httpx2.Request, secret: bytes
    ) -> None:
        self._inner, self._till, self._late, self._request, self._secret = inner, till, late, request, secret

    def __iter__(self) -> Iterator[bytes]:
        kept: list[bytes] = []
        with self._till as till:
            for piece in self._inner:
                if self._secret:
                    kept.append(piece)
                else:
                    till.add(piece)
                if self._late():
                    raise httpx2.ReadTimeout("the answer takes too long", request=self._request)
                yield piece
            till.add(b"".join(kept).replace(self._secret, b"***") if kept else b"")
            till.whole()

    def close(self) -> None:
        self._inner.close()


def recording(url: str, monotonic: Callable[[], float]) -> tuple[Recorder, httpx2.Client]:
    """A client for the server at `url` whose answers are recorded, one request at a time.

    Answers are asked for uncompressed, so that what is on disk can be read as it is. Proxies of the environment are
    used, as they would be without a transport of our own.
    """
    recorder = Recorder(httpx2.HTTPTransport(proxy=_proxy(url)), monotonic)
    client = httpx2.Client(transport=recorder, headers={"Accept-Encoding": "identity"})
    return recorder, client


def trouble(error: Exception, provider: str, timeout: float, key: str) -> Exception:
    """An exception of an SDK as one of ours; itself where nobody knows it."""
    causes = list(_causes(error))
    for one in causes:
        if isinstance(one, StorageFull | StorageLost):
            return one
    for one in causes:
        if isinstance(one, UNSENT):
            return Busy("cloud_unreachable", provider=provider, detail=brief(one, key))
        if isinstance(one, httpx2.TimeoutException):
            return Busy("cloud_timeout", provider=provider, seconds=round(timeout))
        if isinstance(one, httpx2.TransportError):
            return Busy("cloud_lost", provider=provider)
    return error


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """It and what it came from, outermost first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _proxy(url: str) -> str | None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in HERE or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme) or getproxies().get("all")
