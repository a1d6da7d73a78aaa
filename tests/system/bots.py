"""Automatic players that, like good clients, retry answers until they are acknowledged."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp

from deploy.bots.errors import LostError, RefusedError
from tests.system.client import (
    Heard,
    PythonClient,
    code_of,
    until_ms,
)
from tests.system.hosting import Run

RETRY_S = 0.1
AT_ONCE = 50

Manner = Literal["once", "twice", "changes", "drops"]
"""Whether an answer is sent twice at once, followed by another one, or sent by a player whose
connection drops before the acknowledgement."""


@dataclass(frozen=True)
class Plan:
    """What to answer, how long after the question opens, and how."""

    delay_s: float
    answer: Any
    manner: Manner = "once"


class Bot:
    """A player; `plans` by question. Reconnects to the next of `urls` when disconnected."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        urls: Sequence[str],
        nickname: str,
        plans: dict[int, Plan],
    ) -> None:
        self.client = PythonClient(session, urls[0])
        self.nickname = nickname
        self.plans = plans
        self.acknowledged: dict[int, tuple[Any, int]] = {}
        """Answer and `elapsed_ms` by question."""
        self.refused: dict[int, str] = {}
        """The code by question."""
        self.shown: dict[int, dict[str, Any]] = {}
        self.outcome: dict[str, Any] = {}
        self.own_outcome: dict[str, Any] = {}
        self.lost = 0
        """The number of lost connections."""
        self._urls = itertools.cycle([*urls[1:], urls[0]])
        self._back = asyncio.Event()

    @property
    def player_id(self) -> str:
        return self.client.player_id

    async def enter(self, run: Run) -> None:
        """Connect and join."""
        await self.client.connect()
        await self.client.join(run.pin, self.nickname, key=self.nickname)
        self._back.set()

    async def play(self) -> None:
        """Play until the run is over."""
        seen = 0
        async with asyncio.TaskGroup() as answering:
            while not self.outcome:
                await self.client.news(seen)
                if not self.client.connected:
                    await self._come_back()
                for heard in self.client.heard[seen:]:
                    seen += 1
                    question = self._take(heard)
                    if question is not None and question in self.plans:
                        answering.create_task(self._give(question, self.plans[question]))
        await self.client.close()

    def _take(self, heard: Heard) -> int | None:
        """The index of a new question in a message, if any."""
        if heard.event == "finished":
            self.outcome, self.own_outcome = heard.args
        message = heard.args[0] if heard.args else {}
        if heard.event == "snapshot":
            if "outcome" in message:
                self.outcome = message["outcome"]
                you = message["you"]
                players = self.outcome["players"]
                self.own_outcome = {"score": you["score"], "rank": you["rank"], "players": players}
            message = message["question"] if message["phase"] == "question" else {}
        if heard.event not in ("question", "snapshot") or "opens_at" not in message:
            return None
        index: int = message["question"]
        is_new = index not in self.shown
        self.shown[index] = message
        return index if is_new else None

    async def _come_back(self) -> None:
        self.lost += 1
        self._back.clear()
        while True:
            try:
                await self.client.connect(next(self._urls), token=self.client.token)
            except (LostError, RefusedError) as error:
                temporary = isinstance(error, LostError) or error.error["retryable"]
                assert temporary, error
                await asyncio.sleep(RETRY_S)
            else:
                self._back.set()
                return

    async def _give(self, question: int, plan: Plan) -> None:
        due = 0.0
        while due != (due := self.shown[question]["opens_at"] + plan.delay_s * 1000):
            await until_ms(due)  # it may be rescheduled
        if plan.manner == "drops":
            await self._drop(question, plan.answer)
        elif plan.manner == "twice":
            first, second = await asyncio.gather(
                self._insist(question, plan.answer), self._insist(question, plan.answer)
            )
            assert first == second
        answer = await self._insist(question, plan.answer)
        if answer["ok"]:
            assert set(answer) == {"ok", "status", "elapsed_ms"}
            self.acknowledged[question] = (plan.answer, answer["elapsed_ms"])
        else:
            self.refused[question] = code_of(answer)
        if plan.manner == "changes" and answer["ok"]:
            another = 1 if plan.answer == 0 else 0
            assert code_of(await self._insist(question, another)) in (
                "answer_invalid",
                "question_closed",
            )

    async def _drop(self, question: int, answer: Any) -> None:
        try:
            await self.client.send("answer", {"question": question, "answer": answer})
        except LostError:
            return
        await self.client.close()

    async def _insist(self, question: int, answer: Any) -> Any:
        """Send an answer until it has a final reply; return that."""
        while True:
            try:
                reply = await self.client.answer(question, answer)
            except LostError:
                await asyncio.sleep(RETRY_S)
                await self._back.wait()
                continue
            if reply["ok"] or not reply["error"]["retryable"]:
                return reply
            await asyncio.sleep(RETRY_S)


async def enter_all(bots: Iterable[Bot], run: Run) -> None:
    """Join all, some concurrently."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def enter(bot: Bot) -> None:
        async with turns:
            await bot.enter(run)

    async with asyncio.TaskGroup() as entering:
        for bot in bots:
            entering.create_task(enter(bot))


async def play_all(bots: Sequence[Bot], timeout_s: float) -> None:
    """Play all until the run is over."""
    try:
        async with asyncio.timeout(timeout_s), asyncio.TaskGroup() as playing:
            for bot in bots:
                playing.create_task(bot.play())
    except TimeoutError:
        late = [bot for bot in bots if not bot.outcome]
        heard = [one.event for one in late[0].client.heard] if late else []
        raise AssertionError(f"{len(late)} bots see no end; the first one heard {heard}") from None
