"""The tree of commands. Built at run time, because its help speaks the user's language."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from stockgen import __version__
from stockgen.cli import making, setting_up, watching
from stockgen.cli.desk import Session
from stockgen.domain.errors import StockgenError, exit_code
from stockgen.messages import Messages, explained, language_of

COMMANDS: Mapping[str, Callable[..., Any]] = {
    "init": setting_up.init,
    "check": making.check,
    "submit": making.submit,
    "run": making.run,
    "daemon": watching.daemon,
    "status": watching.status,
    "jobs": watching.jobs,
    "job": watching.job,
    "cancel": making.cancel,
    "pause": making.pause,
    "resume": making.resume,
    "basket": making.basket,
    "list": setting_up.list_,
    "doctor": setting_up.doctor,
}
CONFIG_COMMANDS: Mapping[str, Callable[..., Any]] = {"check": setting_up.config_check}
INTERRUPTED = 130


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    say = Messages(language_of("auto"))
    session: list[Session] = []
    try:
        tree(say, session)(list(arguments), prog_name="stockgen")
    except StockgenError as error:
        sys.stderr.write(explained(error, session[0].say if session else say))
        return exit_code(error)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    return 0


def tree(say: Messages, session: list[Session]) -> Callable[..., Any]:
    """All commands with their help; `session` receives the one that the root makes from its options."""
    app = typer.Typer(help=say("help.stockgen"), no_args_is_help=True, add_completion=False, rich_markup_mode=None)
    config = typer.Typer(help=say("help.config"), no_args_is_help=True, rich_markup_mode=None)

    def root(
        context: typer.Context,
        config: Annotated[Path | None, typer.Option("--config", envvar="STOCKGEN_CONFIG")] = None,
        version: Annotated[bool, typer.Option("--version", is_eager=True)] = False,
    ) -> None:
        if version:
            sys.stdout.write(f"stockgen {__version__}\n")
            raise typer.Exit
        session.append(Session(config))
        context.obj = session[0]

    app.callback(invoke_without_command=False)(root)
    for name, function in COMMANDS.items():
        app.command(name, help=say(f"help.{name}"))(_exiting(function))
    for name, function in CONFIG_COMMANDS.items():
        config.command(name, help=say(f"help.config_{name}"))(_exiting(function))
    app.add_typer(config, name="config")
    command = typer.main.get_command(app)
    _translate(command, say)
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


def _translate(command: Any, say: Messages) -> None:
    """typer takes help for options only at import; the language is known later."""
    for parameter in command.params:
        if parameter.param_type_name == "option" and parameter.name != "help":
            parameter.help = say(f"option.{parameter.name}")
    for below in getattr(command, "commands", {}).values():
        _translate(below, say)
