"""The mapping of updates to host commands, and of refusals to update failures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import TypeAdapter
from temporalio.exceptions import ApplicationError

from quiz.commands import HostCommand
from quiz.errors import QuizrunError
from workflows.contract import CommandInput

_HOST_COMMAND: TypeAdapter[HostCommand] = TypeAdapter(HostCommand)


def host_command(name: str, command: CommandInput) -> HostCommand:
    """Return the host command of the update `name`."""
    argument: dict[str, Any] = {}
    if name == "kick":
        argument = {"player_id": command.player_id}
    elif name == "configure":
        argument = {"changes": command.changes or {}}
    return _HOST_COMMAND.validate_python({"type": name, **argument})


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a refusal into an `ApplicationError`, which fails the update but not the workflow."""
    try:
        yield
    except QuizrunError as error:
        raise ApplicationError(error.message, type=error.code.value, non_retryable=True) from error
