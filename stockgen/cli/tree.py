"""The tree of commands. Built at run time, because its help speaks the user's language."""

from __future__ import annotations

import functools
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from stockgen import __version__
from stockgen.cli import (
    cleaning,
    evening,
    examining,
    looking,
    making,
    marking,
    new_models,
    seasons,
    setting_up,
    steering,
    watching,
)  # fmt: skip
from stockgen.cli import ideas as thinking
from stockgen.cli import ledger as ledger_files
from stockgen.cli import models as model_files
from stockgen.cli import schedules as timetable
from stockgen.cli import secrets as keys
from stockgen.cli import service as service_files
from stockgen.cli import telling as notifying
from stockgen.cli.desk import Session
from stockgen.cli.speech import Command, Group, misused, peeked, show_help, translate
from stockgen.domain.errors import LedgerRefused, StockgenError, UsageError, exit_code
from stockgen.domain.hiding import hidden
from stockgen.files import why
from stockgen.messages import Messages, explained

COMMANDS: Mapping[str, Callable[..., Any]] = {
    "init": setting_up.init,
    "setup": evening.setup,
    "check": making.check,
    "submit": making.submit,
    "run": making.run,
    "daemon": watching.daemon,
    "status": watching.status,
    "jobs": watching.jobs,
    "job": watching.job,
    "cancel": steering.cancel,
    "retry": steering.retry,
    "more": steering.more,
    "pause": steering.pause,
    "resume": steering.resume,
    "keep": steering.keep,
    "drop": steering.drop,
    "basket": making.basket,
    "mark": marking.mark,
    "titles": marking.titles,
    "proof": marking.proof,
    "find": looking.find,
    "report": looking.report,
    "ideas": thinking.ideas,
    "calendar": seasons.calendar,
    "list": setting_up.list_,
    "doctor": examining.doctor,
    "clean": cleaning.clean,
}
CONFIG_COMMANDS: Mapping[str, Callable[..., Any]] = {"check": setting_up.config_check}
MODELS_COMMANDS: Mapping[str, Callable[..., Any]] = {
    "list": model_files.list_,
    "show": model_files.show,
    "pull": model_files.pull,
    "remove": model_files.remove,
    "add": new_models.add,
    "try": new_models.try_,
}
LEDGER_COMMANDS: Mapping[str, Callable[..., Any]] = {
    "snapshot": ledger_files.snapshot,
    "backup": ledger_files.backup,
    "restore": ledger_files.restore,
}
SECRET_COMMANDS: Mapping[str, Callable[..., Any]] = {
    "set": keys.set_,
    "list": keys.list_,
    "remove": keys.remove,
}
NOTIFY_COMMANDS: Mapping[str, Callable[..., Any]] = {"test": notifying.test}
SCHEDULES_COMMANDS: Mapping[str, Callable[..., Any]] = {"run": timetable.run}
SERVICE_COMMANDS: Mapping[str, Callable[..., Any]] = {
    "install": service_files.install,
    "uninstall": service_files.uninstall,
}
INTERRUPTED = 130


def run(arguments: Sequence[str], more_plugins: Sequence[str] = ()) -> int:
    """Run one command and return its exit code. Whatever goes wrong is told in a sentence."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name that the terminal can't show is no reason to die
    say = Messages(peeked(arguments, os.environ))
    session: list[Session] = []

    def begin(config: Path | None) -> Session:
        session.append(Session(config, say.language, more_plugins))
        return session[0]

    try:
        return int(tree(say, begin)(list(arguments), prog_name="stockgen", standalone_mode=False) or 0)
    except typer.TyperException as error:
        return _told(misused(error, say), say)
    except LedgerRefused as error:
        return _told(session[0].advised(error), say=session[0].say)
    except StockgenError as error:
        return _told(error, session[0].say if session else say)
    except OSError as error:
        return _told(UsageError("system", path=str(error.filename or "?"), detail=why(error)), say)


def _told(error: StockgenError, say: Messages) -> int:
    sys.stderr.write(hidden(explained(error, say)))  # somebody may have typed a key where a name belongs
    return exit_code(error)


def tree(say: Messages, begin: Callable[[Path | None], Session]) -> Callable[..., Any]:
    """All commands with their help. `begin` makes the session from `--config`."""
    app = typer.Typer(cls=Group, help=say("help.stockgen"), add_completion=False, rich_markup_mode=None)
    config = typer.Typer(cls=Group, help=say("help.config"), rich_markup_mode=None)
    models = typer.Typer(cls=Group, help=say("help.models"), rich_markup_mode=None)
    ledger = typer.Typer(cls=Group, help=say("help.ledger"), rich_markup_mode=None)

    def root(
        context: typer.Context,
        config: Annotated[Path | None, typer.Option("--config")] = None,
        version: Annotated[bool, typer.Option("--version", is_eager=True)] = False,
    ) -> None:
        if version:
            sys.stdout.write(f"stockgen {__version__}\n")
            raise typer.Exit
        show_help(context)
        context.obj = begin(config)

    app.callback(invoke_without_command=True)(root)
    schedules = typer.Typer(cls=Group, help=say("help.schedules"), rich_markup_mode=None)
    schedules.callback(invoke_without_command=True)(timetable.schedules)
    secret = typer.Typer(cls=Group, help=say("help.secret"), rich_markup_mode=None)
    service = typer.Typer(cls=Group, help=say("help.service"), rich_markup_mode=None)
    notify = typer.Typer(cls=Group, help=say("help.notify"), rich_markup_mode=None)
    for group in (config, models, ledger, secret, service, notify):
        group.callback(invoke_without_command=True)(show_help)
    for name, function in COMMANDS.items():
        app.command(name, cls=Command, help=say(f"help.{name}"))(_exiting(function))
    for name, function in CONFIG_COMMANDS.items():
        config.command(name, cls=Command, help=say(f"help.config_{name}"))(_exiting(function))
    for name, function in MODELS_COMMANDS.items():
        models.command(name, cls=Command, help=say(f"help.models_{name}"))(_exiting(function))
    for name, function in LEDGER_COMMANDS.items():
        ledger.command(name, cls=Command, help=say(f"help.ledger_{name}"))(_exiting(function))
    for name, function in SECRET_COMMANDS.items():
        secret.command(name, cls=Command, help=say(f"help.secret_{name}"))(_exiting(function))
    for name, function in NOTIFY_COMMANDS.items():
        notify.command(name, cls=Command, help=say(f"help.notify_{name}"))(_exiting(function))
    for name, function in SCHEDULES_COMMANDS.items():
        schedules.command(name, cls=Command, help=say(f"help.schedules_{name}"))(_exiting(function))
    for name, function in SERVICE_COMMANDS.items():
        service.command(name, cls=Command, help=say(f"help.service_{name}"))(_exiting(function))
    app.add_typer(config, name="config")
    app.add_typer(models, name="models")
    app.add_typer(ledger, name="ledger")
    app.add_typer(schedules, name="schedules")
    app.add_typer(secret, name="secret")
    app.add_typer(service, name="service")
    app.add_typer(notify, name="notify")
    command = typer.main.get_command(app)
    translate(command, say)
    return command


def _exiting(function: Callable[..., Any]) -> Callable[..., None]:
    """A command's number becomes the program's exit code."""

    @functools.wraps(function)
    def ending(*arguments: Any, **named: Any) -> None:
        try:
            code = function(*arguments, **named)
        except KeyboardInterrupt:
            code = INTERRUPTED
        raise typer.Exit(code or 0)

    return ending
