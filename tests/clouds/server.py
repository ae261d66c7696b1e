"""The server: a thread for each connection; both services, and a control plane beside them."""

from __future__ import annotations

import fcntl
import json
import re
import select
import socket
import struct
import sys
import termios
import time
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.clouds import control, gemini_wire, openai_wire
from tests.clouds.books import Arrival, Books
from tests.clouds.making import Made, make
from tests.clouds.wish import Answer, Rejected, as_json

SERVICES = (openai_wire, gemini_wire)
LOOK = 0.002  # seconds between two looks whether an answer was acknowledged
PATIENCE = 60.0  # seconds that an acknowledgement is waited for at most
GONE = select.POLLHUP | select.POLLERR | select.POLLRDHUP | select.POLLNVAL


class Server(ThreadingHTTPServer):
    """On a free port of this computer. Clients hang up here on purpose; errors of the server itself are shown."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, books: Books) -> None:
        super().__init__(("127.0.0.1", 0), type("Bound", (Handler,), {"books": books}))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Of one connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    books: Books
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 0

    def do_GET(self) -> None:
        """A list of models, or a fact."""
        if self.path.startswith(control.PATH):
            self.send(control.get(self.books, self.path), {})
            return
        for service in SERVICES:
            if self._is_for(service, service.MODELS):
                self.send(self._listed(service), service.standard())
                return
        self.send(Answer(404, b"Not found", kind="text/plain"), {})

    def do_POST(self) -> None:
        """A request for pictures, or an order to this server."""
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            body = json.loads(raw or b"{}")
        except ValueError as error:
            self.send(as_json(400, {"error": {"message": str(error), "code": 400}}), {})
            return
        if self.path.startswith(control.PATH):
            self.send(control.post(self.books, self.path, body), {})
            return
        for service in SERVICES:
            if self._is_for(service, service.PATH):
                self._serve(service, body)
                return
        self.send(Answer(404, b"Not found", kind="text/plain"), {})

    def _is_for(self, service: Any, paths: re.Pattern[str]) -> bool:
        """Both have `/v1/models`: Google's clients are known by how they tell their key."""
        if service is openai_wire and ("x-goog-api-key" in self.headers or "key=" in self.path):
            return False
        return paths.fullmatch(self.path.partition("?")[0]) is not None

    def _told(self) -> dict[str, str]:
        return {name.casefold(): value for name, value in self.headers.items()}

    def _listed(self, service: Any) -> Answer:
        try:
            service.allowed(self._told(), self.path, self.books.settings)
        except Rejected as rejected:
            return rejected.answer
        return service.listed(self.books.settings)  # type: ignore[no-any-return]

    def _serve(self, service: Any, body: Mapping[str, Any]) -> None:
        """One request for pictures, from its last byte to the end of its answer."""
        one = self.books.arrive(service.NAME, int(self.headers.get("x-stainless-retry-count", 0)))
        answering = _Once(self.books, one)
        try:
            made = make(self.books, one, service, body, self._told(), self.path)
            one.status = made.answer.status
            with suppress(OSError):
                self._answer(service, one, made, answering)
        finally:
            answering.tell()
            self.books.ended(one)

    # -- answering ---------------------------------------------------------------------------------------------

    def _answer(self, service: Any, one: Arrival, made: Made, answering: _Once) -> None:
        kind = made.fault.kind
        if kind in ("hang", "stall"):
            self._until_gone()
        elif kind == "reset":
            self._hang_up(abruptly=True)
        elif kind == "drip":
            self._drip(service, made)
        elif kind == "drop":
            self._head(made.answer, service.standard())
            self.connection.sendall(made.answer.body[: int(len(made.answer.body) * made.fault.number)])
            self._hang_up(abruptly=False)
        else:
            if kind == "slow":
                self.books.closing.wait(made.fault.number)
            self._head(made.answer, service.standard())
            self.connection.sendall(made.answer.body[:-1])
            answering.tell()
            self.connection.sendall(made.answer.body[-1:])
            if self._acknowledged():
                self.books.delivered(one)

    def _drip(self, service: Any, made: Made) -> None:
        self._head(made.answer, service.standard())
        for byte in made.answer.body:
            self.connection.sendall(bytes([byte]))
            if self._gone(made.fault.number):
                break
        self.close_connection = True

    def _acknowledged(self) -> bool:
        """Whether the client's kernel gets all that was written (SIOCOUTQ, tcp(7)), before it goes."""
        end = time.monotonic() + PATIENCE
        while waiting := struct.unpack("i", fcntl.ioctl(self.connection, termios.TIOCOUTQ, b"\0" * 4))[0]:
            if time.monotonic() > end or self._broken():
                return False
            self.books.closing.wait(LOOK)
        return not waiting

    def _broken(self) -> bool:
        """Whether the connection was reset: nothing more will be acknowledged."""
        poll = select.poll()
        poll.register(self.connection, 0)
        return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))

    def _gone(self, seconds: float) -> bool:
        """Whether the client closes, or this server does, within so many seconds."""
        poll = select.poll()
        poll.register(self.connection, GONE)
        end = time.monotonic() + seconds
        while not self.books.closing.is_set():
            left = end - time.monotonic()
            if poll.poll(max(0.0, min(left, 0.1)) * 1000):
                return True
            if left <= 0:
                return False
        return True

    def _until_gone(self) -> None:
        self._gone(float("inf"))
        self.close_connection = True

    def _hang_up(self, *, abruptly: bool) -> None:
        """With a reset if `abruptly`, else as if all had been said."""
        self.close_connection = True
        if abruptly:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def _head(self, answer: Answer, standard: Mapping[str, str]) -> None:
        self.send_response(answer.status)
        own = {"Content-Type": answer.kind, "Content-Length": str(len(answer.body))}
        for name, value in {**standard, **own, **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def send(self, answer: Answer, standard: Mapping[str, str]) -> None:
        """Answer at once."""
        with suppress(ConnectionError):
            self._head(answer, standard)
            self.connection.sendall(answer.body)

    def version_string(self) -> str:
        """Of the header `Server`."""
        return "cloudflare"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class names it
        """Tests are silent."""


class _Once:
    """Tells the books that a request is being answered, the first time only."""

    def __init__(self, books: Books, one: Arrival) -> None:
        self._books, self._one, self._told = books, one, False

    def tell(self) -> None:
        """It is."""
        if not self._told:
            self._told = True
            self._books.answering(self._one)
