"""How a command of ``quizrun`` is declared: argparse, with the function's docstring as its help."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable
from typing import Any

Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def add_command(
    commands: Commands[argparse.ArgumentParser], name: str, function: Callable[..., None]
) -> argparse.ArgumentParser:
    """Add a command that calls `function` with its options by name."""
    text = inspect.getdoc(function) or ""
    parser = commands.add_parser(
        name, help=text.split("\n\n")[0].replace("\n", " "), description=text, allow_abbrev=False
    )
    parser.set_defaults(function=function)
    return parser


def add_group(
    commands: Commands[argparse.ArgumentParser], name: str, text: str
) -> Commands[argparse.ArgumentParser]:
    """Add a command that only has subcommands, and return where these are added."""
    parser = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
    return parser.add_subparsers(metavar="COMMAND", required=True)


def call(parsed: argparse.Namespace) -> None:
    """Call the function of the command that was parsed."""
    options: dict[str, Any] = vars(parsed)
    options.pop("function")(**options)
