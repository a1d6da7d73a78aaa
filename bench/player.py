"""A player of a benchmark: carries out a plan, and records when what happened."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from deploy.bots.raw import RawSocket, values

_RETRY_S = 0.05
_LATE_ACK_S = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What one player will do: answer question q with `answers[q]`, `delays_s[q]` after it opens;
    not at all where that is None.
    """

    nickname: str
    answers: list[int]
    delays_s: list[float | None]


@dataclass(slots=True)
class Record:
    """What one player has seen, in epoch seconds, by question; acks as (elapsed_ms, latency_s).

    `questions` has when the question came last: a moved one comes again, with other times.
    """

    began: float = 0.0
    joined: float = 0.0
    player_id: str = ""
    questions: dict[int, float] = field(default_factory=dict)
    reveals: dict[int, float] = field(default_factory=dict)
    acks: dict[int, tuple[int, float]] = field(default_factory=dict)
    sent: dict[int, float] = field(default_factory=dict)
    repeats: int = 0
    faults: list[str] = field(default_factory=list)
    own: dict[str, Any] | None = None


class Questions:
    """The questions of the run, decoded once and not by every player. `times` has (opens_at,
    closes_at) in epoch ms; `messages` counts what all players got, by event.
    """

    def __init__(self) -> None:
        self.times: dict[int, tuple[int, int]] = {}
        self.messages: Counter[bytes] = Counter()
        self._payload = b""
        self._index = -1

    def index_of(self, payload: bytes) -> int:
        """The number of the question in a frame."""
        if payload != self._payload:
            message = values(payload)[1]
            self._payload, self._index = payload, message["question"]
            self.times[self._index] = (message["opens_at"], message["closes_at"])
        return self._index


class Player(RawSocket):
    """One socket from the handshake to the end of the run."""

    def __init__(self, plan: Plan, pin: str, questions: Questions) -> None:
        super().__init__()
        self.record = Record()
        loop = asyncio.get_running_loop()
        self.joined: asyncio.Future[None] = loop.create_future()
        self.over: asyncio.Future[None] = loop.create_future()
        self._plan = plan
        self._pin = pin
        self._questions = questions
        self._loop = loop
        self._packet_id = 0
        self._waiting: dict[int, int] = {}  # packet id → question, −1 for the join
        self._answering: dict[int, tuple[int, asyncio.TimerHandle | None]] = {}
        """When each question opens (epoch ms), and the timer of the answer to it."""

    def on_connected(self) -> None:
        self._send(-1, "join", {"pin": self._pin, "nickname": self._plan.nickname})

    def on_lost(self) -> None:
        self._fault("the connection was lost")

    def on_other(self, payload: bytes) -> None:
        self._fault(f"unexpected frame {payload[:100]!r}")

    def on_event(self, payload: bytes) -> None:
        at = time.time()
        event = self.event_name(payload)
        self._questions.messages[event] += 1
        if event == b"question":
            self._question(self._questions.index_of(payload), at)
        elif event == b"reveal":
            # {"question":N,… is what every reveal begins with
            start = payload.index(b":") + 1
            self.record.reveals[int(payload[start : payload.index(b",", start)])] = at
        elif event == b"finished":
            self._end(values(payload)[2])
        elif event == b"snapshot":
            # The gateway has missed something: this is what counts from now on.
            snapshot = values(payload)[1]
            if snapshot["phase"] == "finished":
                self._end(snapshot["you"])

    def on_ack(self, payload: bytes) -> None:
        at = time.time()
        index = self._waiting.pop(self.ack_id(payload))
        reply = values(payload)[0]
        if not reply["ok"]:
            if reply["error"]["retryable"] and index >= 0:
                self.record.repeats += 1
                self._loop.call_later(_RETRY_S, self._answer, index)
            else:
                self._fault(f"question {index}: {reply['error']['code']}")
        elif index >= 0:
            self.record.acks[index] = (reply["elapsed_ms"], at - self.record.sent[index])
        else:
            self.record.joined, self.record.player_id = at, reply["player_id"]
            if not self.joined.done():
                self.joined.set_result(None)

    def _end(self, own: dict[str, Any]) -> None:
        self.record.own = own
        if not self.over.done():
            self.over.set_result(None)

    def _question(self, index: int, at: float) -> None:
        opens_at = self._questions.times[index][0]
        before, timer = self._answering.get(index, (None, None))
        if before == opens_at:
            self._fault(f"question {index} came twice")
            return
        self.record.questions[index] = at
        if timer is not None:
            timer.cancel()
        delay_s = self._plan.delays_s[index]
        if delay_s is None or index in self.record.sent:
            self._answering[index] = opens_at, None
            return
        wait_s = max(0.0, opens_at / 1000 + delay_s - at)
        self._answering[index] = opens_at, self._loop.call_later(wait_s, self._answer, index)

    def _answer(self, index: int) -> None:
        if not self.record.sent.get(index):
            self.record.sent[index] = time.time()
            self._loop.call_later(_LATE_ACK_S, self._expect, index)
        self._send(index, "answer", {"question": index, "answer": self._plan.answers[index]})

    def _expect(self, index: int) -> None:
        if index not in self.record.acks:
            self._fault(f"no acknowledgement for question {index} within {_LATE_ACK_S:g} s")

    def _send(self, index: int, event: str, data: dict[str, Any]) -> None:
        if self.is_open:
            self._packet_id += 1
            self._waiting[self._packet_id] = index
            self.ask(self._packet_id, event, data)

    def _fault(self, what: str) -> None:
        if self.over.done() and self.record.own is not None:
            return
        self.record.faults.append(what)
        for future in (self.joined, self.over):
            if not future.done() and "acknowledgement" not in what:
                future.set_result(None)
