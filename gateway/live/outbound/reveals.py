"""The ends of questions and runs, where each player gets a part of their own."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from gateway.live.metrics import LiveMetrics
from gateway.live.outbound.fanout import Fanout
from gateway.live.outbound.retries import retried
from gateway.live.outbound.snapshots import own_outcome, rank_of
from gateway.live.protocol import messages as m
from gateway.live.protocol import views
from gateway.live.protocol.encode import NOTHING, Encoded, encode, encode_fields
from gateway.live.room.loader import PlayerLoader
from gateway.live.room.room import Room
from gateway.live.room.seats import Seat
from quiz.snapshot import RunSnapshot
from telemetry.clock import now_ms

log = structlog.get_logger(__name__)


class Reveals:
    """Sends reveals and the end of a run to those who were connected at the event.

    What cannot be loaded in time is left out, and a snapshot tells it later.
    """

    def __init__(self, fanout: Fanout, loader: PlayerLoader, metrics: LiveMetrics) -> None:
        self._fanout = fanout
        self._loader = loader
        self._metrics = metrics

    def prepare(self, room: Room, question: int) -> None:
        """Begin to read what a question that has been scored brought the players here."""
        self._loader.read_ahead(room, question)

    async def reveal(self, room: Room, snapshot: RunSnapshot, seats: Sequence[Seat]) -> None:
        """Send the solution to all, and to each player what the question brought them."""
        if snapshot.reveal is None:
            log.error("room.reveal_without_solution", run_id=room.run_id)
            return
        own_parts = await self._own_results(room, snapshot, snapshot.reveal.question, seats)
        if seats and not own_parts:
            room.mark_stale()
        shown = (snapshot.reveal, snapshot.state, snapshot.question)
        message = m.Reveal(**views.reveal_fields(*shown))
        await self._fanout.with_own_parts(
            m.Reveal(**views.reveal_fields(*shown, phone=True)),
            ((seat.sid, own_parts.get(seat.player_id, NOTHING)) for seat in seats),
        )
        self._fanout.to_hosts(room.run_id, message)
        if seats and snapshot.state.over_at is not None:
            self._metrics.reveal_delay.observe((now_ms() - snapshot.state.over_at) / 1000)

    async def finish(self, room: Room, snapshot: RunSnapshot, seats: Sequence[Seat]) -> None:
        """Send the podium to all, and to each player how they came out."""
        if snapshot.outcome is None:
            log.error("room.end_without_outcome", run_id=room.run_id)
            return
        await retried(lambda: self._loader.refresh_standings(room))
        outcome, state = snapshot.outcome, snapshot.state
        message = m.Finished(**views.outcome_fields(outcome, state))
        ranked = room.ranked
        if not ranked:
            room.mark_stale()  # no part of their own, rather than ranks before the last question
        await self._fanout.with_own_parts(
            m.Finished(**views.outcome_fields(outcome, state, phone=True)),
            ((seat.sid, encode(own_outcome(room, seat)) if ranked else NOTHING) for seat in seats),
        )
        self._fanout.to_hosts(room.run_id, message)

    async def _own_results(
        self, room: Room, snapshot: RunSnapshot, question: int, seats: Sequence[Seat]
    ) -> dict[str, Encoded]:
        ids = [seat.player_id for seat in seats]
        await retried(lambda: self._loader.refresh_standings(room))
        results = await retried(lambda: self._loader.results(room, question, ids)) or {}
        if not room.ranked:
            return {}
        asked, state = snapshot.question, snapshot.state
        return {
            player_id: encode_fields(
                views.own_result_fields(asked, result, rank_of(room, player_id))
            )
            for player_id, result in results.items()
            if views.was_asked(state, result)
        }
