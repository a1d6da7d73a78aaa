"""Serving a `SocketServer` and an ASGI application on one port."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn

from gateway.transport.server import PATH, SocketServer


class SocketsFirstServer(uvicorn.Server):
    """A uvicorn server that closes sockets first when it stops. It would wait for requests to end,
    and those of polling clients do not end by themselves.
    """

    def __init__(self, config: uvicorn.Config, sio: SocketServer) -> None:
        super().__init__(config)
        self._sio = sio

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the sockets, then all other connections."""
        await self._sio.shutdown()
        await super().shutdown(sockets)


def make_server(
    sio: SocketServer, other: Any = None, *, path: str = PATH, **options: Any
) -> SocketsFirstServer:
    """Make a server of both; `options` are those of `uvicorn.Config`."""
    protocol: Any = sio.websocket_protocol(path)
    config = uvicorn.Config(sio.asgi(other, path), ws=protocol, **options)
    return SocketsFirstServer(config, sio)
