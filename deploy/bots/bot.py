"""Bots: players that answer at random times and record what they were sent, and when."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from deploy.bots.answers import guess
from deploy.bots.connection import Message, Refused
from deploy.bots.player import Ack, PlayerClient

Choose = Callable[[Message, random.Random], Any]
OnHeard = Callable[["Bot", str, list[Any]], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """When a bot received a question, and its window. Epoch ms of the server's clock."""

    question: int
    received_at: float
    opens_at: int
    closes_at: int


@dataclass(frozen=True, slots=True)
class Revealed:
    """When a bot received a reveal, and its own part of it."""

    question: int
    received_at: float
    own: Message


class Bot:
    """One player. `seen`, `acks` and `revealed` are by question; `outcome` has both arguments of
    the final message.
    """

    def __init__(
        self,
        url: str,
        http: aiohttp.ClientSession,
        nickname: str,
        rng: random.Random,
        *,
        choose: Choose = guess,
        on_heard: OnHeard = lambda _bot, _event, _parts: None,
    ) -> None:
        self.nickname = nickname
        self.client = PlayerClient(url, http, self._heard, self._connection)
        self.seen: dict[int, Seen] = {}
        self.acks: dict[int, Ack] = {}
        self.revealed: dict[int, Revealed] = {}
        self.outcome: tuple[Message, Message] | None = None
        self.over = asyncio.Event()
        self.connects = 0
        self.refusals: list[str] = []
        self._rng = rng
        self._choose = choose
        self._on_heard = on_heard
        self._running = asyncio.Event()  # cleared while the run is paused
        self._running.set()
        self._answering: dict[int, asyncio.Task[None]] = {}
        self._sent: set[int] = set()

    async def join(self, pin: str) -> None:
        """Join the run and measure the clock's offset. Raises like `PlayerClient.join`."""
        snapshot = await self.client.join(pin, self.nickname)
        await self.client.sync()
        self._heard("snapshot", [snapshot])

    async def close(self) -> None:
        """Stop answering and disconnect."""
        for task in self._answering.values():
            task.cancel()
        await asyncio.gather(*self._answering.values(), return_exceptions=True)
        await self.client.close()

    def _connection(self, up: bool) -> None:
        self.connects += up
        if self.client.gone is not None:
            self.over.set()

    def _heard(self, event: str, parts: list[Any]) -> None:
        match event, parts:
            case "snapshot", [snapshot]:
                self._catch_up(snapshot)
            case "question", [question]:
                self._take(question)
            case "paused", _:
                self._running.clear()
            case "resumed", _:
                self._running.set()
            case "reveal", [common, own]:
                index, at = common["question"], self.client.server_ms()
                self.revealed.setdefault(index, Revealed(index, at, own or {}))
            case "finished", [common, own] if own is not None:  # else a snapshot follows
                self._end((common, own))
        self._on_heard(self, event, parts)

    def _catch_up(self, snapshot: Message) -> None:
        if snapshot["paused"]:
            self._running.clear()
        else:
            self._running.set()
        question = snapshot.get("question")
        if question and snapshot["phase"] == "question" and not snapshot["you"]["answered"]:
            self._take(question)
        outcome = snapshot.get("outcome")
        if outcome and self.outcome is None:
            you = snapshot["you"]
            own = {"score": you["score"], "rank": you["rank"], "players": outcome["players"]}
            self._end((outcome, own))

    def _end(self, outcome: tuple[Message, Message]) -> None:
        self.outcome = outcome
        self.over.set()

    def _take(self, question: Message) -> None:
        """Schedule an answer, anew if the question is sent again with new times."""
        index = question["question"]
        times = (self.client.server_ms(), question["opens_at"], question["closes_at"])
        self.seen[index] = Seen(index, *times)
        if question["type"] == "slide" or index in self._sent:
            return
        planned = self._answering.get(index)
        if planned is not None:
            planned.cancel()
        self._answering[index] = asyncio.create_task(self._answer(question))

    async def _answer(self, question: Message) -> None:
        opens_at, closes_at = question["opens_at"], question["closes_at"]
        # Most people answer in the first half of the time, nobody at once.
        wanted_at = opens_at + (closes_at - opens_at) * self._rng.betavariate(2, 5)
        await asyncio.sleep(max(0.0, wanted_at - self.client.server_ms()) / 1000)
        await self._running.wait()
        index, answer = question["question"], self._choose(question, self._rng)
        self._sent.add(index)  # the client now repeats this answer until it is stored
        try:
            self.acks[index] = await self.client.answer(index, answer)
        except Refused as refusal:
            self.refusals.append(f"question {index + 1}: {refusal}")
        except TimeoutError:
            self.refusals.append(f"question {index + 1}: no acknowledgement")
        else:
            self._on_heard(self, "ack", [self.acks[index]])


async def join_all(
    bots: Collection[Bot], pin: str, *, at_once: int = 20, joined: Callable[[], None] = lambda: None
) -> None:
    """Join with all bots, `at_once` concurrently. Cancels the others and raises on a failure."""
    places = asyncio.Semaphore(at_once)

    async def join(bot: Bot) -> None:
        async with places:
            await bot.join(pin)
        joined()

    tasks = [asyncio.create_task(join(bot)) for bot in bots]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile; 0 if there are no values."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]
