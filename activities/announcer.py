"""How a new version of a run reaches everyone: PostgreSQL, then Redis, then the event stream."""

from __future__ import annotations

from bus.messages import RunEvent
from bus.producer import Producer
from db.run_state import RunStates
from db.runs import Runs
from quiz.events import Event
from quiz.snapshot import RunSnapshot


class Announcer:
    """Stores a snapshot and publishes its events, in the order in which readers fall back."""

    def __init__(self, runs: Runs, run_states: RunStates, producer: Producer) -> None:
        self._runs = runs
        self._run_states = run_states
        self._producer = producer

    async def announce(self, snapshot: RunSnapshot, *events: Event) -> None:
        """Safe to repeat: stores keep the newest version, readers of the stream drop repeats."""
        await self._runs.save_snapshot(snapshot)
        await self.publish(snapshot, *events)

    async def publish(self, snapshot: RunSnapshot, *events: Event) -> None:
        """Like `announce` for a snapshot that PostgreSQL already has."""
        await self._run_states.save(snapshot)
        for event in events:
            await self._producer.run_event(
                RunEvent(
                    type=event.type,
                    version=event.version,
                    snapshot=snapshot,
                    player_id=event.player_id,
                )
            )
