"""Draining: the clients of a stopping gateway move to others, a few at a time."""

from __future__ import annotations

import asyncio
import math
import random
import time

import structlog

from gateway.live.outbound.fanout import Fanout
from gateway.transport import SocketServer
from gateway.transport.session import Session

TICK_S = 0.1
LOOK_S = 0.01
QUIET_S = 5.0
"""How long a client may wait for its last acknowledgement before it is disconnected without it."""
BACK_WITHIN_MS = 100
"""Within how many ms clients disconnected together reconnect, each at another time."""

log = structlog.get_logger(__name__)


class Drainer:
    """Lets clients go at `clients_per_s`, which is what another gateway admits.

    A client is told to come back, and its connection closed, once everything it has asked is
    acknowledged. From the moment it is chosen nothing more is taken from it: what it sends then is
    not acknowledged, so it sends that again elsewhere.
    """

    def __init__(self, sio: SocketServer, fanout: Fanout, clients_per_s: float) -> None:
        self._sio = sio
        self._fanout = fanout
        self._clients_per_s = clients_per_s
        self._chosen: set[str] = set()

    async def run(self, longest_s: float) -> None:
        """Refuse new clients and disconnect all others within `longest_s`."""
        self._sio.refuse_newcomers()
        sessions = self._sio.eio.sockets
        began = time.monotonic()
        spread_s = min(longest_s, len(sessions) / self._clients_per_s)
        log.info("gateway.draining", sessions=len(sessions), duration_ms=round(spread_s * 1000))
        async with asyncio.TaskGroup() as leaving:
            while waiting := [sid for sid in sessions if sid not in self._chosen]:
                elapsed_s = time.monotonic() - began + TICK_S
                share = min(1.0, elapsed_s / max(spread_s, TICK_S))
                total = len(self._chosen) + len(waiting)
                count = math.ceil(share * total) - len(self._chosen)
                chosen = random.sample(waiting, min(max(count, 0), len(waiting)))
                self._chosen.update(chosen)
                leaving.create_task(self._let_go(chosen))
                await asyncio.sleep(TICK_S)
        log.info("gateway.drained", after_s=round(time.monotonic() - began, 1))

    async def _let_go(self, sids: list[str]) -> None:
        sessions = self._sio.eio.sockets
        deadline = time.monotonic() + QUIET_S
        told: set[str] = set()
        while sids := [sid for sid in sids if sid in sessions]:
            for sid in sids:
                # Looked up each time: an upgrade may have put another session in its place.
                sessions[sid].hold()
                if time.monotonic() > deadline:
                    self._end(sessions[sid])
                elif not _waiting(sessions[sid]):
                    self._say_goodbye(sessions[sid], told)
            await asyncio.sleep(LOOK_S)

    def _say_goodbye(self, session: Session, told: set[str]) -> None:
        """Tell the client to come back, and end its session once that has left: stock clients that
        poll put aside what comes together with the end.
        """
        if session.can_end and session.sid not in told:
            told.add(session.sid)
            self._send_come_back(session)
        if session.can_end and session.sid in told:
            self._end(session)

    def _end(self, session: Session) -> None:
        # Not the namespaces: clients reconnect by themselves only from a closed connection.
        session.end(self._sio.reason.SERVER_DISCONNECT, code=1001)

    def _send_come_back(self, session: Session) -> None:
        for member in session.members.values():
            if member is not None:
                in_ms = random.randint(0, BACK_WITHIN_MS)  # noqa: S311
                self._fanout.send_come_back(member.namespace.name, member.sid, in_ms)


def _waiting(session: Session) -> bool:
    """Whether the client waits for an acknowledgement."""
    clients = (member.data for member in session.members.values() if member is not None)
    return any(client is not None and client.unacknowledged for client in clients)
