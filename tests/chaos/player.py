"""A player that resends what was not acknowledged and reconnects when the connection is lost."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from deploy.bots.errors import LostError, RefusedError
from tests.chaos.plans import PlayerPlan, Reply, another
from tests.chaos.records import Ack, Heard, Record, Refusal, reveals
from tests.chaos.wire import Wire, now_ms

KEPT = {
    "snapshot",
    "starting",
    "question",
    "reveal",
    "finished",
    "paused",
    "resumed",
    "kicked",
    "closed",
}
RETRY_S = (0.1, 0.4)
SNAPSHOT_TIMEOUT_S = 5.0


class Player:
    """Plays `plan` against the gateways at `urls` until the run is over for this player."""

    def __init__(
        self,
        urls: Sequence[str],
        plan: PlayerPlan,
        secrets: dict[int, list[str]],
        rng: Random,
    ) -> None:
        self.plan = plan
        self.record = Record(plan.nickname)
        self._secrets = {text: index for index, texts in secrets.items() for text in texts}
        self._rng = rng
        first = rng.randrange(len(urls))
        self._urls = itertools.cycle([*urls[first:], *urls[:first]])
        self._wire = Wire("/play", self._hear)
        self._token = ""
        self._connection = 0
        self._back = asyncio.Event()
        self._over = asyncio.Event()
        self._shown: dict[int, dict[str, Any]] = {}
        self._tasks: asyncio.TaskGroup

    @property
    def has_started(self) -> bool:
        """Whether the player knows that the run has started."""
        return any(one.event in ("starting", "question") for one in self.record.heard)

    async def play(self, pin: str, given_up: Callable[[], bool]) -> None:
        """Join and play to the end; `given_up` says whether joining has become pointless."""
        async with asyncio.TaskGroup() as self._tasks:
            try:
                if await self._enter(pin, given_up):
                    if self.plan.leaves_after_s:
                        self._tasks.create_task(self._look_away())
                    await self._stay()
            finally:
                self._wire.close()

    async def _enter(self, pin: str, given_up: Callable[[], bool]) -> bool:
        request = {"pin": pin, "nickname": self.plan.nickname, "key": self.plan.nickname}
        began = now_ms()
        while not given_up():
            try:
                await self._wire.connect(next(self._urls))
                reply = await self._wire.ask("join", request)
            except LostError:
                await self._pause()
                continue
            except RefusedError as error:
                reply = {"ok": False, "error": error.error}
            if reply["ok"]:
                self._welcome(reply, began)
                return True
            if not reply["error"]["retryable"]:
                self.record.not_joined = reply["error"]["code"]
                return False
            await self._pause()
        self.record.not_joined = "gave up"
        return False

    def _welcome(self, reply: dict[str, Any], began: float) -> None:
        record = self.record
        record.player_id, self._token = reply["player_id"], reply["token"]
        record.joined_at = now_ms()
        record.waits.append((began, record.joined_at))
        self._connection += 1
        self._back.set()
        self._note("snapshot", [reply["snapshot"]])

    async def _stay(self) -> None:
        """Stay connected until the run is over."""
        over = asyncio.create_task(self._over.wait())
        try:
            while not self._over.is_set():
                ended = asyncio.create_task(self._wire.ended())
                await asyncio.wait([over, ended], return_when=asyncio.FIRST_COMPLETED)
                ended.cancel()
                if not self._over.is_set():
                    await self._come_back()
        finally:
            over.cancel()

    async def _come_back(self) -> None:
        began = self.record.waiting_since = now_ms()
        self.record.losses.append(began)
        self._back.clear()
        while not self._over.is_set():
            heard = len(self.record.heard)
            self._connection += 1
            try:
                await self._wire.connect(next(self._urls), {"token": self._token})
            except LostError:
                await self._pause()
                continue
            except RefusedError as error:
                if error.error.get("retryable", True):
                    await self._pause()
                    continue
                self._finish(f"refused: {error.error['code']}")
                return
            if await self._snapshot_since(heard):
                self.record.waits.append((began, now_ms()))
                self.record.waiting_since = 0.0
                self._back.set()
                return

    async def _snapshot_since(self, heard: int) -> bool:
        """Whether a snapshot arrives before the timeout."""
        until = now_ms() + SNAPSHOT_TIMEOUT_S * 1000
        while not (came := any(one.event == "snapshot" for one in self.record.heard[heard:])):
            if not self._wire.connected or now_ms() > until:
                break
            await asyncio.sleep(0.02)
        return came

    async def come_back_once(self) -> None:
        """Drop the connection, like reloading the page."""
        self._wire.close()

    async def _look_away(self) -> None:
        try:
            async with asyncio.timeout(self.plan.leaves_after_s):
                await self._over.wait()
        except TimeoutError:
            self._wire.close()

    async def _pause(self) -> None:
        # time: as a client waits before it tries again
        await asyncio.sleep(self._rng.uniform(*RETRY_S))

    # Messages

    def _hear(self, event: str, args: list[Any], frame: str) -> None:
        for text, index in self._secrets.items():
            if text in frame and not reveals(event, args, index):
                self.record.contradictions.append(
                    f"solution of question {index} in {event}: {frame[:300]}"
                )
        if event in KEPT:
            self._note(event, args)

    def _note(self, event: str, args: list[Any]) -> None:
        self.record.heard.append(Heard(now_ms(), self._connection, event, args))
        message = args[0] if args else {}
        if (event == "finished" and args[1] is not None) or (
            event == "snapshot" and "outcome" in message
        ):
            self._finish("finished")  # a `finished` without an own result precedes a snapshot
        elif event == "kicked":
            self._finish("kicked")
        elif event == "closed" and message.get("reason") == "cancelled":
            self._finish("cancelled")
        elif event == "snapshot" and message["phase"] in ("cancelled", "finished"):
            self._finish(message["phase"])
        elif event == "question":
            self._show(message)
        elif event == "snapshot" and message["phase"] == "question" and "question" in message:
            self._show(message["question"])

    def _finish(self, how: str) -> None:
        if not self._over.is_set():
            self.record.end = how
            self._over.set()
            self._back.set()

    def _show(self, question: dict[str, Any]) -> None:
        index = question["question"]
        known = index in self._shown
        self._shown[index] = question
        reply = self.plan.replies.get(index)
        if not known and reply is not None:
            self._tasks.create_task(self._give(index, reply))

    # Answers

    async def _give(self, index: int, reply: Reply) -> None:
        due = 0.0
        while due != (due := self._shown[index]["opens_at"] + reply.delay_s * 1000):  # noqa: ASYNC110
            await asyncio.sleep(max(0.0, due - now_ms()) / 1000)
        answer = reply.on_wire(self._shown[index].get("options"))
        began = now_ms()
        self.record.sent[index] = answer
        if reply.manner == "drops":
            dropped = asyncio.create_task(self._insist(index, answer))
            await asyncio.sleep(0)
            dropped.cancel()
            self.record.doubtful.add(index)
            self._wire.close()
        replies = [self._insist(index, answer)]
        if reply.manner == "twice":
            replies.append(self._insist(index, answer))
        first, *others = await asyncio.gather(*replies)
        if first is None:
            return
        if any(other is not None and _meaning(other) != _meaning(first) for other in others):
            self.record.contradictions.append(
                f"question {index}: one answer, replies {first} and {others}"
            )
        at = now_ms()
        if not first["ok"]:
            doubtful = index in self.record.doubtful
            self.record.refusals[index] = Refusal(first["error"]["code"], began, at, doubtful)
            return
        self.record.acks[index] = Ack(answer, first["elapsed_ms"], at)
        self.record.ack_waits.append((began, at))
        if reply.manner == "changes":
            await self._change(index, answer)

    async def _change(self, index: int, answer: Any) -> None:
        again = await self._insist(index, another(answer))
        if again is not None and again["ok"]:
            self.record.contradictions.append(f"question {index}: {answer} was changed: {again}")

    async def _insist(self, index: int, answer: Any) -> Any:
        """The final reply to an answer; None if the run ends first."""
        while True:
            try:
                reply = await self._wire.ask("answer", {"question": index, "answer": answer})
            except LostError:
                self.record.doubtful.add(index)
                await self._back.wait()
                if self._over.is_set():
                    return None
                await self._pause()
                continue
            if reply["ok"] or not reply["error"]["retryable"]:
                return reply
            if reply["error"]["code"] == "unavailable":
                self.record.doubtful.add(index)
            if self._over.is_set():
                return None
            await self._pause()


def _meaning(reply: dict[str, Any]) -> Any:
    """The part of a reply that clients act on: the acknowledgement or the error code."""
    return reply if reply["ok"] else reply["error"]["code"]
