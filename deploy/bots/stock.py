"""The stock Socket.IO client, over WebSocket: one namespace, no reconnection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import socketio
from socketio.exceptions import SocketIOError

from deploy.bots.errors import LostError, RefusedError

PLAY = "/play"


class StockSocket:
    """A connection; `connect` can be called again after it was lost.

    `on_event(event, args)` gets what the server emits, in order; `on_lost()` is called when a
    connection ends; `on_frame` gets every packet undecoded. None of them may block. Connections
    share the session `http`; with None, each opens one of its own, which is slow.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession | None,
        on_event: Callable[[str, list[Any]], None],
        on_lost: Callable[[], None] = lambda: None,
        *,
        namespace: str = PLAY,
        on_frame: Callable[[Any], None] = lambda _: None,
    ) -> None:
        self._http = http
        self._on_event = on_event
        self._on_lost = on_lost
        self._on_frame = on_frame
        self._namespace = namespace
        self._client: _Client | None = None
        self._asked: set[asyncio.Future[Any]] = set()

    async def connect(self, url: str, auth: dict[str, Any] | None, timeout_s: float) -> None:
        """Connect. Raises `RefusedError` if the namespace refuses, else `LostError`."""
        client = _Client(self._http, self._on_frame)
        refusals: list[Any] = []
        client.on("*", self._heard, namespace=self._namespace)
        client.on("connect_error", refusals.append, namespace=self._namespace)
        client.on("disconnect", lambda *_: self._lost(client), namespace=self._namespace)
        # Before it is connected: events may arrive with the server's CONNECT.
        self._client = client
        try:
            await client.connect(
                url,
                auth=auth,
                namespaces=[self._namespace],
                transports=["websocket"],
                wait_timeout=timeout_s,
            )
        except SocketIOError as error:
            self._client = None
            await client.disconnect()
            refusal = refusals[0] if refusals else None
            if isinstance(refusal, dict) and "data" in refusal:
                raise RefusedError(refusal["data"], refusal.get("message")) from None
            raise LostError(str(error)) from None
        if self._client is not client:
            raise LostError("The connection was lost at once.")

    async def ask(self, event: str, *args: Any, timeout_s: float) -> Any:
        """Send an event; returns its acknowledgement. Raises `LostError` or `TimeoutError`."""
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def acknowledged(*values: Any) -> None:
            if not reply.done():
                reply.set_result(values[0] if len(values) == 1 else values)

        self._asked.add(reply)
        try:
            async with asyncio.timeout(timeout_s):
                await self.send(event, *args, callback=acknowledged)
                return await reply
        finally:
            self._asked.discard(reply)

    async def send(
        self, event: str, *args: Any, callback: Callable[..., None] | None = None
    ) -> None:
        """Send an event without waiting. Raises `LostError`."""
        if self._client is None:
            raise LostError("not connected")
        data = args[0] if len(args) == 1 else (args or None)
        try:
            await self._client.emit(event, data, namespace=self._namespace, callback=callback)
        except SocketIOError as error:
            raise LostError(str(error)) from None

    async def drop(self) -> None:
        """Cut the connection, like a phone that loses its network."""
        if self._client is not None:
            await self._client.eio.disconnect(abort=True)

    async def close(self) -> None:
        """Disconnect, if connected."""
        client = self._client
        if client is not None:
            await client.disconnect()
            self._lost(client)

    def _heard(self, event: str, *args: Any) -> None:
        self._on_event(event, list(args))

    def _lost(self, client: _Client) -> None:
        if client is not self._client:
            return
        self._client = None
        for reply in self._asked:
            if not reply.done():
                reply.set_exception(LostError("The connection was lost."))
        self._on_lost()


class _Client(socketio.AsyncClient):  # type: ignore[misc]
    def __init__(self, http: aiohttp.ClientSession | None, on_frame: Callable[[Any], None]) -> None:
        session = _Lent(http) if http is not None else None
        super().__init__(reconnection=False, handle_sigint=False, http_session=session)
        self._on_frame = on_frame

    async def _handle_eio_message(self, data: Any) -> None:
        self._on_frame(data)
        await super()._handle_eio_message(data)


class _Lent:
    """A session shared by many clients, which the library would close when one of them is
    garbage-collected (`engineio.AsyncClient.__del__`).
    """

    closed = False

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.ws_connect = session.ws_connect

    async def close(self) -> None:
        """Keep it open."""
