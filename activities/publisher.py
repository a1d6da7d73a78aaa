"""Publishing a new version of a run: to PostgreSQL, then Redis, then Kafka."""

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


class SnapshotPublisher:
    """Stores snapshots and publishes their events.

    The order of the stores is the reverse of the one in which readers fall back.
    """

    def __init__(self, runs: Runs, run_states: RunStates, producer: Producer) -> None:
        self._runs = runs
        self._run_states = run_states
        self._producer = producer

    async def store_and_publish(
        self, snapshot: RunSnapshot, kind: EventType, player_id: str | None = None
    ) -> RunSnapshot | None:
        """Store and publish a version; return the snapshot that was published.

        Idempotent: every attempt publishes the content that was stored first. Returns None if a
        later version is already stored, which implies that this one has been published.
        """
        encoded = snapshot.model_dump_json()
        stored = await self._runs.save_snapshot(snapshot, encoded)
        if stored is not None:
            await self.publish(
                stored, kind, player_id, encoded=encoded if stored is snapshot else None
            )
        return stored

    async def publish(
        self,
        snapshot: RunSnapshot,
        kind: EventType,
        player_id: str | None = None,
        *,
        encoded: str | None = None,
    ) -> None:
        """Publish a snapshot that is already stored in PostgreSQL; `encoded` is it as JSON."""
        encoded = encoded or snapshot.model_dump_json()
        with step(f"publish {kind}"):
            await self._run_states.save(snapshot, encoded)
            event = RunEvent(
                type=kind, version=snapshot.state.version, snapshot=snapshot, player_id=player_id
            )
            await self._producer.run_event(event, encoded)
        log.info(kind, **_log_fields(snapshot.state), player_id=player_id)


def _log_fields(state: RunState) -> dict[str, Any]:
    # A negative `opens_in_ms` means that the workflow is about to move the question.
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
