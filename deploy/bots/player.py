"""A player's requests over the socket: join, answer, synchronize the clock."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass
from typing import Any

import aiohttp
import altcha

from deploy.bots.connection import (
    ACK_TIMEOUT_S,
    Connection,
    Message,
    OnConnection,
    OnMessage,
    Refused,
)


@dataclass(frozen=True, slots=True)
class Ack:
    """A stored answer. `latency_ms` is the time from the first attempt to the acknowledgement."""

    question: int
    answer: Any
    elapsed_ms: int
    latency_ms: float


class PlayerClient:
    """Joins by PIN and reconnects by token after every interruption; see `Connection` for the
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
        """The server's clock minus this machine's."""
        self._connection = Connection(url, http, on_message, on_connection)

    @property
    def gone(self) -> str | None:
        """Why the server has dismissed this player for good."""
        return self._connection.gone

    async def join(self, pin: str, nickname: str, patience_s: float = 30.0) -> Message:
        """Join a run; returns the first snapshot. Raises `Refused`, `OSError` if there is no server
        at the address, or `TimeoutError`.
        """
        await self._connection.open(patience_s)
        # The key makes a repeat after a lost acknowledgement find the same player.
        wanted = {"pin": pin, "nickname": nickname, "key": str(uuid.uuid4())}
        try:
            ack = await self._connection.ask("join", wanted, patience_s)
        except Refused as refusal:
            if refusal.challenge is None:
                raise
            wanted["proof"] = await asyncio.to_thread(_prove, refusal.challenge)
            ack = await self._connection.ask("join", wanted, patience_s)
        self._connection.token, self.player_id = str(ack["token"]), str(ack["player_id"])
        snapshot: Message = ack["snapshot"]
        return snapshot

    async def answer(self, question: int, answer: Any, patience_s: float = 20.0) -> Ack:
        """Send an answer until it is stored. Raises `Refused` or `TimeoutError`."""
        began = time.perf_counter()
        wanted = {"question": question, "answer": answer}
        ack = await self._connection.ask("answer", wanted, patience_s)
        latency_ms = (time.perf_counter() - began) * 1000
        return Ack(question, answer, int(ack["elapsed_ms"]), latency_ms)

    async def sync(self, rounds: int = 4) -> None:
        """Estimate the server's clock from the exchange with the shortest round trip."""
        best = float("inf")
        for _ in range(rounds):
            t0 = time.time() * 1000
            ack = await self._connection.ask("sync", {"t0": t0}, ACK_TIMEOUT_S)
            t1 = time.time() * 1000
            if t1 - t0 < best:
                best = t1 - t0
                self.offset_ms = ack["server_ms"] - (t0 + t1) / 2

    def server_ms(self) -> float:
        """The server's current time in epoch milliseconds."""
        return time.time() * 1000 + self.offset_ms

    async def drop(self) -> None:
        """Cut the connection, like a phone that loses its network; it reconnects."""
        await self._connection.drop()

    async def close(self) -> None:
        """Disconnect for good."""
        await self._connection.close()


def _prove(challenge: Message) -> str:
    """Do the work that the server asks of those who join."""
    found = altcha.Challenge.from_dict(challenge)
    solution = altcha.solve_challenge(found)
    if solution is None:
        raise Refused("proof_required", "The challenge could not be solved in time.")
    return str(altcha.Payload(found, solution).to_base64())
