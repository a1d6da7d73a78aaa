"""The load of `bench.rivals.load` as players of a run: ``python -m bench.rivals.run_load`` reads an
`Order` as JSON, prints `JOINED`, and then its measurements.

Sockets, frames and sending are the same: answers are prepared bytes, and only the first bytes of an
acknowledgement are examined. Acknowledged answers are kept, to be compared with stored ones.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from typing import Any

import uvloop
from picows import WSFrame, WSMsgType, WSTransport

from bench.proc import cpu_s, disable_gc, families, own_cpu_s
from bench.rivals.sockets import LONGEST_S, Crowd, Socket
from telemetry.files import raise_file_limit

JOINED = "joined"
AFTER_OPENING_S = 0.05
_QUESTION = b'42/play,["question"'
_ACK = b"43/play,"
_OK = b'[{"ok":true'
_JOIN_ID = 1


@dataclass(frozen=True, slots=True)
class Order:
    """`players` of the run with this `pin` answer `questions` questions simultaneously. The first
    `warm_up` are not measured. Players are distributed over the `ports`. `gateways` and `postgres`
    are process ids; descendants are included.
    """

    ports: list[int]
    pin: str
    players: int
    questions: int
    warm_up: int
    gateways: list[int]
    postgres: int


class Table(Crowd["Player"]):
    def __init__(self, order: Order) -> None:
        super().__init__()
        self.order = order
        self.opens_at: asyncio.Queue[int] = asyncio.Queue()
        """The opening time (epoch ms) of each announced question."""

    async def opened(self) -> None:
        """Wait until shortly after the next question has opened."""
        async with asyncio.timeout(LONGEST_S):
            opens_at = await self.opens_at.get()
        await asyncio.sleep(max(0.0, opens_at / 1000 + AFTER_OPENING_S - time.time()))


class Player(Socket):
    """A socket. `acks` are its raw acknowledgements."""

    def __init__(self, table: Table, nickname: str, *, listens: bool) -> None:
        super().__init__()
        self._table = table
        self._nickname = nickname
        self._listens = listens
        self.acks: list[bytes] = []

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        payload = frame.get_payload_as_bytes()
        if payload.startswith(_ACK):
            self.acks.append(payload)
            if self.ready.done():
                self._table.got()
            else:
                self.ready.set_result(None)
        elif payload.startswith(b"42"):
            if self._listens and payload.startswith(_QUESTION):
                message = json.loads(payload[payload.index(b"[") :])[1]
                self._table.opens_at.put_nowait(message["opens_at"])
        elif payload == b"2":
            transport.send(WSMsgType.TEXT, b"3")
        elif payload.startswith(b"0"):
            transport.send(WSMsgType.TEXT, b"40/play,")
        elif payload.startswith(b"40"):
            wanted = {"pin": self._table.order.pin, "nickname": self._nickname}
            self.send(f"42/play,{_JOIN_ID}{json.dumps(['join', wanted])}".encode())

    def acknowledged(self) -> tuple[str, dict[int, int]]:
        """Return the player's id, and `elapsed_ms` of its acknowledged answers."""
        player_id, elapsed_ms = "", {}
        for payload in self.acks:
            start = payload.index(b"[")
            if not payload.startswith(_OK, start):
                raise RuntimeError(f"refused: {payload[:200]!r}")
            (reply,) = json.loads(payload[start:])
            number = int(payload[len(_ACK) : start])
            if number == _JOIN_ID:
                player_id = reply["player_id"]
            else:
                elapsed_ms[number - _JOIN_ID - 1] = reply["elapsed_ms"]
        return player_id, elapsed_ms


class Meter:
    """CPU seconds used during bursts."""

    def __init__(self, order: Order) -> None:
        below = families()
        self._pids = {
            name: [one for pid in pids for one in (pid, *below.get(pid, ()))]
            for name, pids in (
                ("server_cpu_s", order.gateways),
                ("postgres_cpu_s", [order.postgres]),
            )
        }
        self.spent = {**dict.fromkeys(self._pids, 0.0), "generator_cpu_s": 0.0}

    def read(self) -> dict[str, float]:
        used = {name: sum(map(cpu_s, pids)) for name, pids in self._pids.items()}
        return {**used, "generator_cpu_s": own_cpu_s()}

    def add(self, before: dict[str, float]) -> None:
        """Add what was used since `before`."""
        for name, now in self.read().items():
            self.spent[name] += now - before[name]


async def measure(order: Order) -> dict[str, Any]:
    """Join, answer all questions, leave."""
    table = Table(order)
    players = [
        Player(table, f"Player {number}", listens=number == 0) for number in range(order.players)
    ]
    path = "/socket.io/?EIO=4&transport=websocket"
    await table.enter(players, *(f"ws://127.0.0.1:{port}{path}" for port in order.ports))
    disable_gc()
    print(JOINED, flush=True)
    for question in range(order.warm_up):
        await table.opened()
        await table.answers(_answer(question))
    meter, spent_s = Meter(order), 0.0  # the gateway's connection pool is filled by now
    for question in range(order.warm_up, order.questions):
        await table.opened()
        before = meter.read()
        spent_s += await table.answers(_answer(question))
        meter.add(before)
    acknowledged = dict(player.acknowledged() for player in players)
    for player in players:
        player.close()
    count = order.players * (order.questions - order.warm_up)
    return {"acknowledged": acknowledged, "acks": _rate(count, spent_s, meter.spent)}


def _answer(question: int) -> bytes:
    answer = json.dumps(["answer", {"question": question, "answer": 2}], separators=(",", ":"))
    return f"42/play,{question + _JOIN_ID + 1}{answer}".encode()


def _rate(count: int, spent_s: float, cpu: dict[str, float]) -> dict[str, float]:
    return {
        "per_s": count / spent_s,
        "cpu_us": 1e6 * cpu["server_cpu_s"] / count,
        "postgres_cpu_us": 1e6 * cpu["postgres_cpu_s"] / count,
        **{name: round(used_s, 3) for name, used_s in cpu.items()},
    }


def main() -> None:
    raise_file_limit()
    order = Order(**json.loads(sys.stdin.read()))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(measure(order))))


if __name__ == "__main__":
    main()
