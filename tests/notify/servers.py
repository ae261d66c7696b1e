"""Stand-ins on real sockets: Telegram's Bot API, a web service that takes posts (ntfy), and a mail server."""

from __future__ import annotations

import json
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "123456789:AAE-planted_token_of_a_bot_0123456789"  # noqa: S105  planted: nobody's
CHAT = 4242


class Bot:
    """What Telegram knows of one bot. Checks what its documentation demands of a request; `fault`: an answer (status,
    body) instead of the next ones, None = none.
    """

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.updates: list[dict[str, Any]] = []
        self.offsets: list[int] = []
        self.fault: tuple[int, dict[str, Any]] | None = None
        self.change = threading.Condition()
        self.url = ""
        self.ending = False

    @property
    def address(self) -> str:
        return f"tgram://{TOKEN}/{CHAT}?api={self.url}"

    def write(self, number: int, text: str | None, chat: int = CHAT, answers: int = 0, **more: Any) -> None:
        """Somebody writes to the bot."""
        message: dict[str, Any] = {"message_id": 9000 + number, "chat": {"id": chat}, **more}
        message |= {"text": text} if text is not None else {}
        message |= {"reply_to_message": {"message_id": answers}} if answers else {}
        with self.change:
            self.updates.append({"update_id": number, "message": message})
            self.change.notify_all()

    def answer(self, token: str, method: str, said: dict[str, str], files: dict[str, bytes]) -> tuple[int, Any]:
        if token != TOKEN:
            return 401, {"ok": False, "error_code": 401, "description": "Unauthorized"}
        if method == "getUpdates":
            return 200, {"ok": True, "result": self._waited(int(said["offset"]), float(said["timeout"]))}
        with self.change:
            if self.fault:
                return self.fault
            if said["chat_id"] != str(CHAT):
                return 400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
            text = said.get("text", said.get("caption", ""))
            assert len(text.encode("utf-16-le")) // 2 <= (4096 if method == "sendMessage" else 1024)
            self.sent.append({"method": method, "text": text, **files, "reply": said.get("reply_parameters")})
            number = len(self.sent)
            self.change.notify_all()
        return 200, {"ok": True, "result": {"message_id": number, "chat": {"id": CHAT}}}

    def _waited(self, offset: int, seconds: float) -> list[dict[str, Any]]:
        with self.change:
            self.offsets.append(offset)
            self.updates = [one for one in self.updates if one["update_id"] >= offset]
            self.change.wait_for(lambda: self.updates or self.ending, seconds)
            return list(self.updates)

    def wait(self, count: int, seconds: float = 60.0) -> list[dict[str, Any]]:
        """All that was sent, once that is so many messages."""
        with self.change:
            assert self.change.wait_for(lambda: len(self.sent) >= count, seconds), self.sent
            return list(self.sent)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server: Any = self.server
        status, told = server.reply(self.path, dict(self.headers), body)
        data = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def listening(reply: Any) -> Iterator[str]:
    """A web server; yields its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.reply = reply  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fields(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], dict[str, bytes]]:
    """A form's fields and files."""
    kind = headers["Content-Type"]
    if kind.startswith("application/x-www-form-urlencoded"):
        return {key: each[0] for key, each in parse_qs(body.decode()).items()}, {}
    said, files = {}, {}
    mark = kind.partition("boundary=")[2].encode()
    for part in body.split(b"--" + mark)[1:-1]:
        head, _, data = part.strip(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]+)"', head)
        assert name
        if b"filename=" in head:
            files[name[1].decode()] = data
        else:
            said[name[1].decode()] = data.decode()
    return said, files


@contextmanager
def telegram() -> Iterator[Bot]:
    """A Bot API server."""
    bot = Bot()

    def reply(path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        _, token, method = urlsplit(path).path.split("/")
        return bot.answer(token.removeprefix("bot"), method, *fields(headers, body))

    with listening(reply) as bot.url:
        yield bot
        with bot.change:
            bot.ending = True
            bot.change.notify_all()


class _Mail(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 here ESMTP\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    text += line
                self.server.mails.append(text)  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@contextmanager
def mail() -> Iterator[tuple[int, list[bytes]]]:
    """An SMTP server; yields its port and the mails that came."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail)
    mails: list[bytes] = []
    server.mails = mails  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_address[1], mails
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
