"""The order of system calls in one life of a daemon, judged by what POSIX promises, not by what one file system does.

A trace of strace(1) is replayed against a model in which a file's bytes are safe only after its own fsync, and a name
only after one of its folder. Rules say what must be safe at a moment. ext4 makes much durable that nobody asked for;
here a missing sync shows on any machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

WAL = ".stockgen/ledger.db-wal"
SYNCS = ("fsync", "fdatasync")
WRITES = ("write", "pwrite64", "ftruncate")
LINKS = ("link", "linkat")
RENAMES = ("rename", "renameat", "renameat2")
REMOVALS = ("unlink", "unlinkat", "rmdir")
MAKERS = ("mkdir", "mkdirat")
_LINE = re.compile(r"^(\d+) +(?:(\w+)\((.*)|<\.\.\. (\w+) resumed>(.*))$")
_UNFINISHED = " <unfinished ...>"
_PATHS = re.compile(r'(?:\d+|AT_FDCWD)<([^>]*)>(?:, "((?:[^"\\]|\\.)*)")?|"((?:[^"\\]|\\.)*)"')
_EVENT = re.compile(r'\\"event\\": \\"([\w.]+)\\"')
_PATH = re.compile(r'\\"path\\": \\"([^"\\]*)\\"')


@dataclass(frozen=True, slots=True)
class Call:
    """One system call that succeeded: what it is called, and the paths that it is about, without their root."""

    name: str
    paths: Sequence[str]
    text: str


def calls(trace: str, root: Path) -> Iterator[tuple[str, Call]]:
    """Each call twice, in the order of a trace: ("begun", call) and ("ended", call)."""
    open_: dict[str, str] = {}
    for each in trace.splitlines():
        found = _LINE.match(each)
        if not found:
            continue
        thread, name, rest, resumed, tail = found.groups()
        begun, ended = name is not None, not (rest or "").endswith(_UNFINISHED)
        text = f"{name}({rest.removesuffix(_UNFINISHED)}" if begun else open_.pop(thread, f"{resumed}(") + tail
        call = Call(name or resumed, _paths(name or resumed, text, root), text)
        if begun:
            yield "begun", call
        if not ended:
            open_[thread] = text
        elif " = -1 " not in text and not text.endswith("= ?"):
            yield "ended", call


def _paths(name: str, text: str, root: Path) -> list[str]:
    found = []
    if name in WRITES + SYNCS:  # the text behind the descriptor is what is written
        text = text.partition(">")[0] + ">"
    for beside, below, alone in _PATHS.findall(text):
        path = _decoded(alone or (below if below.startswith("/") else f"{beside}/{below}" if below else beside))
        if path == str(root) or path.startswith(f"{root}/"):
            found.append(path.removeprefix(str(root)).removeprefix("/") or ".")
    return found


def _decoded(path: str) -> str:
    """strace writes bytes beyond ASCII as octal numbers."""
    return path.encode().decode("unicode_escape").encode("latin-1").decode(errors="replace") if "\\" in path else path


@dataclass
class Model:
    """What is safe. Files are known by a number, because names move."""

    file_of: dict[str, int] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    dirty: set[int] = field(default_factory=set)  # files whose bytes were not synced since they were written
    unknown: set[str] = field(default_factory=set)  # names linked into the outbox since the ledger last committed
    pending: dict[str, set[str]] = field(default_factory=dict)  # folder → names in it that changed since its last sync

    def apply(self, call: Call) -> None:
        """What a call that has ended changed."""
        if not call.paths:
            return
        first, last = call.paths[0], call.paths[-1]
        if call.name in WRITES:
            self.dirty.add(self._file(first))
        elif call.name in SYNCS:
            self.dirty.discard(self._file(first))
            self.pending.pop(first, None)
        elif call.name in LINKS:
            self.file_of[last] = self._file(first)
            self.unknown.add(last)
            self._changed(last)
        elif call.name in RENAMES:
            self._file(first)
            for path in self.below(first):
                self.file_of[last + path.removeprefix(first)] = self.file_of.pop(path)
            self._changed(first)
            self._changed(last)
        elif call.name in REMOVALS:
            self.file_of.pop(first, None)
            self.pending.get(str(Path(first).parent), set()).discard(first)
        elif (call.name in MAKERS or "O_CREAT" in call.text) and first not in self.file_of:
            self._file(first)  # a new one, or one that was there before the trace
            self._changed(first)

    def below(self, path: str) -> list[str]:
        """A path and everything in it."""
        return [one for one in self.file_of if one == path or one.startswith(f"{path}/")]

    def is_safe(self, path: str) -> bool:
        """Whether a file's bytes, and its name and those of all folders that it is in, survive a power cut."""
        if not self.is_written(path):
            return False
        at = Path(path)
        while str(at) != ".":
            if str(at) in self.pending.get(str(at.parent), ()):
                return False
            at = at.parent
        return True

    def is_written(self, path: str) -> bool:
        """Whether a file's bytes are safe."""
        return self._file(path) not in self.dirty

    @property
    def committed(self) -> bool:
        """Whether all that the ledger has written is synced."""
        return self.is_written(WAL)

    def unsafe_names(self, folder: str) -> list[str]:
        """Names in and below a folder that a power cut would take back."""
        return [name for names in self.pending.values() for name in names if name.startswith(f"{folder}/")]

    def _file(self, path: str) -> int:
        if path not in self.file_of:
            self.file_of[path] = next(self.numbers)
        return self.file_of[path]

    def _changed(self, path: str) -> None:
        self.pending.setdefault(str(Path(path).parent), set()).add(path)


def faults(trace: str, root: Path) -> list[str]:
    """Where a life has told or done something before what it rests on was safe."""
    model, found = Model(), []
    for moment, call in calls(trace, root):
        if moment == "begun":
            if call.name in SYNCS and call.paths[:1] == [WAL]:
                model.unknown.clear()
            found += [f"{rule}: {call.text[:160]}" for rule in _broken(model, call)]
        else:
            model.apply(call)
    return found


# -- rules: each yields what is wrong when a call begins --------------------------------------------------------

# What nobody could write once more.
WHOLE = ("inbox/rejected/", ".stockgen/thumbs/", ".stockgen/references/")
# The proof that links work, and the ledger's copy, which is written beside the loop: no commit speaks of them.
PAPERS = ("/ledger.db", "/.stockgen-link-test")
COMMITTED = frozenset({
    "file.accepted", "job.planned", "shot.claimed", "shot.rendered", "shot.published", "job.closed", "basket.made",
})  # fmt: skip


def _broken(model: Model, call: Call) -> Iterator[str]:
    """All that do not hold."""
    if call.name == "write" and (event := _EVENT.search(call.text)):
        yield from _told(model, event.group(1), call.text)
    if not call.paths:
        return
    first, last = call.paths[0], call.paths[-1]
    if call.name in LINKS and last.startswith("outbox/") and not last.endswith(PAPERS):
        yield from _published(model, first)
    elif call.name in RENAMES:
        yield from _renamed(model, first, last)
    elif call.name in SYNCS and first == WAL:
        names = [name for name in model.unsafe_names("outbox") if not name.endswith(PAPERS)]
        yield from [f"the ledger commits while {names} may still vanish"] if names else ()


def _published(model: Model, staged: str) -> Iterator[str]:
    if not model.is_safe(staged):
        yield "published before it was safe in staging"
    if not model.committed:
        yield "published before its name was in the ledger"


def _renamed(model: Model, first: str, last: str) -> Iterator[str]:
    if last.startswith("outbox/upload/"):
        if unsafe := [path for path in model.below(first) if not model.is_safe(path)]:
            yield f"a basket appears before {unsafe} are safe"
        if not model.committed:
            yield "a basket appears before it was in the ledger"
    elif first.endswith(".tmp"):
        if last.startswith(WHOLE) and not model.is_written(first):
            yield "a power cut could leave it empty"
    elif last.startswith("inbox/accepted/") and not model.committed:
        yield "moved to accepted/ before its job was in the ledger"


def _told(model: Model, event: str, text: str) -> Iterator[str]:
    """What must be safe when an event is told."""
    if event in COMMITTED and not model.committed:
        yield f"{event} was told before the ledger had it"
    if event in ("shot.published", "job.closed") and (names := model.unknown - {"outbox/.stockgen-link-test"}):
        yield f"told when {names} had come after the ledger's last commit"
    path = _PATH.search(text)
    if event == "shot.published" and path and not model.is_safe(f"outbox/{path.group(1)}"):
        yield "told as published while it may still vanish"
