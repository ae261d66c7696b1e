"""This very system, booted once more in a container: an overlay of `/`, with systemd as its first process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from tests.house import ROOT, SOON
from tests.processes import children

USER, UID = "kim", 4242
BOOT = 60.0  # seconds that a start may take at most
GONE = 10.0  # seconds that its processes may take to disappear once they are killed


PROGRAM = tuple(sorted({ROOT, Path(sys.prefix), Path(sys.base_prefix)}))
TEMPORARY = ("/tmp", "/var/tmp")


def covered() -> list[Path]:
    """Parts of the program that lie where a container and a service see a folder of their own: a clone in /tmp."""
    return [path for path in PROGRAM if any(path.is_relative_to(one) for one in TEMPORARY)]


# Where the environment lies in the container. A service has a /tmp of its own, so that none is installed from there.
PYTHON = "/opt/stockgen-tests/bin/python" if Path(sys.prefix) in covered() else sys.executable


class Machine:
    """A running container. `place`: a folder of the host, which is /srv in it: leases and links need a real disk."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.srv = place / "srv"
        self._upper, self.root = place / "upper", place / "root"
        for folder in (self.srv, self._upper, self.root):
            folder.mkdir()
        _mount("-t", "tmpfs", "tmpfs", self._upper)
        for name in ("changes", "work"):
            (self._upper / name).mkdir()
        options = f"lowerdir=/,upperdir={self._upper}/changes,workdir={self._upper}/work"
        _mount("-t", "overlay", "overlay", "-o", options, self.root)
        self._furnish()
        self._end = time.monotonic() + BOOT
        try:
            self._process, self.leader = self._booted()
        except BaseException:
            self._sweep()
            raise

    def _furnish(self) -> None:
        """A person, and a way to the program for them; units of the host's own services are not of interest."""
        for name, line in (("passwd", f"{USER}:x:{UID}:{UID}::/home/{USER}:/bin/sh"), ("group", f"{USER}:x:{UID}:"),
                           ("shadow", f"{USER}:!:19000:0:99999:7:::")):  # fmt: skip
            with (self.root / "etc" / name).open("a") as file:
                file.write(line + "\n")
        home = self.root / "home" / USER
        home.mkdir(parents=True)
        (home / ".ssh").mkdir()
        (home / ".ssh" / "id").write_text("private")
        for path in (home, home / ".ssh", home / ".ssh" / "id", self.srv):
            os.chown(path, UID, UID)
        for path in (ROOT, Path(sys.prefix), Path(sys.executable).resolve()):
            for folder in path.parents:
                at = self.root / folder.relative_to("/")
                if at.is_dir():
                    at.chmod(at.stat().st_mode | 0o111)
        (self.root / "etc" / "machine-id").write_text("0123456789abcdef0123456789abcdef\n")

    def _command(self) -> list[str]:
        here, hidden = Path("/").stat().st_dev, covered()
        binds = [f"--bind-ro={path}" for path in PROGRAM if path.stat().st_dev != here or path in hidden]
        if sys.executable != PYTHON:
            binds.append(f"--bind-ro={sys.prefix}:{Path(PYTHON).parents[1]}")
        for group in self._cgroups:
            group.mkdir(exist_ok=True)
        joined = " ".join(f"{group}/cgroup.procs" for group in self._cgroups)
        enter = f'for at in {joined}; do echo $$ > $at; done; exec "$@"'
        keep = ["--keep-unit"] if self._cgroups else []
        return [
            "sh", "-c", enter, "sh", "systemd-nspawn", "-D", str(self.root), "-b", "--quiet", "--console=pipe",
            "--register=no", *keep, f"--machine={self._name}", "--private-network", f"--bind={self.srv}:/srv",
            *binds, "systemd.unit=basic.target", "systemd.show_status=no",
        ]  # fmt: skip

    def _booted(self) -> tuple[subprocess.Popen[bytes], int]:
        """The container, and the pid of its systemd once that takes orders."""
        with self._output.open("wb") as output:
            process = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        while time.monotonic() < self._end:
            time.sleep(0.1)
            if process.poll() is not None:
                break
            below = children(process.pid)
            if below and self._try(below[0], "systemctl", "is-active", "--quiet", "basic.target"):
                return process, below[0]
        for pid in (*children(process.pid)[:1], process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        allowed = Path("/proc/sys/fs/inotify/max_user_instances").read_text().strip()
        told = f"ended with {process.returncode}: {self._output.read_text(errors='replace')[-2000:]}"
        raise AssertionError(f"did not boot in {BOOT} s; inotify instances allowed: {allowed}; {told}")

    @property
    def _name(self) -> str:
        """A host name: systemd-nspawn refuses the `_` that a temporary folder's name has now and then."""
        return self.place.name.replace("_", "0")

    @property
    def _output(self) -> Path:
        return self.place / "output"

    @property
    def _cgroups(self) -> list[Path]:
        """Control groups of its own, of either version: two containers in one would end each other's processes. Where
        systemd runs the host, too, it gives one itself.
        """
        if Path("/run/systemd/system").is_dir():
            return []
        mounts = (Path("/sys/fs/cgroup") / name for name in ("", "systemd", "unified"))
        return [mount / self.place.name for mount in mounts if (mount / "cgroup.procs").exists()]

    # -- working in it -----------------------------------------------------------------------------------------

    @staticmethod
    def _inside(leader: int, user: bool) -> list[str]:
        who = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups"] if user else []
        return ["nsenter", f"--target={leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup",
                *who, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                f"HOME=/home/{USER}" if user else "HOME=/root"]  # fmt: skip

    def _try(self, leader: int, *words: str) -> bool:
        return subprocess.run([*self._inside(leader, False), *words], check=False, capture_output=True).returncode == 0

    def run(self, *words: str, user: bool = False, check: bool = True, **environment: str) -> str:
        """Run a command in it, as root or as its person; return what it said."""
        extra = [f"{name}={value}" for name, value in environment.items()]
        done = subprocess.run([*self._inside(self.leader, user), *extra, *words], check=False, capture_output=True,
                              text=True, timeout=SOON)  # fmt: skip
        assert not check or done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def stockgen(self, config: Path, *words: str, user: bool = True, **more: str) -> str:
        """Type `stockgen` in it."""
        return self.run(PYTHON, "-P", "-m", "stockgen", "--config", str(config), *words, user=user, **more)

    def show(self, name: str, unit: str = "stockgen") -> str:
        """A property of a unit."""
        return self.run("systemctl", "show", "--value", "-p", name, unit).strip()

    def journal(self, unit: str = "stockgen") -> str:
        """What a service has told."""
        return self.run("journalctl", "-u", unit, "-o", "cat", "--no-pager", check=False)

    def wait(self, until: Callable[[], object], what: str, seconds: float = 60.0) -> None:
        """Look until it is so."""
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, f"{what}: not in {seconds} s\n{self.journal()[-6000:]}"
            time.sleep(0.05)

    def drop_in(self, name: str, *lines: str, unit: str = "stockgen.service") -> None:
        """Lines of a user's own for a unit's [Service]."""
        folder = self.root / "etc" / "systemd" / "system" / f"{unit}.d"
        self.write(f"/etc/systemd/system/{unit}.d/{name}.conf", "\n".join(["[Service]", *lines]) + "\n")
        assert folder.is_dir()
        self.run("systemctl", "daemon-reload")

    def write(self, path: str, text: str) -> None:
        """Write a file of the system's."""
        at = self.root / path.lstrip("/")
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text, encoding="utf-8")

    def close(self) -> None:
        """Switch it off without ceremony; nothing of it stays."""
        for pid in [*children(self._process.pid)[:1], self._process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._sweep()

    def _sweep(self) -> None:
        for path in (self.root, self._upper):
            subprocess.run(["umount", "--recursive", "--lazy", str(path)], check=False, capture_output=True)
        for group in self._cgroups:
            _removed(group, time.monotonic() + GONE)


def _removed(group: Path, until: float) -> None:
    """Remove a control group with those below. They are busy until the kernel has buried their last process."""
    while group.exists() and time.monotonic() < until:
        for path in [*sorted(group.rglob("*/"), reverse=True), group]:
            with suppress(OSError):
                path.rmdir()
        time.sleep(0.02)


def _mount(*words: object) -> None:
    subprocess.run(["mount", *map(str, words)], check=True, capture_output=True)


def missing(programs: Sequence[str] = ("systemd-nspawn", "nsenter", "setpriv")) -> str:
    """Why it can't be tried here; "" = it can."""
    if os.geteuid() != 0:
        return "boot: not root"
    lacking = [name for name in programs if shutil.which(name) is None]
    if lacking:
        return f"boot: {', '.join(lacking)} not installed"
    mounting = subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True)
    return "boot: no right to mount" if mounting.returncode else ""
