"""Cancel runs that have no workflow: it never started, or an operator terminated it."""

from __future__ import annotations

import structlog

from bus.messages import RunEvent
from bus.producer import Producer
from db.run_state import RunStates
from db.runs import Runs
from quiz.errors import QuizrunError

_log = structlog.get_logger()


class OrphanedRuns:
    """Cancels a run in every store and publishes the event that its workflow would have sent."""

    def __init__(self, runs: Runs, run_states: RunStates, producer: Producer) -> None:
        self._runs = runs
        self._run_states = run_states
        self._producer = producer

    async def cancel(self, run_id: str) -> None:
        """Cancel the run under a new version; its PIN is free again. Raises `unavailable`.

        Does nothing if the run is over. The event is published at most once: gateways that miss it
        find the new version in PostgreSQL.
        """
        snapshot = await self._runs.abandon(run_id)
        if snapshot is None:
            return
        _log.warning("run.abandoned", run_id=run_id)
        await self._run_states.save(snapshot)
        event = RunEvent(type="run.cancelled", version=snapshot.state.version, snapshot=snapshot)
        try:
            await self._producer.run_event(event)
        except QuizrunError as error:
            _log.warning("run.abandoned_not_published", run_id=run_id, error=error)
