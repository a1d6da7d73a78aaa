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

from bench.proc import cpu_s, descendants, disable_gc, own_cpu_s
from bench.rivals.sockets import LONGEST_S, Crowd, Socket
from deploy.bots.raw import values
from telemetry.files import raise_file_limit

JOINED = "joined"
AFTER_OPENING_S = 0.05
_QUESTION = b'42/play,["question"'
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
        super().__init__("/play")
        self._table = table
        self._nickname = nickname
        self._listens = listens
        self.acks: list[bytes] = []

    def on_connected(self) -> None:
        self.ask(_JOIN_ID, "join", {"pin": self._table.order.pin, "nickname": self._nickname})

    def on_ack(self, payload: bytes) -> None:
        self.acks.append(payload)
        if self.ready.done():
            self._table.got()
        else:
            self.ready.set_result(None)

    def on_event(self, payload: bytes) -> None:
        if self._listens and payload.startswith(_QUESTION):
            self._table.opens_at.put_nowait(values(payload)[1]["opens_at"])

    def acknowledged(self) -> tuple[str, dict[int, int]]:
        """Return the player's id, and `elapsed_ms` of its acknowledged answers."""
        player_id, elapsed_ms = "", {}
        for payload in self.acks:
            (reply,) = values(payload)
            if not reply["ok"]:
                raise RuntimeError(f"refused: {payload[:200]!r}")
            number = self.ack_id(payload)
            if number == _JOIN_ID:
                player_id = reply["player_id"]
            else:
                elapsed_ms[number - _JOIN_ID - 1] = reply["elapsed_ms"]
        return player_id, elapsed_ms


class Meter:
    """CPU seconds used during bursts."""

    def __init__(self, order: Order) -> None:
        below = descendants()
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
    await table.enter(players, *(f"http://127.0.0.1:{port}" for port in order.ports))
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
        player.cut()
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
