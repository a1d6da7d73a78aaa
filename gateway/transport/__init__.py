"""A fast Socket.IO transport that knows nothing of quizzes.

``sio = SocketServer(…)`` is a `socketio.AsyncServer`: register handlers and namespaces as on the
stock one. Only the way of its packets differs::

    uvicorn ── HTTP ── ASGIApp ── Engine (python-engineio) ── PollingSession ─┐
       └─ upgrade ── UpgradeProtocol ── picows ────────────── WebSocketSession ┤
                                                                               │
         Handlers ── Admission · Receiver ── Member (ClientManager) ───────────┘

How it works:

* **No asyncio objects per socket.** picows' protocol object reads, its transport writes with one
  `send` system call; there is no task, queue or timer. All deadlines are in one `Wheel`.
* **A packet is handled where it is read.** Plain functions (`on_fast`, and stock handlers that
  are not coroutines) reply before the read callback returns; only a coroutine gets a task.
* **Encoded once.** A `Message` is a bytearray with room for a WebSocket header in front, which
  picows fills in place: a broadcast is a loop over a room's members with one call in it.
* **Back-pressure is a flag.** With a high-water mark of 0, the event loop reports when a socket's
  kernel buffer is full (`blocked`), so a broadcast need not ask each socket for its buffer's size.
  Blocked sockets share the same bytes object; one with more than `max_backlog_bytes` queued is cut
  off as a ``slow_consumer``. With `coalesce_key`, newer messages replace queued ones.
* **Strict input.** A violation of the protocol ends the connection, as in Node; python-socketio
  logs an exception and continues.

Deliberate differences from the stock server: two polls at once, an abandoned poll, and no CONNECT
within `connect_timeout_s` end the session; an unknown namespace is refused with
``{"message": "Invalid namespace"}``; events for a namespace that was never connected to close the
connection; clients cannot send ``connect`` and ``disconnect`` events; a client that leaves while
its connect handler runs gets its disconnect handler called; `get_environ` builds the environment
anew, with the headers in `handshake.KEPT` only.

Limits (`Limits`, all off by default): sessions in total and by network, packets between two pings,
the time until the application settles a session, and one budget for what all clients have not read.

Pitfalls: `emit` never yields to the event loop, so a long loop of emits should. picows never
shrinks its read buffer: a client can make the server hold a frame and a read, up to 64 KB, for as
long as it is connected. There is no permessage-deflate, no TLS (the proxy terminates it), and no
other WebSocket endpoint on the port.
"""

from gateway.transport.limits import Limits
from gateway.transport.server import SocketServer
from gateway.transport.session import Member

__all__ = ["Limits", "Member", "SocketServer"]
