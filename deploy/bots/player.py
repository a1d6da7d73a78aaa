"""What a player can do over the socket: join, answer, compare clocks."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Any

import aiohttp

from deploy.bots.connection import (
    ACK_TIMEOUT_S,
    Connection,
    Message,
    OnConnection,
    OnMessage,
)


@dataclass(frozen=True, slots=True)
class Ack:
    """An answer that the server has stored. `latency_ms` is from the first sending to the
    acknowledgement, repeats included.
    """

    question: int
    answer: Any
    elapsed_ms: int
    latency_ms: float


class PlayerClient:
    """Joins by PIN and comes back by token after every interruption; see `Connection` for the
    callbacks.
    """

    def __init__(
        self,
        url: str,
        http: aiohttp.ClientSession,
        on_message: OnMessage,
        on_connection: OnConnection = lambda _up: None,
    ) -> None:
        self.player_id = ""
        self.offset_ms = 0.0
        """What to add to this machine's clock to get the server's."""
        self._connection = Connection(url, http, on_message, on_connection)

    @property
    def gone(self) -> str | None:
        """Why the server will have this player no more."""
        return self._connection.gone

    async def join(self, pin: str, nickname: str, patience_s: float = 30.0) -> Message:
        """Become a player; the first snapshot. Raises `Refused`, `OSError` when nobody answers at
        the address, or `TimeoutError`.
        """
        await self._connection.open(patience_s)
        # The key makes a repeat after a lost acknowledgement find the same player.
        wanted = {"pin": pin, "nickname": nickname, "key": str(uuid.uuid4())}
        ack = await self._connection.ask("join", wanted, patience_s)
        self._connection.token, self.player_id = str(ack["token"]), str(ack["player_id"])
        snapshot: Message = ack["snapshot"]
        return snapshot

    async def answer(self, question: int, answer: Any, patience_s: float = 20.0) -> Ack:
        """Answer until it is stored. Raises `Refused`, or `TimeoutError` when patience is over."""
        began = time.perf_counter()
        wanted = {"question": question, "answer": answer}
        ack = await self._connection.ask("answer", wanted, patience_s)
        latency_ms = (time.perf_counter() - began) * 1000
        return Ack(question, answer, int(ack["elapsed_ms"]), latency_ms)

    async def sync(self, rounds: int = 4) -> None:
        """Estimate the server's clock: the exchange with the shortest round trip tells most."""
        best = float("inf")
        for _ in range(rounds):
            t0 = time.time() * 1000
            ack = await self._connection.ask("sync", {"t0": t0}, ACK_TIMEOUT_S)
            t1 = time.time() * 1000
            if t1 - t0 < best:
                best = t1 - t0
                self.offset_ms = ack["server_ms"] - (t0 + t1) / 2

    def server_ms(self) -> float:
        """The server's time now, in epoch milliseconds."""
        return time.time() * 1000 + self.offset_ms

    async def drop(self) -> None:
        """Lose the connection, as a phone in a tunnel does; it comes back by itself."""
        await self._connection.drop()

    async def close(self) -> None:
        """Leave for good."""
        await self._connection.close()
