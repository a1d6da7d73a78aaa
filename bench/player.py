"""A player made of as few instructions as possible: what the load generator costs, the servers do
not get. Only the Socket.IO v5 frames that a run needs, over picows.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport

_EVENT = b'42/play,["'
_ACK = b"43/play,"
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
    """What one player has seen, in epoch seconds, by question; acks as (elapsed_ms, latency_s)."""

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
            message = json.loads(payload[payload.index(b"[") :])[1]
            self._payload, self._index = payload, message["question"]
            self.times[self._index] = (message["opens_at"], message["closes_at"])
        return self._index


class Player(WSListener):
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
        self._transport: WSTransport | None = None
        self._packet_id = 0
        self._waiting: dict[int, int] = {}  # packet id → question, −1 for the join

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002
        self._fault("the connection was lost")

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        at = time.time()
        payload = frame.get_payload_as_bytes()
        if payload.startswith(_EVENT):
            self._event(payload, at)
        elif payload.startswith(_ACK):
            self._acknowledged(payload, at)
        elif payload == b"2":
            transport.send(WSMsgType.TEXT, b"3")
        elif payload.startswith(b"0"):
            transport.send(WSMsgType.TEXT, b"40/play,")
        elif payload.startswith(b"40"):
            self._send(-1, "join", {"pin": self._pin, "nickname": self._plan.nickname})
        else:
            self._fault(f"unexpected frame {payload[:100]!r}")

    def _event(self, payload: bytes, at: float) -> None:
        event = payload[len(_EVENT) : payload.index(b'"', len(_EVENT))]
        self._questions.messages[event] += 1
        if event == b"question":
            self._question(self._questions.index_of(payload), at)
        elif event == b"reveal":
            # {"question":N,… is what every reveal begins with
            start = payload.index(b":", len(_EVENT)) + 1
            self.record.reveals[int(payload[start : payload.index(b",", start)])] = at
        elif event == b"finished":
            self._end(json.loads(payload[payload.index(b"[") :])[2])
        elif event == b"snapshot":
            # The gateway has missed something: this is what counts from now on.
            snapshot = json.loads(payload[payload.index(b"[") :])[1]
            if snapshot["phase"] == "finished":
                self._end(snapshot["you"])

    def _end(self, own: dict[str, Any]) -> None:
        self.record.own = own
        if not self.over.done():
            self.over.set_result(None)

    def _question(self, index: int, at: float) -> None:
        if index in self.record.questions:
            self._fault(f"question {index} came twice")
            return
        self.record.questions[index] = at
        delay_s = self._plan.delays_s[index]
        if delay_s is not None:
            wait_s = self._questions.times[index][0] / 1000 + delay_s - at
            self._loop.call_later(max(0.0, wait_s), self._answer, index)

    def _answer(self, index: int) -> None:
        if not self.record.sent.get(index):
            self.record.sent[index] = time.time()
            self._loop.call_later(_LATE_ACK_S, self._expect, index)
        self._send(index, "answer", {"question": index, "answer": self._plan.answers[index]})

    def _expect(self, index: int) -> None:
        if index not in self.record.acks:
            self._fault(f"no acknowledgement for question {index} within {_LATE_ACK_S:g} s")

    def _acknowledged(self, payload: bytes, at: float) -> None:
        start = payload.index(b"[")
        index = self._waiting.pop(int(payload[len(_ACK) : start]))
        reply = json.loads(payload[start:])[0]
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

    def _send(self, index: int, event: str, data: dict[str, Any]) -> None:
        if self._transport is None:
            return
        self._packet_id += 1
        self._waiting[self._packet_id] = index
        body = json.dumps([event, data], separators=(",", ":"))
        self._transport.send(WSMsgType.TEXT, f"42/play,{self._packet_id}{body}".encode())

    def _fault(self, what: str) -> None:
        if self.over.done() and self.record.own is not None:
            return
        self.record.faults.append(what)
        for future in (self.joined, self.over):
            if not future.done() and "acknowledgement" not in what:
                future.set_result(None)
