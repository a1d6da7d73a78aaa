"""Serving a `SocketServer` and an ASGI application on one port."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn

from gateway.transport.server import PATH, SocketServer


class Server(uvicorn.Server):
    """Lets the sockets go first when it stops, those that poll too: uvicorn would wait for their
    requests to end.
    """

    def __init__(self, config: uvicorn.Config, sio: SocketServer) -> None:
        super().__init__(config)
        self._sio = sio

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the sockets, then the connections."""
        await self._sio.shutdown()
        await super().shutdown(sockets)


def server(sio: SocketServer, other: Any = None, *, path: str = PATH, **options: Any) -> Server:
    """A server of both; `options` are those of `uvicorn.Config`."""
    protocol: Any = sio.websocket_protocol(path)
    config = uvicorn.Config(sio.asgi(other, path), ws=protocol, **options)
    return Server(config, sio)
