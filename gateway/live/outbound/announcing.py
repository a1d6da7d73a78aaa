"""Announcements of joins to the other gateways, several in one message."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import structlog

from bus.messages import JoinedPlayer, PlayersJoinedEvent
from bus.producer import Producer
from gateway.live.outbound.pacing import Coalescer
from quiz.errors import QuizrunError

PUBLISH_EVERY_S = 0.25
RETRY_S = 1.0
MAX_NAMES = 500
"""Players in one message on the bus."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Run:
    publish: Coalescer
    total: int = 0
    pending: list[JoinedPlayer] = field(default_factory=list)
    logged: int = 0
    sending: PlayersJoinedEvent | None = None
    """The message about the first of `pending`; a retry repeats it unchanged."""


class JoinAnnouncer:
    """Publishes joins at most 4 times a second and run.

    `pending` is bounded by the players of a run; what cannot be published is tried again.
    """

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._runs: dict[str, _Run] = {}

    def joined(self, run_id: str, player: JoinedPlayer, total: int) -> None:
        """Announce a new player; `total` is how many players the run now has."""
        run = self._runs.get(run_id) or self._open(run_id)
        run.pending.append(player)
        run.total = max(run.total, total)
        run.publish.poke()

    def forget(self, run_id: str) -> None:
        """Drop a run without a room here."""
        run = self._runs.pop(run_id, None)
        if run is not None:
            run.publish.cancel()

    async def flush(self) -> None:
        """Publish what is pending, for a gateway that stops."""
        for run_id, run in self._runs.items():
            if run.pending:
                await self._publish(run_id, run)

    def _open(self, run_id: str) -> _Run:
        run = _Run(Coalescer(lambda: PUBLISH_EVERY_S, lambda: self._publish(run_id, run)))
        self._runs[run_id] = run
        return run

    async def _publish(self, run_id: str, run: _Run) -> None:
        while run.pending:
            event = run.sending = run.sending or PlayersJoinedEvent(
                run_id=run_id, players=run.pending[:MAX_NAMES], total=run.total
            )
            try:
                await self._producer.players_joined(event)
            except QuizrunError as error:
                log.warning("players.not_announced", run_id=run_id, error=error)
                await asyncio.sleep(RETRY_S)
                run.publish.poke()
                return
            if run.sending is event:  # else `flush` and a tick have sent it both
                del run.pending[: len(event.players)]
                run.sending = None
                self._log_growth(run_id, run, event.total)

    def _log_growth(self, run_id: str, run: _Run, players: int) -> None:
        """Log whenever the number of players has doubled."""
        if players.bit_length() > run.logged.bit_length():
            run.logged = players
            log.info("players.joined", run_id=run_id, players=players)
