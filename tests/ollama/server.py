"""The server itself: a thread on a free port of this computer, with faults that happen when a test wants them."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.ollama import native, openai, wire
from tests.ollama.state import Answer, Asked, Fault, State
from tests.ollama.vectors import Embed

PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class OllamaServer:
    """`with OllamaServer(answers=[…], models={"qwen2.5:14b": bytes}) as server: server.url, .requests, .loaded`.

    `answers`: texts or functions of what was `Asked`, given in turn, the last one for ever. `embed`: makes vectors; by
    default a real model. `refuses`: parameters that this server does not take (`think`, `json_schema`, `temperature`…).
    `key`: what the OpenAI end points want to be told. `linger`: how many looks a model that leaves is still seen.
    `thinking`: what its models think before they speak, unless told not to. `unstreamed`: never streams.
    """

    def __init__(
        self,
        answers: Sequence[Answer] | Answer = (),
        models: Mapping[str, int] | None = None,
        *,
        embed: Embed | None = None,
        refuses: Sequence[str] = (),
        key: str = "",
        linger: int = 0,
        thinking: str = "",
        unstreamed: bool = False,
    ) -> None:
        self._state = State(
            answers,
            models,
            embed=embed,
            refuses=frozenset(refuses),
            key=key,
            linger=linger,
            thinking=thinking,
            unstreamed=unstreamed,
        )
        self._http = _Quiet(("127.0.0.1", 0), type("Bound", (Handler,), {"state": self._state}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Of Ollama's own API; with `/v1` that of OpenAI's."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def requests(self) -> list[Asked]:
        """Everything that was asked, in order."""
        return self._state.requests

    def asked(self, path: str) -> list[Asked]:
        """What was asked of one end point."""
        return [one for one in self.requests if one.path.endswith(path)]

    @property
    def loaded(self) -> Mapping[str, int]:
        """Models on the card now → bytes."""
        return dict(self._state.loaded)

    @property
    def models(self) -> dict[str, int]:
        """What is pulled; a test may add and remove."""
        return self._state.models

    def load(self, name: str) -> None:
        """Somebody else has used this model."""
        self._state.load(name)

    def fail(self, fault: Fault, path: str = "") -> None:
        """The next request whose path holds `path` goes wrong."""
        self._state.faults.append((path, fault))

    def hung_up(self, seconds: float) -> bool:
        """Whether a client has gone away before its answer was complete; waits for that so long."""
        return self._state.hung_up.wait(seconds)

    @property
    def written(self) -> int:
        """Chunks of streams that were sent."""
        return self._state.written

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._state.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(10)


class _Quiet(ThreadingHTTPServer):
    """Clients hang up here on purpose; other errors of the server itself are shown."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Of one connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    state: State
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fault: Fault | None = None

    def do_GET(self) -> None:
        """A question."""
        self._serve(Asked("GET", self.path.split("?")[0], {}, self._headers()))

    def do_POST(self) -> None:
        """A question with a body."""
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            body = json.loads(raw) if raw else {}
        except ValueError as error:
            self.json(400, {"error": str(error)})
            return
        self._serve(Asked("POST", self.path.split("?")[0], body, self._headers()))

    def _headers(self) -> dict[str, str]:
        return {key.casefold(): value for key, value in self.headers.items()}

    def _serve(self, asked: Asked) -> None:
        self.state.requests.append(asked)
        self.fault = self.state.fault(asked.path)
        with suppress(ConnectionError):
            if self.fault is not None and self._failed(self.fault):
                return
            plugins = (native, openai)
            done = any((one.get if asked.method == "GET" else one.post)(self, asked) for one in plugins)
            if not done:
                self.send(404, b"404 page not found", "text/plain")

    def _failed(self, fault: Fault) -> bool:
        """Whether the whole answer is the fault."""
        if fault.kind == "html":
            self.send(502, PAGE, "text/html")
        elif fault.kind == "status":
            self.json(fault.status, {"error": fault.text}, fault.headers)
        elif fault.kind == "garbage":
            self.send(200, b"\xff\xfe not json at all\n", "application/json")
        elif fault.kind == "hang" and fault.after == 0:
            self.state.closing.wait()
            self.close_connection = True
        elif fault.kind == "drop" and fault.after == 0:
            self._hang_up()
        else:
            return False
        return True

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
        """Answer with JSON as Go writes it."""
        self.send(status, wire.go_json(value), "application/json; charset=utf-8", headers)

    def send(self, status: int, body: bytes, kind: str, headers: Mapping[str, str] | None = None) -> None:
        """Answer at once."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, kind: str, chunks: Sequence[bytes]) -> None:
        """Answer bit by bit, going wrong on the way where that was ordered."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        fault = self.fault
        for number, chunk in enumerate(chunks):
            if fault is not None and fault.kind == "drop" and number >= fault.after:
                self._hang_up()
                return
            if fault is not None and fault.kind == "hang" and number >= fault.after:
                self.state.closing.wait()
                self.close_connection = True
                return
            if fault is not None and fault.kind == "slow":
                self.state.closing.wait(fault.seconds)
            try:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                self.wfile.flush()
            except OSError:
                self.state.hung_up.set()
                self.close_connection = True
                return
            self.state.written += 1
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class names it
        """Tests are silent."""
