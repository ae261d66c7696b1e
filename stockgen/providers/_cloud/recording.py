"""An HTTP transport that writes every answer to disk before anybody reads it; the only file that knows httpx2."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2

from stockgen.providers._cloud.purchase import Till

KEPT = frozenset({"content-type", "content-length", "retry-after", "retry-after-ms", "x-request-id", "date"})


class Recorder(httpx2.BaseTransport):
    """Passes requests on to `inner`. While `spool` is set the answer of each is written there.

    `deadline`: monotonic seconds at which an answer that still trickles in is given up (httpx's own time-outs begin
    anew with every byte). Raises httpx2.ReadTimeout then, and StorageFull, StorageLost where it can't be written.
    """

    def __init__(self, inner: httpx2.BaseTransport, monotonic: Callable[[], float]) -> None:
        self._inner = inner
        self._monotonic = monotonic
        self.spool: Path | None = None
        self.deadline = float("inf")

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send; the answer's head is on disk when this returns, its body as it is read."""
        answer = self._inner.handle_request(request)
        if self.spool is None:
            return answer
        head = {name: value for name, value in answer.headers.items() if name.lower() in KEPT}
        till = Till(self.spool, answer.status_code, head)
        assert isinstance(answer.stream, httpx2.SyncByteStream)
        answer.stream = _Recorded(answer.stream, till, self._late, request)
        return answer

    def _late(self) -> bool:
        return self._monotonic() > self.deadline

    def close(self) -> None:
        """End the connections."""
        self._inner.close()


class _Recorded(httpx2.SyncByteStream):
    """The body of an answer, written before it is handed on."""

    def __init__(
        self, inner: httpx2.SyncByteStream, till: Till, late: Callable[[], bool], request: httpx2.Request
    ) -> None:
        self._inner, self._till, self._late, self._request = inner, till, late, request

    def __iter__(self) -> Iterator[bytes]:
        with self._till as till:
            for piece in self._inner:
                till.add(piece)
                if self._late():
                    raise httpx2.ReadTimeout("the answer takes too long", request=self._request)
                yield piece
            till.whole()

    def close(self) -> None:
        self._inner.close()


def recording(timeout: float, monotonic: Callable[[], float]) -> tuple[Recorder, httpx2.Client]:
    """A client whose answers are recorded, one request at a time; `timeout` seconds without a byte.

    Answers are asked for uncompressed, so that what is on disk can be read as it is.
    """
    recorder = Recorder(httpx2.HTTPTransport(), monotonic)
    client = httpx2.Client(transport=recorder, timeout=timeout, headers={"Accept-Encoding": "identity"})
    return recorder, client
