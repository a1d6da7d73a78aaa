"""The load generator of `bench.rivals.load` as players of a run: ``python -m
bench.rivals.run_load`` reads an `Order` as JSON, prints `JOINED`, and then what it measured.

The sockets, the frames and the way to send them are the same: an answer is bytes that are ready,
and of an acknowledgement only the first bytes are looked at. What was acknowledged is kept, to be
compared with what is stored.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from dataclasses import dataclass
from typing import Any

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.proc import cpu_s, families
from bench.rivals.load import AT_ONCE, LONGEST_S, own_cpu_s
from telemetry.files import raise_file_limit

JOINED = "joined"
AFTER_OPENING_S = 0.05
_QUESTION = b'42/play,["question"'
_ACK = b"43/play,"
_OK = b'[{"ok":true'
_JOIN_ID = 1


@dataclass(frozen=True, slots=True)
class Order:
    """`players` of the run with this `pin` answer `questions` questions, all in the same moment.
    The first `warm_up` are not measured. `gateway` and `postgres` are process ids; descendants
    count.
    """

    port: int
    pin: str
    players: int
    questions: int
    warm_up: int
    gateway: int
    postgres: int


class Crowd:
    """All players, and how many acknowledgements are still to come."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.players: list[Player] = []
        self.awaited = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.opens_at: asyncio.Queue[int] = asyncio.Queue()
        """Epoch ms, of each question that has been announced."""

    async def answers(self, question: int) -> float:
        """All send an answer at once; seconds until all are acknowledged."""
        answer = json.dumps(["answer", {"question": question, "answer": 2}], separators=(",", ":"))
        frame = f"42/play,{question + _JOIN_ID + 1}{answer}".encode()
        self.done = asyncio.get_running_loop().create_future()
        self.awaited = len(self.players)
        began = time.perf_counter()
        for player in self.players:
            player.send(frame)
        async with asyncio.timeout(LONGEST_S):
            await self.done
        return time.perf_counter() - began


class Player(WSListener):
    """One socket. `acks` are its acknowledgements as they came."""

    def __init__(self, crowd: Crowd, nickname: str, *, listens: bool) -> None:
        super().__init__()
        self._crowd = crowd
        self._transport: WSTransport | None = None
        self._nickname = nickname
        self._listens = listens
        self.acks: list[bytes] = []
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002
        self._transport = None

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        payload = frame.get_payload_as_bytes()
        if payload.startswith(_ACK):
            self.acks.append(payload)
            self._crowd.awaited -= 1
            if self._crowd.awaited == 0:
                self._crowd.done.set_result(None)
            if not self.joined.done():
                self.joined.set_result(None)
        elif payload.startswith(b"42"):
            if self._listens and payload.startswith(_QUESTION):
                message = json.loads(payload[payload.index(b"[") :])[1]
                self._crowd.opens_at.put_nowait(message["opens_at"])
        elif payload == b"2":
            transport.send(WSMsgType.TEXT, b"3")
        elif payload.startswith(b"0"):
            transport.send(WSMsgType.TEXT, b"40/play,")
        elif payload.startswith(b"40"):
            wanted = {"pin": self._crowd.order.pin, "nickname": self._nickname}
            self.send(f"42/play,{_JOIN_ID}{json.dumps(['join', wanted])}".encode())

    def send(self, payload: bytes) -> None:
        if self._transport is None:
            raise ConnectionError("a socket was lost")
        self._transport.send(WSMsgType.TEXT, payload)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.disconnect(graceful=False)

    def told(self) -> tuple[str, dict[int, int]]:
        """The player's id, and `elapsed_ms` of the answers that were acknowledged."""
        player_id, elapsed_ms = "", {}
        for payload in self.acks:
            start = payload.index(b"[")
            if not payload.startswith(_OK, start):
                raise RuntimeError(f"refused: {payload[:200]!r}")
            (told,) = json.loads(payload[start:])
            number = int(payload[len(_ACK) : start])
            if number == _JOIN_ID:
                player_id = told["player_id"]
            else:
                elapsed_ms[number - _JOIN_ID - 1] = told["elapsed_ms"]
        return player_id, elapsed_ms


class Meter:
    """CPU seconds that were used during bursts, and nothing else."""

    def __init__(self, order: Order) -> None:
        below = families()
        self._pids = {
            name: [pid, *below.get(pid, ())]
            for name, pid in (("server_cpu_s", order.gateway), ("postgres_cpu_s", order.postgres))
        }
        self.spent = {**dict.fromkeys(self._pids, 0.0), "generator_cpu_s": 0.0}

    def read(self) -> dict[str, float]:
        used = {name: sum(map(cpu_s, pids)) for name, pids in self._pids.items()}
        return {**used, "generator_cpu_s": own_cpu_s()}

    def add(self, before: dict[str, float]) -> None:
        """Count what was used since `before`."""
        for name, now in self.read().items():
            self.spent[name] += now - before[name]


async def measure(order: Order) -> dict[str, Any]:
    """Join, answer all questions, leave."""
    crowd = Crowd(order)
    await _join(crowd)
    gc.collect()
    gc.freeze()
    gc.disable()  # a pause of ours would be measured as one of theirs
    print(JOINED, flush=True)
    meter, spent_s = Meter(order), 0.0
    for question in range(order.questions):
        async with asyncio.timeout(LONGEST_S):
            opens_at = await crowd.opens_at.get()
        await asyncio.sleep(max(0.0, opens_at / 1000 + AFTER_OPENING_S - time.time()))
        before = meter.read()
        took_s = await crowd.answers(question)
        if question >= order.warm_up:
            meter.add(before)
            spent_s += took_s
    told = dict(player.told() for player in crowd.players)
    for player in crowd.players:
        player.close()
    count = order.players * (order.questions - order.warm_up)
    return {"told": told, "acks": _rate(count, spent_s, meter.spent)}


def _rate(count: int, spent_s: float, cpu: dict[str, float]) -> dict[str, float]:
    return {
        "per_s": count / spent_s,
        "cpu_us": 1e6 * cpu["server_cpu_s"] / count,
        "postgres_cpu_us": 1e6 * cpu["postgres_cpu_s"] / count,
        **{name: round(used_s, 3) for name, used_s in cpu.items()},
    }


async def _join(crowd: Crowd) -> None:
    order, places = crowd.order, asyncio.Semaphore(AT_ONCE)
    crowd.players = [
        Player(crowd, f"Player {number}", listens=number == 0) for number in range(order.players)
    ]
    crowd.awaited = -1  # acknowledgements of joins are not counted

    async def enter(player: Player) -> None:
        async with places:
            await ws_connect(
                lambda: player,
                f"ws://127.0.0.1:{order.port}/socket.io/?EIO=4&transport=websocket",
                websocket_handshake_timeout=60,
            )
            await player.joined

    await asyncio.gather(*map(enter, crowd.players))


def main() -> None:
    raise_file_limit()
    order = Order(**json.loads(sys.stdin.read()))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(measure(order))))


if __name__ == "__main__":
    main()
