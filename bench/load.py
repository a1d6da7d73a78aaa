"""The load generator, a process of its own: ``python -m bench.load`` reads an `Order` as JSON,
prints a line when all have joined, and writes what they saw to a file.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from bench.player import Plan, Player, Questions
from bench.proc import disable_gc, own_cpu_s
from telemetry.files import raise_file_limit

JOINED = "joined"
_LAG_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class RoomOrder:
    """This generator's players of one run; `first` is the number of the first one. The run's
    player 0 stays silent, so that questions close by the clock.
    """

    pin: str
    first: int
    players: int


@dataclass(frozen=True, slots=True)
class Order:
    """What to do."""

    urls: list[str]
    rooms: list[RoomOrder]
    questions: int
    options: int
    right: int
    spread_s: float
    at_once: int
    seed: int
    longest_s: float
    result: str
    """The file to write."""


class Table:
    """The players of one run."""

    def __init__(self, order: Order, room: RoomOrder) -> None:
        self._pin = room.pin
        self.questions = Questions()
        self.plans = plans(order, room)
        self.players = [Player(plan, room.pin, self.questions) for plan in self.plans]

    def report(self) -> dict[str, object]:
        """What they saw."""
        return {
            "pin": self._pin,
            "times": self.questions.times,
            "messages": {event.decode(): n for event, n in self.questions.messages.items()},
            "players": [
                {**asdict(player.record), "answers": plan.answers}
                for player, plan in zip(self.players, self.plans, strict=True)
            ],
        }


def plans(order: Order, room: RoomOrder) -> list[Plan]:
    """Answers spread evenly over `spread_s`; three in five are right."""
    made = []
    wrong = [option for option in range(order.options) if option != order.right]
    for number in range(room.first, room.first + room.players):
        rng = random.Random(f"{order.seed}/{room.pin}/{number}")
        answers, delays_s = [], []
        for _ in range(order.questions):
            answers.append(order.right if rng.random() < 0.6 else rng.choice(wrong))
            delays_s.append(None if number == 0 else rng.uniform(0, order.spread_s))
        made.append(Plan(f"Player {number}", answers, list(delays_s)))
    return made


async def generate(order: Order) -> None:
    """Join, play to the end, write the result."""
    tables = [Table(order, room) for room in order.rooms]
    players = [player for table in tables for player in table.players]
    places = asyncio.Semaphore(order.at_once)

    async def join(number: int, player: Player) -> None:
        async with places:
            player.record.began = time.time()
            await player.open(order.urls[number % len(order.urls)])
            await player.joined

    await asyncio.gather(*(join(number, player) for number, player in enumerate(players)))
    disable_gc()
    print(JOINED, flush=True)
    lags: list[float] = []
    watching = asyncio.create_task(_watch(lags))
    await asyncio.wait([player.over for player in players], timeout=order.longest_s)
    watching.cancel()
    document = {
        "rooms": [table.report() for table in tables],
        "lags_s": lags,
        "cpu_s": own_cpu_s(),
    }
    await asyncio.to_thread(Path(order.result).write_text, json.dumps(document))


async def _watch(lags: list[float]) -> None:
    """How late this process itself is: what it adds to every figure."""
    while True:
        due = time.perf_counter() + _LAG_EVERY_S
        await asyncio.sleep(_LAG_EVERY_S)
        lags.append(time.perf_counter() - due)


def main() -> None:
    raise_file_limit()
    given = json.loads(sys.stdin.read())
    order = Order(**{**given, "rooms": [RoomOrder(**room) for room in given["rooms"]]})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(generate(order))


if __name__ == "__main__":
    main()
