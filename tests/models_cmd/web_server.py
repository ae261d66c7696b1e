"""A web server with one file, over TLS with a certificate of its own, on a free port of this computer."""

from __future__ import annotations

import datetime
import ipaddress
import re
import ssl
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PIECE = 1 << 14


def certificate(folder: Path) -> tuple[Path, Path]:
    """Files with a fresh certificate for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    how = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private.write_bytes(key.private_bytes(*how))
    return public, private


class WebServer:
    """Serves `data` at any path, or sends on to `elsewhere`, until the `with` block ends. `asked`: the ranges that were
    asked for; `served`: bytes that went out; `stall_at`: after so many it waits for `go`; `whole`: it knows no ranges.
    """

    def __init__(self, folder: Path, data: bytes = b"") -> None:
        self.data = data
        self.asked: list[str] = []
        self.served = 0
        self.status = 200
        self.elsewhere = ""
        self.whole = False
        self.stall_at: int | None = None
        self.go = threading.Event()
        self.certificate, key = certificate(folder)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"web": self}))
        self._http.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._http.server_address[1]}/model.onnx"

    def __enter__(self) -> WebServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    web: WebServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        web, asked = self.web, self.headers.get("Range") or ""
        web.asked.append(asked)
        if web.elsewhere or web.status != 200:
            self.send_response(302 if web.elsewhere else web.status)
            if web.elsewhere:
                self.send_header("Location", web.elsewhere)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        found = re.match(r"bytes=(\d+)-", asked)
        start = int(found[1]) if found and not web.whole else 0
        if start >= len(web.data) and start:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(web.data)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        with suppress(OSError):  # whoever asked has gone
            self._give(start, bool(found) and not web.whole)

    def _give(self, start: int, part: bool) -> None:
        web = self.web
        span = web.data[start:]
        self.send_response(206 if part else 200)
        if part:
            self.send_header("Content-Range", f"bytes {start}-{len(web.data) - 1}/{len(web.data)}")
        self.send_header("Content-Length", str(len(span)))
        self.end_headers()
        for at in range(0, len(span), PIECE):
            if web.stall_at is not None and at >= web.stall_at:
                web.go.wait()
            self.wfile.write(span[at : at + PIECE])
            web.served += len(span[at : at + PIECE])
