"""A fast Socket.IO transport that knows nothing of quizzes.

``sio = SocketServer(…)`` is a `socketio.AsyncServer`: handlers and namespaces go on it as on the
stock one. Its packets go another way::

    uvicorn ── HTTP ── ASGIApp ── Engine (python-engineio) ── PollingSession ─┐
       └─ upgrade ── UpgradeProtocol ── picows ────────────── WebSocketSession ┤
                                                                               │
         handlers ── Admission · Dispatch ── Member (Rooms) ───────────────────┘

What it rests on:

* **Nothing of asyncio for each socket.** picows' protocol object reads, its transport writes with
  one `send` system call; there is no task, queue or timer. All deadlines are in one `Wheel`.
* **A packet is handled where it is read.** Plain functions (`on_fast`, and stock handlers that
  are no coroutines) answer before the read callback returns; only a coroutine gets a task.
* **Encoded once.** A `Message` is a bytearray with room for a WebSocket header in front, which
  picows fills in place: a broadcast is a loop over a room's members with one call in it.
* **Back-pressure is a flag.** With a high-water mark of 0 the event loop says when a socket's
  kernel buffer is full (`blocked`), so that the loop asks no socket for its buffer's size. What a
  blocked socket is sent is the same bytes object for all; past `max_backlog_bytes` it is cut off
  as a ``slow_consumer``. With `coalesce_key` newer messages replace older ones meanwhile.
* **Strict on what comes in.** Whatever is not the protocol ends the connection, as in Node, where
  python-socketio logs an exception and goes on.

Where it differs from the stock server on purpose: two polls at once and a poll given up end the
session; no CONNECT within `connect_timeout_s` does; an unknown namespace is refused with
``{"message": "Invalid namespace"}``; events for a namespace never connected to close; clients
cannot send ``connect`` and ``disconnect`` events; a client that leaves while its connect handler
runs gets its disconnect handler called; `get_environ` builds the environment anew, with the
headers in `handshake.KEPT` only.

Traps: `emit` never yields to the event loop, so that a long loop of emits should. picows never
shrinks its read buffer: `max_http_buffer_size` is what a client can make the server hold for
as long as it is connected. There is no permessage-deflate, no TLS (a proxy's business), and no
other WebSocket endpoint on the port.
"""

from gateway.transport.rooms import Member
from gateway.transport.server import SocketServer

__all__ = ["Member", "SocketServer"]
