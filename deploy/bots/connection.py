"""A Socket.IO connection that reconnects, and events that are resent until acknowledged."""

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
"""A later acknowledgement counts as lost; everything that players send may be repeated."""
_CONNECT_TIMEOUT_S = 10.0
_BACKOFFS_S = (0.1, 0.2, 0.5, 1.0, 2.0)
_FINAL = frozenset({"kicked", "closed"})

Message = dict[str, Any]
OnMessage = Callable[[str, list[Any]], None]
OnConnection = Callable[[bool], None]


class Refused(Exception):  # noqa: N818 - what happened, not what went wrong
    """The server refuses for good; a retry would not help."""

    def __init__(self, code: str, message: str, challenge: Message | None = None) -> None:
        """`challenge` is the work whose proof the server asks for."""
        super().__init__(message)
        self.code = code
        self.challenge = challenge


def session() -> aiohttp.ClientSession:
    """A session to share between connections, without a limit on their number."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
    )


class Connection:
    """One socket in the players' namespace; it reconnects until closed or dismissed by the server.

    `on_message` gets what the server emits, in order; `on_connection` gets True when the connection
    is open and False when it is lost. Neither may block. With a `token`, it resumes that player.
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
        """Why the server has dismissed this player for good."""
        self._url = url
        self._socket = StockSocket(http, self._heard, self._lost)
        self._on_message = on_message
        self._on_connection = on_connection
        self._up = asyncio.Event()
        self._down = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def open(self, patience_s: float) -> None:
        """Connect, and stay connected. Raises `OSError` if there is no server, or `Refused`."""
        async with asyncio.timeout(patience_s):
            await self._connect()
        self._keeper = asyncio.create_task(self._keep())

    async def ask(self, event: str, data: Message, patience_s: float) -> Message:
        """Send `event` until it is acknowledged, also after refusals that are retryable. Raises
        `Refused`, or `TimeoutError` after `patience_s`.
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
                        raise Refused(error["code"], error["message"], error.get("challenge"))
                await asyncio.sleep(_backoff_s(attempt))
                attempt += 1
        raise Refused("gone", self.gone)

    async def drop(self) -> None:
        """Cut the connection, like a phone that loses its network; it reconnects."""
        await self._socket.drop()

    async def close(self) -> None:
        """Disconnect for good."""
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
        """Reconnect whenever the connection is lost."""
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
        self._up.set()  # requests that wait for a connection fail now
        self._on_connection(False)
        if self._keeper is not None and self._keeper is not asyncio.current_task():
            self._keeper.cancel()


def _backoff_s(attempt: int) -> float:
    """How long to wait: longer each time, with jitter."""
    return _BACKOFFS_S[min(attempt, len(_BACKOFFS_S) - 1)] * random.uniform(0.5, 1.5)  # noqa: S311
