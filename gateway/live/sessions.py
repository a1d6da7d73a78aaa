"""Hosts' sockets end with the browser session that they were opened in."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection

import structlog

from quiz.errors import QuizrunError
from telemetry.clock import now_ms

EVERY_S = 1.0

Living = Callable[[Collection[str], int], Awaitable[set[str]]]

log = structlog.get_logger(__name__)


class SessionWatch:
    """Asks the database which sessions still live, one question for all sockets of a gateway.

    A session may be ended at any gateway, or by hand in the database. Asking reaches every socket
    within `EVERY_S`, whatever Kafka does, and costs one query a second where hosts are connected.
    """

    def __init__(self, living: Living, end: Callable[[str], None]) -> None:
        """`end` closes the connection of a socket."""
        self._living = living
        self._end = end
        self._sockets: defaultdict[str, set[str]] = defaultdict(set)

    async def lives(self, session_id: str) -> bool:
        """Whether the session may be used. During an outage it may: `run` looks again."""
        try:
            return session_id in await self._living([session_id], now_ms())
        except QuizrunError:
            return True

    def seat(self, sid: str, session_id: str) -> None:
        """Watch a socket."""
        self._sockets[session_id].add(sid)

    def leave(self, sid: str, session_id: str) -> None:
        """Forget a socket."""
        sids = self._sockets.get(session_id, set())
        sids.discard(sid)
        if not sids:
            self._sockets.pop(session_id, None)

    async def run(self) -> None:
        """Close the sockets of sessions that have ended, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            if self._sockets:
                await self._check()

    async def _check(self) -> None:
        watched = set(self._sockets)
        try:
            living = await self._living(watched, now_ms())
        except QuizrunError:
            return  # an outage ends no session
        except Exception:
            log.exception("session.watch_failed")
            return
        for session_id in watched - living:
            for sid in tuple(self._sockets.get(session_id, ())):
                self._end(sid)
