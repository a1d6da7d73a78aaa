"""Host commands by operators, recorded with the operator's name."""

from __future__ import annotations

import uuid
from typing import Literal

from db.operator_actions import OperatorActions
from db.runs import Runs
from gateway.orphaned_runs import OrphanedRuns
from gateway.temporal import RunWorkflows
from quiz.errors import ErrorCode, QuizrunError
from quiz.run import RunState
from workflows.contract import CommandInput

Command = Literal["pause", "resume", "end"]


class OperatorCommands:
    """Sends host commands to workflows and records them in PostgreSQL and the log."""

    def __init__(
        self,
        runs: Runs,
        workflows: RunWorkflows,
        orphaned_runs: OrphanedRuns,
        actions: OperatorActions,
    ) -> None:
        self._runs = runs
        self._workflows = workflows
        self._orphaned_runs = orphaned_runs
        self._actions = actions

    async def carry_out(
        self, operator: str, run_id: str, command: Command, *, key: str | None = None
    ) -> RunState | None:
        """Execute `command` as the run's host would, and return the resulting state.

        Idempotent by `key`. `end` of a run without a workflow cancels it in the stores and returns
        None. Raises the error of the violated rule, `not_found`, `run_finished` or `unavailable`.
        """
        run = await self._runs.get(run_id)
        argument = CommandInput(key=f"operator-{command}-{key or uuid.uuid4()}")
        try:
            state: RunState | None = await self._workflows.command(run_id, command, argument)
        except QuizrunError as error:
            gone = error.code is ErrorCode.RUN_FINISHED and run.finished_at is None
            if not gone or command != "end" or await self._workflows.is_running(run_id):
                await self._actions.note(operator, command, run_id, f"refused: {error.message}")
                raise
            await self._orphaned_runs.cancel(run_id)
            state = None
        await self._actions.note(operator, command, run_id, "done")
        return state
