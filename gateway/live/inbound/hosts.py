"""The namespace of hosts: they watch a run; commands go by HTTP."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.live.inbound.client import Client
from gateway.live.inbound.namespace import LiveNamespace
from gateway.live.inbound.session_watch import SessionWatch, co_host
from gateway.live.metrics import LiveMetrics
from gateway.live.outbound.fanout import Fanout
from gateway.live.outbound.moderation import Moderation
from gateway.live.outbound.resync import Resync
from gateway.live.protocol import messages as m
from gateway.live.room.registry import Rooms
from gateway.live.room.room import Room
from gateway.security import AccessToken
from quiz.errors import ErrorCode, QuizrunError


@dataclass(slots=True, eq=False)
class HostClient(Client):
    """A host's socket."""

    room: Room
    vouchers: tuple[str, ...]
    """What must stay valid for the socket to stay open."""

    def log_fields(self) -> dict[str, str]:
        """The run."""
        return {"run_id": self.room.run_id}


class HostNamespace(LiveNamespace[HostClient]):
    """The players' stream, with names, counts and connections."""

    def __init__(
        self,
        rooms: Rooms,
        resync: Resync,
        fanout: Fanout,
        verify_access_token: Callable[[Any], AccessToken],
        sessions: SessionWatch,
        moderation: Moderation,
        metrics: LiveMetrics,
    ) -> None:
        super().__init__(m.HOST, metrics)
        self._rooms = rooms
        self._resync = resync
        self._fanout = fanout
        self._verify_access_token = verify_access_token
        self._sessions = sessions
        self._moderation = moderation

    async def connected(self, sid: str, auth: dict[str, Any]) -> HostClient:
        """Accept the host of a run and its co-hosts; others do not learn whether it exists."""
        access = self._verify_access_token(auth.get("token"))
        session = (access.session_id,) if access.session_id is not None else ()
        if not await self._sessions.not_ended(session):
            raise QuizrunError(ErrorCode.UNAUTHORIZED, "The session has ended; sign in again.")
        room = await self._room(auth.get("run_id"))
        if room.snapshot.host_id == access.account_id:
            return HostClient(sid, room, session)
        right = co_host(access.account_id, room.run_id)
        if not await self._sessions.all_good((right,)):
            raise _forbidden()
        return HostClient(sid, room, (*session, right))

    async def welcome(self, client: HostClient) -> None:
        """Send a snapshot, and everything that happens from now on."""
        room = client.room
        self.settle(client.sid)
        self._sessions.watch(client.sid, client.vouchers)
        room.seats.admit_host(client.sid)
        await self._moderation.prepare(room)
        self._fanout.admit(m.HOST, client.sid, room.run_id)
        self._fanout.to_host(client.sid, await self._resync.host_snapshot(room))
        room.notify()

    def disconnected(self, client: HostClient) -> None:
        """Forget the host."""
        self._sessions.unwatch(client.sid, client.vouchers)
        client.room.seats.dismiss_host(client.sid, time.monotonic())

    async def _room(self, run_id: Any) -> Room:
        try:
            return await self._rooms.open_newest(str(uuid.UUID(run_id)))
        except (ValueError, TypeError, AttributeError):
            raise _forbidden() from None
        except QuizrunError as error:
            if error.code is ErrorCode.NOT_FOUND:
                raise _forbidden() from None
            raise


def _forbidden() -> QuizrunError:
    return QuizrunError(ErrorCode.FORBIDDEN, "This run is not yours.")
