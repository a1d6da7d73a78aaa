"""A small Socket.IO client on aiohttp's WebSocket, cheap enough for hundreds in one process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

import aiohttp

CONNECT_TIMEOUT_S = 5.0
ACK_TIMEOUT_S = 5.0
# A frozen server never answers a close frame.
_CLOSE = aiohttp.ClientWSTimeout(ws_close=0.1)


class LostError(Exception):
    """The connection ended or was never there; the request may or may not have been carried out."""


class RefusedError(Exception):
    """The server refused the connection; `error` is its reason."""

    def __init__(self, error: Any) -> None:
        super().__init__(error)
        self.error = error


Listener = Callable[[str, list[Any], str], None]
"""Called with an event, its arguments, and the raw frame."""


class Wire:
    """A client of one namespace. It disconnects when an acknowledgement or the server's ping is
    overdue.
    """

    def __init__(self, session: aiohttp.ClientSession, namespace: str, listener: Listener) -> None:
        self._session = session
        self._namespace = namespace
        self._listener = listener
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._last_id = 0
        self._ended = asyncio.Event()
        self._ended.set()

    @property
    def connected(self) -> bool:
        return not self._ended.is_set()

    async def connect(self, url: str, auth: dict[str, Any] | None = None) -> None:
        """Raises `LostError` or `RefusedError`."""
        await self.close()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._connect(url, auth)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            await self.close()
            raise LostError(repr(error)) from None
        except BaseException:
            await self.close()
            raise

    async def _connect(self, url: str, auth: dict[str, Any] | None) -> None:
        socket = self._socket = await self._session.ws_connect(
            f"{url}/socket.io/?EIO=4&transport=websocket", timeout=_CLOSE
        )
        opening = json.loads((await socket.receive_str())[1:])
        patience_s = (opening["pingInterval"] + opening["pingTimeout"]) / 1000
        await socket.send_str(f"40{self._namespace},{json.dumps(auth) if auth else ''}")
        while True:
            try:
                frame = await socket.receive_str()
            except TypeError:  # it was closed
                raise LostError("closed during the handshake") from None
            if frame == "2":
                await socket.send_str("3")
            elif frame.startswith("44"):
                refusal = json.loads(frame[frame.index("{") :])
                raise RefusedError(refusal.get("data", refusal))
            elif frame.startswith("40"):
                break
        self._ended.clear()
        self._reading = asyncio.create_task(self._read(socket, patience_s))

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, patience_s: float) -> None:
        try:
            while True:
                frame = await socket.receive_str(timeout=patience_s)
                if frame == "2":
                    await socket.send_str("3")
                elif frame.startswith("41"):
                    return
                else:
                    self._handle(frame)
        except (TypeError, TimeoutError, OSError, aiohttp.ClientError):
            return
        finally:
            self._end()
            with contextlib.suppress(Exception):
                await socket.close()

    def _handle(self, frame: str) -> None:
        start = frame.find("[")
        if frame.startswith("43"):
            packet_id = int(frame[frame.index(",") + 1 : start])
            future = self._asked.pop(packet_id, None)
            if future is not None and not future.done():
                future.set_result(json.loads(frame[start:])[0])
        elif frame.startswith("42"):
            event, *args = json.loads(frame[start:])
            self._listener(event, args, frame)

    def _end(self) -> None:
        self._ended.set()
        for future in self._asked.values():
            if not future.done():
                future.set_exception(LostError("disconnected"))
        self._asked.clear()

    async def ask(self, event: str, data: Any, timeout_s: float = ACK_TIMEOUT_S) -> Any:
        """The acknowledgement of an event. Raises `LostError`."""
        socket = self._socket
        if socket is None or self._ended.is_set():
            raise LostError("not connected")
        self._last_id += 1
        packet_id = self._last_id
        future = self._asked[packet_id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s):
                await socket.send_str(f"42{self._namespace},{packet_id}{json.dumps([event, data])}")
                return await future
        except TimeoutError:
            await self.close()
            raise LostError("no acknowledgement") from None
        except (aiohttp.ClientError, OSError) as error:
            raise LostError(repr(error)) from None
        finally:
            self._asked.pop(packet_id, None)
            if future.done() and not future.cancelled():
                future.exception()

    async def ended(self) -> None:
        """Wait until disconnected."""
        await self._ended.wait()

    async def close(self) -> None:
        """Disconnect without waiting for the server, which may be frozen."""
        reading, self._reading = self._reading, None
        socket, self._socket = self._socket, None
        if reading is not None and reading is not asyncio.current_task():
            reading.cancel()
            await asyncio.wait([reading])
        elif socket is not None:
            with contextlib.suppress(Exception):
                await socket.close()
        self._end()


def now_ms() -> float:
    """This machine's clock, epoch milliseconds."""
    return time.time() * 1000
