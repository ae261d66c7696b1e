"""Help and complaints about wrong use in the user's language: typer speaks English only."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from stockgen.config.secrets import called
from stockgen.domain.errors import StockgenError, UsageError
from stockgen.domain.words import Language
from stockgen.messages import Messages, language_of

_LANGUAGE = re.compile(rb"^language:\s*[\"']?(ko|en)\b", re.MULTILINE)
_FIRST = 1 << 16  # bytes of a config file in which its language is looked for


def peeked(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language to speak before the config is read, which takes longer and may fail: what one of its lines says."""
    after = [path for option, path in pairwise(arguments) if option == "--config"]
    joined = [one.partition("=")[2] for one in arguments if one.startswith("--config=")]
    path = next(iter(after + joined), "") or environment.get("STOCKGEN_CONFIG") or "config.yaml"
    found = None
    with suppress(OSError, ValueError), Path(path).open("rb") as file:
        found = _LANGUAGE.search(file.read(_FIRST))
    return language_of(found[1].decode() if found else "auto", environment)


def misused(error: typer.TyperException, say: Messages) -> StockgenError:
    """What typer complains about, as an error of our own."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "stockgen"
    if context and command.endswith(" secret set") and type(error).__name__ != "MissingParameter":
        asked = called(str(context.params.get("key") or ""))  # anything else may be the key, which nobody repeats
        return UsageError("secret_typed", name=asked or say("place.key"))
    option, parameter = getattr(error, "option_name", None), getattr(error, "param", None)
    if type(error).__name__ == "MissingParameter" and parameter is not None:
        return UsageError("usage_missing", name=_name(parameter), command=command)
    if type(error).__name__ == "NoSuchOption":
        return UsageError("usage_option", name=option, command=command)
    if option is not None or parameter is not None:
        return UsageError("usage_value", name=option or _name(parameter), command=command)
    return UsageError("usage", command=command)


def translate(command: Any, say: Messages) -> None:
    """Hand the sentences to a command and to all below it; typer takes help for options only at import."""
    command.say = say
    command.options_metavar = say("usage.options_here")
    command.subcommand_metavar = say("usage.command_here")
    for parameter in command.params:
        place = f"place.{parameter.name}"
        parameter.metavar = say(place) if say.has(place) else None
    for below in getattr(command, "commands", {}).values():
        translate(below, say)


def _name(parameter: Any) -> str:
    return str(parameter.metavar if parameter.param_type_name == "argument" else parameter.opts[0])


def show_help(context: typer.Context) -> None:
    """A group without a command: print its help to standard error and exit with 2, so that no script goes on."""
    if context.invoked_subcommand is None:
        sys.stderr.write(context.get_help() + "\n")
        raise typer.Exit(2)


class _Spoken:
    """What commands and groups of commands have in common: headings in the user's language."""

    say: Messages

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """The line that shows how to write it."""
        pieces = " ".join(self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, pieces, prefix=f"{self.say('usage.usage')} ")

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, options and, of a group, commands."""
        for kind in ("argument", "option"):
            here = [one for one in self.get_params(ctx) if one.param_type_name == kind]  # type: ignore[attr-defined]
            rows = [self._row(one) for one in here]
            if rows:
                with formatter.section(self.say(f"usage.{kind}s")):
                    formatter.write_dl(rows)
        below = getattr(self, "commands", {})
        if below:
            with formatter.section(self.say("usage.commands")):
                formatter.write_dl([(name, one.help) for name, one in below.items()])

    def _row(self, parameter: Any) -> tuple[str, str]:
        if parameter.param_type_name == "argument":
            return parameter.metavar, self.say(f"argument.{parameter.name}")
        name = ", ".join(parameter.opts) + (f" {parameter.metavar}" if parameter.metavar else "")
        return name, self.say(f"option.{parameter.name}")


class Command(_Spoken, TyperCommand):
    """One command."""


class Group(_Spoken, TyperGroup):
    """Commands under one name."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command of that name. Raises UsageError, naming the nearest."""
        found = args[0]
        if found not in self.commands and not found.startswith("-"):
            near = difflib.get_close_matches(found, self.commands, n=1)
            if near:
                raise UsageError("usage_command_near", found=found, nearest=near[0])
            raise UsageError("usage_command", found=found, known=", ".join(self.commands))
        return super().resolve_command(ctx, args)
