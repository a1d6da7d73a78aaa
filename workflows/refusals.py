"""Host commands as the rules take them, and refusals as callers of an update see them."""

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


def host_command(name: str, given: CommandInput) -> HostCommand:
    """The host command that the update `name` asks for."""
    argument: dict[str, Any] = {}
    if name == "kick":
        argument = {"player_id": given.player_id}
    elif name == "configure":
        argument = {"changes": given.changes or {}}
    return _HOST_COMMAND.validate_python({"type": name, **argument})


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a refusal by the rules into the failure of the update, never of the workflow."""
    try:
        yield
    except QuizrunError as error:
        raise ApplicationError(error.message, type=error.code.value, non_retryable=True) from error
