"""How a new version of a run reaches everyone: PostgreSQL, then Redis, then the event stream."""

from __future__ import annotations

from typing import Any

import structlog

from bus.messages import RunEvent
from bus.producer import Producer
from db.run_state import RunStates
from db.runs import Runs
from quiz.events import EventType
from quiz.run import Phase, RunState
from quiz.snapshot import RunSnapshot
from telemetry.clock import now_ms
from telemetry.tracing import step

log = structlog.get_logger(__name__)


class Announcer:
    """Stores snapshots and publishes their events, in the order in which readers fall back."""

    def __init__(self, runs: Runs, run_states: RunStates, producer: Producer) -> None:
        self._runs = runs
        self._run_states = run_states
        self._producer = producer

    async def announce(
        self, snapshot: RunSnapshot, kind: EventType, player_id: str | None = None
    ) -> RunSnapshot | None:
        """Store and publish what a version says; return what was published under it.

        Safe to repeat: the first content of a version is the one that is published, by every try.
        None when a later version is stored already, which is only done after this one was
        published.
        """
        stored = await self._runs.save_snapshot(snapshot)
        if stored is not None:
            await self.publish(stored, kind, player_id)
        return stored

    async def publish(
        self, snapshot: RunSnapshot, kind: EventType, player_id: str | None = None
    ) -> None:
        """Publish a snapshot that PostgreSQL has."""
        with step(f"publish {kind}"):
            await self._run_states.save(snapshot)
            await self._producer.run_event(
                RunEvent(
                    type=kind,
                    version=snapshot.state.version,
                    snapshot=snapshot,
                    player_id=player_id,
                )
            )
        log.info(kind, **_about(snapshot.state), player_id=player_id)


def _about(state: RunState) -> dict[str, Any]:
    """Where a run stands, for the log. A question that opens too late is about to be moved."""
    opening = state.phase is Phase.QUESTION and state.due is None and not state.paused
    return {
        "run_id": state.run_id,
        "version": state.version,
        "phase": state.phase.value,
        "question": state.question if state.question >= 0 else None,
        "question_count": state.question_count,
        "players": state.players,
        "paused": state.paused,
        "opens_in_ms": state.opens_at - now_ms() if opening and state.opens_at else None,
    }
