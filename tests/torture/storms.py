"""Carries a `Mix` out with real daemons. What must be true in the end stands in tests/torture/reckoning.py."""

from __future__ import annotations

import io
import os
import select
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM
from typing import Any

from PIL import Image

from stockgen.ledger import Ledger
from stockgen.pipeline.commands import Command, write_command
from tests.clouds import Clouds
from tests.house import SOON, DaemonProcess, broken_promises, write_config
from tests.processes import children, gone, noted
from tests.torture.buying import CAP_USD, key
from tests.torture.killing import AFTERLIFE, told
from tests.torture.mixes import FEW, Act, Life, Mix, Wish
from tests.torture.reckoning import Reckoning, rows_of

READY = 60.0  # seconds; only a very busy machine needs them
WHILE = 1.5  # seconds that a life waits for its event at most: it may never come
STOPPED = 30.0  # seconds in which a stop must be over: 20 s of grace, 5 s to interrupt, and a busy machine
RELOADS = 20
FOREIGN = "a foreign error"  # what the provider for tests raises where a prompt says so


def settings(place: str, clouds: Clouds | None) -> dict[str, Any]:
    """Small pictures of which each takes so long that a kill can fall into it."""
    providers: dict[str, Any] = {"scripted": {"place": place, "seconds": 0.1}, "second": {"place": place},
                                 "cutter": {"place": "net"}}  # fmt: skip
    over: dict[str, Any] = {
        "providers": providers, "presets": {FEW: {"count": 2, "size": "96x64"}},
        "limits": {"starts": 20, "free_disk": "0B"}, "inbox": {"settle": "50ms", "rescan": "1s"},
        "checks": {"duplicate": {"distance": 0}, "border": {"width": 0.5}, "artefacts": {"excess": 10}},
    }  # fmt: skip
    if clouds:
        providers["openai"] = {"base_url": clouds.openai_url, "per_minute": 0, "quality": "low", "most": 1,
                               "megapixels": 0.7, "parallel": 2}  # fmt: skip
        over["money"] = {"per_month_usd": CAP_USD}
    return over


class Storm:
    """One state folder through all lives of a mix."""

    def __init__(self, root: Path, mix: Mix, clouds: Clouds | None) -> None:
        self.root, self.mix, self.clouds = root, mix, clouds
        self.over = settings(mix.place, clouds)
        self.environment = key(clouds) if clouds else os.environ
        self.daemon = DaemonProcess(root, over=self.over, environment=self.environment)
        self.inbox, self.outbox, self.state = root / "inbox", root / "outbox", root / ".stockgen"
        self.wishes: dict[str, Wish] = {}  # by the file's name
        self.taken: set[str] = set()  # paths in the outbox that somebody took away
        self.ends: list[float] = []  # monotonic seconds at which something ended without having been asked
        self.cancelled: set[str] = set()  # jobs
        self.log = b""
        self.bad: list[str] = []
        for name in ("inbox", f"inbox/{FEW}", "elsewhere"):
            (root / name).mkdir()

    # -- lives -------------------------------------------------------------------------------------------------

    def live(self, life: Life) -> None:
        """Start a daemon, let people do what they do, and end it."""
        for act in life.before:
            self._do(act)
        self.daemon.start()
        process = self.daemon.process
        assert process and process.stdout
        if not self._read("daemon.ready", READY):
            self.bad.append(f"does not get ready: {life}")
        for act in life.during:
            self._do(act)
        self._read(life.event, WHILE)
        self._read("", life.seconds)
        with noted(children(process.pid)) as lanes:
            self._end(life)
            self._read("", 0.0)
            if not gone(lanes, AFTERLIFE):
                self.bad.append(f"a child outlived its daemon: {life}")
        process.stdout.close()
        if self._begun:
            with self._ledger() as ledger:
                self.bad += [f"after {life.end}: {name}: {rows}" for name, rows in broken_promises(ledger).items()]

    def _end(self, life: Life) -> None:
        process = self.daemon.process
        assert process
        if life.end in ("reload", "bad reload"):
            if life.end == "bad reload":
                self.daemon.config.write_text("defaults: {cuont: 3}\n")
            for _ in range(RELOADS):
                os.kill(process.pid, SIGHUP)
            self._read("", 0.1)
        if life.end in ("kill", "reload", "bad reload"):
            self.ends.append(time.monotonic())
            os.kill(process.pid, SIGKILL)
            process.wait()
        else:
            self._stopped(life)
        if life.end == "bad reload":
            write_config(self.root, self.over)

    def _stopped(self, life: Life) -> None:
        """Asked to end, it ends by itself, in time, with a code that says no bug."""
        process = self.daemon.process
        assert process and process.stdout
        os.kill(process.pid, SIGINT if life.end == "interrupt" else SIGTERM)
        if life.end == "stop twice":
            self.ends.append(time.monotonic())  # what is out at a service is given up
            os.kill(process.pid, SIGTERM)
        end = time.monotonic() + STOPPED
        while process.poll() is None and time.monotonic() < end:
            self._read("daemon.stopped", 1.0)
        if process.poll() is None:
            self.bad.append(f"does not stop: {life}")
            process.kill()
        if process.wait() not in (0, 1):
            self.bad.append(f"ends with {process.returncode}: {life}")
        if self._begun:
            with self._ledger() as ledger:
                if ledger.shots.counts().get("rendering"):
                    self.bad.append(f"a claim was not taken back: {life}")

    def _read(self, event: str, seconds: float) -> bool:
        """Read the log until `event`, for so many seconds at most; "" = all of that time. Whether it came."""
        assert self.daemon.process and self.daemon.process.stdout
        pipe, end, text = self.daemon.process.stdout.fileno(), time.monotonic() + seconds, b""
        while select.select([pipe], [], [], max(0.0, end - time.monotonic()))[0]:
            text += (news := os.read(pipe, 65536))
            self.log += news
            if not news or (event and told(event) in text):
                break
        return bool(event) and told(event) in text

    # -- people ------------------------------------------------------------------------------------------------

    def _do(self, act: Act) -> None:
        if act.what == "drop":
            assert act.wish
            self._drop(act.wish)
        elif act.what == "like":
            for picture in self._chosen(act.number):
                self._drop(Wish("like", "yaml", f"like: {picture.stem}\nprompt: a lake %s\ncount: 1\n", 1,
                                frozenset({"done", "review"}), paid="openai" in self._maker(picture)))  # fmt: skip
        elif act.what in ("pause", "resume"):
            self._say(act.what)
        elif act.what in ("cancel", "retry", "keep"):
            self._of_a_job(act)
        else:
            self._take(act)

    def _drop(self, wish: Wish) -> None:
        tag = f"w{len(self.wishes)}"
        name = f"{tag}.{wish.ending}"
        self.wishes[name] = wish
        folder = self.inbox / wish.folder
        folder.mkdir(exist_ok=True)
        if wish.beside:
            (folder / wish.beside.replace("%s", tag)).write_bytes(_picture())
        (folder / name).write_text(wish.text.replace("%s", tag), encoding="utf-8")

    def _of_a_job(self, act: Act) -> None:
        jobs = rows_of(self.root, "SELECT id FROM jobs ORDER BY rowid")
        if not jobs:
            return
        job = jobs[act.number % len(jobs)]["id"]
        if act.what == "cancel":
            self.cancelled.add(job)
        self._say(act.what, job=job, **({"numbers": "1"} if act.what == "keep" else {}))

    def _say(self, name: str, **arguments: Any) -> None:
        folder = self.state / "control"
        if folder.is_dir():
            write_command(folder, Command(id=f"{time.time_ns():x}", name=name, arguments=arguments))

    def _take(self, act: Act) -> None:
        """As `rclone move`, a file manager and a tidy person do it."""
        for picture in self._chosen(act.number):
            folder = picture.parent.parent
            whole = act.what == "folder away"
            found = [path for path in folder.rglob("*") if path.is_file()] if whole else [picture]
            self.taken |= {str(path.relative_to(self.outbox)) for path in found}
            if act.what == "delete":
                picture.unlink()
                continue
            for path in found:
                path.rename(self.root / "elsewhere" / path.name)

    def _chosen(self, number: int) -> list[Path]:
        """One of the pictures that lie there; none where there are none yet."""
        found = sorted(self.outbox.glob("2*/*/images/*"))
        return [found[number % len(found)]] if found else []

    # -- the end -----------------------------------------------------------------------------------------------

    def judged(self) -> list[str]:
        """Let a last daemon do what is left; everything that is not as it must be."""
        self._say("resume")
        with DaemonProcess(self.root, "--until-idle", environment=self.environment) as last:
            code = last.finish(SOON)
        self.bad += [f"the last one ends with {code}"] if code not in (0, 1) else []
        lines = [*self.log.decode(errors="replace").splitlines(), *last.lines]
        self.bad += [line for line in lines if '"event": "bug"' in line and FOREIGN not in line]
        reckoning = Reckoning(self.root, self.wishes, self.taken, self.cancelled)
        return self.bad + reckoning.all_faults() + (reckoning.books(self.clouds, self.ends) if self.clouds else [])

    # -- looking -----------------------------------------------------------------------------------------------

    def _maker(self, picture: Path) -> str:
        rows = rows_of(self.root, "SELECT s.provider FROM shots s JOIN assets a ON a.shot_id = s.id WHERE a.stem = ?",
                          picture.stem)  # fmt: skip
        return str(rows[0]["provider"]) if rows else ""

    @property
    def _begun(self) -> bool:
        """Whether there is a ledger: on a busy machine a kill may come before."""
        return bool(rows_of(self.root, "SELECT 1 FROM sqlite_master"))

    @contextmanager
    def _ledger(self) -> Iterator[Ledger]:
        ledger = Ledger.reading(self.state)
        try:
            yield ledger
        finally:
            ledger.close()

    def close(self) -> None:
        """Leave no process behind."""
        process = self.daemon.process
        if process and process.poll() is None:
            process.kill()
            process.wait()


def carried_out(root: Path, mix: Mix) -> tuple[int, list[str]]:
    """All of it; how often something was ended, and everything that is not as it must be."""
    with ExitStack() as stack:
        clouds = stack.enter_context(Clouds(latency=0.25, jitter=0.2)) if mix.paid else None
        storm = Storm(root, mix, clouds)
        stack.callback(storm.close)
        for life in mix.lives:
            storm.live(life)
        return len(mix.lives), storm.judged()


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), "red").save(out, "PNG")
    return out.getvalue()
