"""stockgen as a service of systemd: installed for the system or for one person, and removed without touching data."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stockgen.cli.desk import Session
from stockgen.domain.errors import StateHeld, UsageError
from stockgen.domain.words import Remark
from stockgen.lock import holder

if TYPE_CHECKING:
    from stockgen.app.units import Site

User = Annotated[bool, typer.Option("--user")]
Print = Annotated[bool, typer.Option("--print")]
KEYS = Path("/etc/stockgen/keys")
BOOTED = Path("/run/systemd/system")  # is there where systemd is the first process, sd_booted(3)
TEMPORARY = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - what lies there is not seen by a service with its own


@dataclass(frozen=True)
class Manager:
    """systemd's manager of the system, or of one person."""

    user: bool

    @property
    def units(self) -> Path:
        """Where units of an administrator, or of this person, lie."""
        config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        return config / "systemd" / "user" if self.user else Path("/etc/systemd/system")

    def command(self, *words: str) -> list[str]:
        """`systemctl` to it."""
        return ["systemctl", *(["--user"] if self.user else []), *words]

    def answers(self, *words: str) -> bool:
        """Whether it says yes to a question."""
        return subprocess.run(self.command(*words), check=False, capture_output=True).returncode == 0

    def journal(self) -> str:
        """The command that shows what the service has told."""
        return "journalctl --user -u stockgen -e" if self.user else "sudo journalctl -u stockgen -e"


def install(
    context: typer.Context, user: User = False, printed: Print = False,
    sync: Annotated[str, typer.Option("--sync")] = "",
) -> int:  # fmt: skip
    """Write the units, start the service now and at each start of the computer."""
    from stockgen.app.units import SERVICE, SYNC, TIMER, rendered

    session: Session = context.obj
    manager = Manager(user)
    site = _site(session, user, sync)
    units = rendered(site, user=user)
    steps = [] if user else [["install", "-d", "-m", "0700", str(KEYS)]]  # root's: the service gets copies
    steps += [manager.command("daemon-reload"), manager.command("enable", SERVICE), manager.command("restart", SERVICE)]
    steps += [manager.command("enable", "--now", TIMER)] if SYNC in units else []
    steps += [["loginctl", "enable-linger", site.owner]] if user else []
    if printed:
        for name, text in units.items():
            session.write(f"# {manager.units / name}\n{text}\n")
        session.write("".join(f"# {shlex.join(step)}\n" for step in steps))
        return 0
    _refuse(session, manager, site)
    for name, text in units.items():
        _written(session, manager.units / name, text)
    if not _done(session, manager, steps):
        return 1
    code = "service.runs_user" if user else "service.runs"
    session.tell(Remark(code, facts={"owner": site.owner, "folder": str(site.folder), "journal": manager.journal()}))
    return 0


def uninstall(context: typer.Context, user: User = False, printed: Print = False) -> int:
    """Stop the service for good and remove its units; pictures, ledger, keys and config stay."""
    from stockgen.app.units import SERVICE, SYNC, TIMER

    session: Session = context.obj
    manager = Manager(user)
    there = [name for name in (TIMER, SERVICE, SYNC) if (manager.units / name).exists()]
    stop = [manager.command("disable", "--now", name) for name in there if name != SYNC]
    if printed:
        session.write("".join(f"# {shlex.join(step)}\n" for step in stop))
        session.write("".join(f"# rm {shlex.quote(str(manager.units / name))}\n" for name in there))
        return 0
    _may(session, manager)
    if not there:
        raise UsageError("service_none", folder=str(manager.units))
    if not _done(session, manager, stop):
        return 1
    for name in there:
        (manager.units / name).unlink()
        session.tell(Remark("service.removed", facts={"path": str(manager.units / name)}))
    _done(session, manager, [manager.command("daemon-reload")])
    session.tell(Remark("service.kept"))
    return 0


# -- what is installed -----------------------------------------------------------------------------------------


def _site(session: Session, user: bool, remote: str) -> Site:
    from stockgen.app.units import Site, one_folder

    config = session.catalogue.config
    folder = session.path.parent if user else one_folder(config)  # only the system's unit has walls around it
    at = next(place for place in (folder, *folder.parents) if place.exists())
    whose = os.geteuid() if user else at.stat().st_uid
    try:
        owner = pwd.getpwuid(whose)
    except KeyError as error:
        raise UsageError("service_owner", folder=str(at), quoted=shlex.quote(str(at))) from error
    if not user:
        one_folder(config, Path(owner.pw_dir).resolve())
    rclone = shutil.which("rclone")
    if remote and rclone is None:
        raise UsageError("service_rclone")
    language = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return Site(
        python=Path(sys.executable), config=session.path, folder=folder, state=config.state.resolve(),
        outbox=config.outbox.path.resolve(), owner=owner.pw_name, group=grp.getgrgid(owner.pw_gid).gr_name,
        home=Path(owner.pw_dir), language=language if "utf" in language.casefold() else "C.UTF-8",
        rclone=Path(rclone or "/usr/bin/rclone"), remote=remote,
    )  # fmt: skip


def _refuse(session: Session, manager: Manager, site: Site) -> None:
    """Raises UsageError or StateHeld for whatever would keep the service from working."""
    from stockgen.app.units import SERVICE, foreign

    _may(session, manager)
    config = session.catalogue.config
    owner = pwd.getpwnam(site.owner)
    if owner.pw_uid == 0 and not manager.user:
        raise UsageError("service_owner", folder=str(site.folder), quoted=shlex.quote(str(site.folder)))
    places = [site.folder, config.state, config.inbox.path, config.outbox.path, config.outbox.staging]
    if others := foreign(places, owner.pw_uid):
        quoted = shlex.join([f"{site.owner}:", *map(str, others)])
        raise UsageError("service_foreign", owner=site.owner, path=str(others[0]), quoted=quoted)
    hidden = [path for path in (site.folder, site.config, site.python) for at in TEMPORARY if at in path.parents]
    if hidden and not manager.user:
        raise UsageError("service_temporary", path=str(hidden[0]))
    pid = holder(config.state)
    if pid is not None and not manager.answers("is-active", "--quiet", SERVICE):
        raise StateHeld("state_held", pid=pid, state=str(config.state))
    _try_as(site, owner)


def _may(session: Session, manager: Manager) -> None:
    """Raises UsageError where there is no such manager, or it does not take our orders."""
    if not BOOTED.is_dir() or shutil.which("systemctl") is None:
        raise UsageError("service_no_systemd")
    if manager.user:
        if not manager.answers("show-environment"):
            raise UsageError("service_no_bus", name=pwd.getpwuid(os.geteuid()).pw_name)
    elif os.geteuid() != 0:
        words = ["sudo", sys.executable, "-m", "stockgen", "--config", str(session.path), "service", "install"]
        raise UsageError("service_root", command=shlex.join(words))


def _try_as(site: Site, owner: pwd.struct_passwd) -> None:
    """Whether its user can read program and config at all: asked of the program itself. Raises UsageError."""
    words = [str(site.python), "-P", "-m", "stockgen", "--config", str(site.config), "config", "check"]
    change = {} if os.geteuid() == owner.pw_uid else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": owner.pw_dir, "LANG": site.language}
    try:
        done = subprocess.run(
            words, cwd="/", env=environment, check=False, capture_output=True, text=True, errors="replace", **change
        )  # type: ignore[call-overload]
        told = done.stderr.strip()
    except OSError as error:
        told, done = str(error), None
    if done is None or done.returncode:
        raise UsageError("service_unusable", owner=site.owner, command=shlex.join(words), detail=told[-500:])


# -- doing it --------------------------------------------------------------------------------------------------


def _written(session: Session, path: Path, text: str) -> None:
    from stockgen.files import write_durably

    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, text.encode())
    session.tell(Remark("service.written", facts={"path": str(path)}))


def _done(session: Session, manager: Manager, steps: Sequence[Sequence[str]]) -> bool:
    """Run commands, each of which is told; False = one failed, which is told, too."""
    for step in steps:
        session.write(f"$ {shlex.join(step)}\n")
        sys.stdout.flush()
        if subprocess.run(step, check=False).returncode == 0:
            continue
        if step[0] == "loginctl":  # the service works all the same while somebody is logged in
            session.tell(Remark("service.no_linger", facts={"command": f"sudo {shlex.join(step)}"}))
            continue
        session.tell(Remark("service.failed", facts={"command": shlex.join(step), "journal": manager.journal()}))
        return False
    return True
