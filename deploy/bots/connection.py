"""A Socket.IO connection that comes back by itself, and events that are sent until answered."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Any

import aiohttp

from deploy.bots.errors import RefusedError
from deploy.bots.stock import StockSocket

ACK_TIMEOUT_S = 3.0
"""An acknowledgement that takes longer is taken for lost; whatever players send may be repeated."""
_CONNECT_TIMEOUT_S = 10.0
_BACKOFFS_S = (0.1, 0.2, 0.5, 1.0, 2.0)
_FINAL = frozenset({"kicked", "closed"})

Message = dict[str, Any]
OnMessage = Callable[[str, list[Any]], None]
OnConnection = Callable[[bool], None]


class Refused(Exception):  # noqa: N818 - what happened, not what went wrong
    """The server says no, and asking again would not help."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def session() -> aiohttp.ClientSession:
    """What connections share; the caller closes it. There are as many as there are players."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
    )


class Connection:
    """One socket in the players' namespace, kept up until closed or sent away by the server.

    `on_message` gets what the server emits, in order; `on_connection` whether the connection
    stands. Neither may block. Once `token` is set, connecting means coming back as that player.
    """

    def __init__(
        self,
        url: str,
        http: aiohttp.ClientSession,
        on_message: OnMessage,
        on_connection: OnConnection,
    ) -> None:
        self.token: str | None = None
        self.gone: str | None = None
        """Why the server will have us no more."""
        self._url = url
        self._socket = StockSocket(http, self._heard, self._lost)
        self._on_message = on_message
        self._on_connection = on_connection
        self._up = asyncio.Event()
        self._down = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def open(self, patience_s: float) -> None:
        """Connect, and stay connected. Raises `OSError` when nobody answers, or `Refused`."""
        async with asyncio.timeout(patience_s):
            await self._connect()
        self._keeper = asyncio.create_task(self._keep())

    async def ask(self, event: str, data: Message, patience_s: float) -> Message:
        """The acknowledgement of `event`, which is sent again while it is lost, late, or refused
        for now. Raises `Refused`, or `TimeoutError` when patience is over.
        """
        attempt = 0
        async with asyncio.timeout(patience_s):
            while self.gone is None:
                await self._up.wait()
                with contextlib.suppress(OSError):  # timeouts, too
                    reply: Message = await self._socket.ask(event, data, timeout_s=ACK_TIMEOUT_S)
                    if reply["ok"]:
                        return reply
                    error = reply["error"]
                    if not error["retryable"]:
                        raise Refused(error["code"], error["message"])
                await asyncio.sleep(_backoff_s(attempt))
                attempt += 1
        raise Refused("gone", self.gone)

    async def drop(self) -> None:
        """Cut the connection, as a phone that loses its network does; it comes back by itself."""
        await self._socket.drop()

    async def close(self) -> None:
        """Leave for good."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._socket.close()

    async def _connect(self) -> None:
        auth = {"token": self.token} if self.token else None
        self._down.clear()
        try:
            await self._socket.connect(self._url, auth, _CONNECT_TIMEOUT_S)
        except RefusedError as refusal:
            error = refusal.error
            if error["retryable"]:
                raise OSError(error["message"]) from None
            raise Refused(error["code"], error["message"]) from None
        self._up.set()
        self._on_connection(True)

    async def _keep(self) -> None:
        """Connect again whenever the connection is lost."""
        while True:
            await self._down.wait()
            self._on_connection(False)
            attempt = 0
            while self._down.is_set():
                await asyncio.sleep(_backoff_s(attempt))
                attempt += 1
                try:
                    await self._connect()
                except Refused as refusal:
                    self._send_away(str(refusal))
                    return
                except OSError:
                    self._down.set()

    def _heard(self, event: str, parts: list[Any]) -> None:
        if event in _FINAL:
            self._send_away(str(parts[0].get("reason", event)))
        self._on_message(event, parts)

    def _lost(self) -> None:
        self._up.clear()
        if self.gone is None:
            self._down.set()
        else:
            self._up.set()

    def _send_away(self, reason: str) -> None:
        self.gone = reason
        self._up.set()  # whoever waits to ask something learns that there is no use
        self._on_connection(False)
        if self._keeper is not None and self._keeper is not asyncio.current_task():
            self._keeper.cancel()


def _backoff_s(attempt: int) -> float:
    """How long to wait: longer each time, and not in step with the other players."""
    return _BACKOFFS_S[min(attempt, len(_BACKOFFS_S) - 1)] * random.uniform(0.5, 1.5)  # noqa: S311
