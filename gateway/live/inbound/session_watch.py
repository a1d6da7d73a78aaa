"""Hosts' sockets end with what authorised them: a browser session, a co-host's right."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection

import structlog

from quiz.errors import QuizrunError
from telemetry.clock import now_ms

EVERY_S = 1.0

CO_HOST = "co-host:"

Living = Callable[[Collection[str], int], Awaitable[set[str]]]

log = structlog.get_logger(__name__)


def co_host(account_id: str, run_id: str) -> str:
    """Return the voucher for an account's right on a run of somebody else."""
    return f"{CO_HOST}{account_id}:{run_id}"


class SessionWatch:
    """Asks the database which vouchers are still valid, for all sockets of a gateway at once.

    A session may be ended at any gateway, or by hand in the database. Polling reaches every socket
    within `EVERY_S`, even without Kafka, and costs one to three queries a second where hosts are
    connected: one for all sessions, one for all API tokens, one for all co-hosts.
    """

    def __init__(self, living: Living, end: Callable[[str], None]) -> None:
        """`end` closes the connection of a socket."""
        self._living = living
        self._end = end
        self._sockets: defaultdict[str, set[str]] = defaultdict(set)

    async def all_good(self, vouchers: Collection[str]) -> bool:
        """Whether all vouchers are valid. Raises `unavailable`."""
        return set(vouchers) <= await self._living(vouchers, now_ms())

    async def not_ended(self, session: Collection[str]) -> bool:
        """Whether a token's session goes on. True during an outage: `run` asks again."""
        try:
            return await self.all_good(session)
        except QuizrunError:
            return True

    def watch(self, sid: str, vouchers: Collection[str]) -> None:
        """Watch a socket."""
        for voucher in vouchers:
            self._sockets[voucher].add(sid)

    def unwatch(self, sid: str, vouchers: Collection[str]) -> None:
        """Forget a socket."""
        for voucher in vouchers:
            sids = self._sockets.get(voucher, set())
            sids.discard(sid)
            if not sids:
                self._sockets.pop(voucher, None)

    async def run(self) -> None:
        """Close the sockets whose vouchers are no longer valid, until cancelled."""
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
        for voucher in watched - living:
            for sid in tuple(self._sockets.get(voucher, ())):
                self._end(sid)
