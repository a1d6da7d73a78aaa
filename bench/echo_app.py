"""Echo handlers on the transport, as expected by the protocols' test suites, beside a FastAPI app.

Run ``python -m bench.echo_app --port 3000``, then, for example, the Socket.IO protocol's test suite
(with ``--ping-interval 0.3 --ping-timeout 0.2`` for its heartbeat cases).
"""

from __future__ import annotations

import argparse
from typing import Any

import uvloop
from fastapi import FastAPI

from gateway.transport import Member, SocketServer
from gateway.transport.serving import SocketsFirstServer, make_server

NAMESPACES = ("/", "/custom")


def echo(**options: Any) -> SocketServer:
    """Return a server with the handlers; `options` are those of `SocketServer`."""
    sio = SocketServer(**options)
    for namespace in NAMESPACES:
        _put_handlers(sio, namespace)
    return sio


def _put_handlers(sio: SocketServer, namespace: str) -> None:
    auths: dict[str, Any] = {}

    def connect(sid: str, _environ: dict[str, Any], auth: Any) -> None:
        auths[sid] = auth or {}

    async def greet(member: Member) -> None:
        await sio.emit("auth", auths.pop(member.sid), to=member.sid, namespace=namespace)

    async def message(sid: str, *args: Any) -> None:
        await sio.emit("message-back", args, to=sid, namespace=namespace)

    def message_with_ack(_sid: str, *args: Any) -> tuple[Any, ...]:
        return args

    def fast(_member: Member, args: list[Any], _ack_id: int | None) -> tuple[Any, ...]:
        return tuple(args)

    async def join(sid: str, room: str) -> None:
        await sio.enter_room(sid, room, namespace=namespace)

    async def to_room(_sid: str, room: str, count: int, payload: Any) -> int:
        for _ in range(count):
            await sio.emit("news", payload, room=room, namespace=namespace)
        return count

    sio.on("connect", connect, namespace=namespace)
    sio.on_accepted(namespace, greet)
    sio.on("message", message, namespace=namespace)
    sio.on("message-with-ack", message_with_ack, namespace=namespace)
    sio.on_fast(namespace, "fast", fast)
    sio.on("join", join, namespace=namespace)
    sio.on("to-room", to_room, namespace=namespace)


def build(host: str, port: int, **options: Any) -> SocketsFirstServer:
    """Return a server with the handlers and an HTTP page."""
    app = FastAPI()

    @app.get("/hello")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    return make_server(
        echo(**options), app, host=host, port=port, log_level="warning", lifespan="off"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--ping-interval", type=float, default=25)
    parser.add_argument("--ping-timeout", type=float, default=20)
    arguments = parser.parse_args()
    running = build(
        arguments.host,
        arguments.port,
        ping_interval=arguments.ping_interval,
        ping_timeout=arguments.ping_timeout,
        cors_allowed_origins="*",
    )
    uvloop.run(running.serve())


if __name__ == "__main__":
    main()
