"""A small model hub on a free port of this computer, speaking what huggingface_hub asks: information, lists, files.

Large files lie on "another host" (`localhost` instead of `127.0.0.1`), as on the real hub's CDN.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE = (".safetensors", ".bin", ".ckpt")  # what a hub keeps outside of the repository itself
PIECE = 1 << 14
TOKEN = "hf_good"  # noqa: S105 - of a server that lives for one test
INFO = re.compile(r"/api/models/(?P<id>[^/]+/[^/]+)(?:/revision/(?P<revision>[^/]+))?$")
TREE = re.compile(r"/api/models/(?P<id>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)$")
FILE = re.compile(r"/(?P<id>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)$")
CDN = re.compile(r"/cdn/(?P<sha>\w+)$")


@dataclass
class Repo:
    """`commits`: commit → its files. `main` is the newest."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    main: str = ""
    gated: bool = False
    card: dict[str, Any] = field(default_factory=dict)

    def push(self, files: Mapping[str, bytes]) -> str:
        """A new commit, at which `main` is now."""
        known = json.dumps([len(self.commits), sorted(files)]).encode()
        self.main = hashlib.sha1(known + b"".join(files.values())).hexdigest()  # noqa: S324 - as git does
        self.commits[self.main] = dict(files)
        return self.main


@dataclass(frozen=True)
class Asked:
    """One request."""

    verb: str
    path: str
    host: str
    token: str
    range: str


class HubServer:
    """Answers until the `with` block ends. `asked`: all requests; `served`: bytes of large files that went out, by
    the `Range` that was asked for.

    `stall_at`: after so many bytes of a large file it waits for `go`, having set `stalled`.
    """

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.asked: list[Asked] = []
        self.served: Counter[str] = Counter()
        self.stall_at: int | None = None
        self.stalled, self.go = threading.Event(), threading.Event()
        self.broken: set[str] = set()  # sha256 of files that go out damaged
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"hub": self}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def repo(self, name: str, files: Mapping[str, bytes], **more: Any) -> Repo:
        """A repository with one commit."""
        self.repos[name] = Repo(**more)
        self.repos[name].push(files)
        return self.repos[name]

    def fetched(self) -> list[str]:
        """Paths of files whose bytes were asked for, large ones by their sum."""
        got = [one.path for one in self.asked if one.verb == "GET"]
        return [path for path in got if "/resolve/" in path or "/cdn/" in path]

    def large(self, sha: str) -> bytes | None:
        """A large file by its sum."""
        files = (one for repo in self.repos.values() for commit in repo.commits.values() for one in commit.values())
        return next((one for one in files if hashlib.sha256(one).hexdigest() == sha), None)

    def note(self, asked: Asked) -> None:
        with self._lock:
            self.asked.append(asked)

    def count(self, span: str, sent: int) -> None:
        with self._lock:
            self.served[span] += sent

    def __enter__(self) -> HubServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def sha_of(data: bytes) -> str:
    """The name under which a cache keeps a large file."""
    return hashlib.sha256(data).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        host = (self.headers.get("Host") or "").partition(":")[0]
        self.hub.note(Asked(self.command, path, host, token, self.headers.get("Range") or ""))
        with suppress(BrokenPipeError, ConnectionResetError):  # the test killed who asked
            for pattern, answer in ((INFO, self._info), (TREE, self._tree), (FILE, self._file), (CDN, self._cdn)):
                found = pattern.match(path)
                if found:
                    answer(token=token, **found.groupdict())
                    return
            self._send(404, b"{}")

    def _commit(self, name: str, revision: str | None) -> tuple[Repo, str] | None:
        """The repository and the commit that is meant; None after an answer that says what is missing."""
        repo = self.hub.repos.get(name)
        if repo is None:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"})
            return None
        commit = repo.main if revision in (None, "main") else str(revision)
        if commit not in repo.commits:
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound", "X-Error-Message": "Invalid rev id"})
            return None
        return repo, commit

    def _info(self, id: str, revision: str | None, token: str) -> None:  # noqa: A002 - a group of the pattern
        found = self._commit(id, revision)
        if found:
            repo, commit = found
            told = {"id": id, "modelId": id, "sha": commit, "private": False, "gated": "auto" if repo.gated else False,
                    "tags": [], "cardData": repo.card, "siblings": list(_siblings(repo.commits[commit]))}  # fmt: skip
            self._send(200, json.dumps(told).encode())

    def _tree(self, id: str, revision: str, token: str) -> None:  # noqa: A002
        found = self._commit(id, revision)
        if found:
            self._send(200, json.dumps(list(_entries(found[0].commits[found[1]]))).encode())

    def _file(self, id: str, revision: str, path: str, token: str) -> None:  # noqa: A002
        found = self._commit(id, revision)
        if found is None:
            return
        repo, commit = found
        if repo.gated and token != TOKEN:
            self._send(403 if token else 401, b"", {"X-Error-Code": "GatedRepo", "X-Error-Message": "restricted"})
            return
        data = repo.commits[commit].get(path)
        if data is None:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
            return
        if path.endswith(LARGE):
            sha = sha_of(data)
            there = {"X-Repo-Commit": commit, "X-Linked-Size": str(len(data)), "X-Linked-Etag": f'"{sha}"',
                     "Location": f"http://localhost:{self.hub.port}/cdn/{sha}"}  # fmt: skip
            self._send(302, b"", there)
            return
        self._send(200, data, {"X-Repo-Commit": commit, "ETag": f'"{_blob(data)}"'})

    def _cdn(self, sha: str, token: str) -> None:
        data = self.hub.large(sha)
        if data is None:
            self._send(404, b"")
            return
        if sha in self.hub.broken:
            data = data[:-1] + b"?"
        asked = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        start = int(asked[1]) if asked else 0
        end = int(asked[2]) + 1 if asked and asked[2] else len(data)
        span = data[start:end]
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{start + len(span) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(span)))
        self.end_headers()
        self._stream(span)

    def _stream(self, span: bytes) -> None:
        for at in range(0, len(span), PIECE):
            if self.hub.stall_at is not None and at >= self.hub.stall_at:
                self.hub.stalled.set()
                self.hub.go.wait()
            self.wfile.write(span[at : at + PIECE])
            self.wfile.flush()
            self.hub.count(self.headers.get("Range") or "", len(span[at : at + PIECE]))

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


def _siblings(files: Mapping[str, bytes]) -> Iterator[dict[str, Any]]:
    for path, data in files.items():
        one: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": _blob(data)}
        if path.endswith(LARGE):
            one["lfs"] = {"sha256": sha_of(data), "size": len(data), "pointerSize": 134}
        yield one


def _entries(files: Mapping[str, bytes]) -> Iterator[dict[str, Any]]:
    for path, data in files.items():
        one: dict[str, Any] = {"type": "file", "path": path, "size": len(data), "oid": _blob(data)}
        if path.endswith(LARGE):
            one["lfs"] = {"oid": sha_of(data), "size": len(data), "pointerSize": 134}
        yield one


def _blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()  # noqa: S324 - as git does
