"""``python -m bench.capacity.measure``: count what small runs produce, and write counts.json.

Only counts and bytes, which do not depend on the machine's load; CPU comes from `make bench`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from picows import WSFrame, WSTransport

from bench.capacity.counting import Servers, servers
from bench.load import Order, RoomOrder, plans
from bench.player import Plan, Player, Questions
from bench.run import OPTIONS, RIGHT, SETTINGS, Scenario
from bench.stack import BenchStack, bench_stack
from deploy.errors import StackError
from deploy.local.demo_host import Host

COUNTS = Path(__file__).parent / "counts.json"
_QUIET_S = 4.0
_JOIN_S = 120.0
_AT_ONCE = 20
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Shape:
    """A run to count."""

    players: int
    questions: int


SHAPES = (Shape(12, 3), Shape(12, 8), Shape(50, 5), Shape(200, 5), Shape(100, 3))
"""The last one checks the fit to the others. All fill the ten lines of a leaderboard."""


class CountingPlayer(Player):
    """A player that counts frames and bytes by event, in both directions."""

    def __init__(self, plan: Plan, pin: str, questions: Questions, seen: Counter[str]) -> None:
        super().__init__(plan, pin, questions)
        self._seen = seen

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Count the frame including its WebSocket header, then handle it."""
        payload = frame.get_payload_as_bytes()
        name = "other"
        if payload.startswith(b'42/play,["'):
            name = payload[10 : payload.index(b'"', 10)].decode()
        elif payload.startswith(b"43/play,"):
            name = "ack"
        size = len(payload) + (2 if len(payload) < 126 else 4)
        self._seen.update({f"in.{name}.frames": 1, f"in.{name}.bytes": size})
        super().on_ws_frame(transport, frame)

    def _send(self, index: int, event: str, data: dict[str, Any]) -> None:
        size = len(json.dumps([event, data], separators=(",", ":"))) + 17
        self._seen.update({f"out.{event}.frames": 1, f"out.{event}.bytes": size})
        super()._send(index, event, data)


async def _play(urls: list[str], pin: str, shape: Shape, start: Any) -> dict[str, int]:
    order = Order(
        urls=urls,
        rooms=[RoomOrder(pin, 0, shape.players)],
        questions=shape.questions,
        options=len(OPTIONS),
        right=RIGHT,
        spread_s=3.0,
        at_once=_AT_ONCE,
        seed=7,
        longest_s=120 + 30 * shape.questions,
        result="",
    )
    seen: Counter[str] = Counter()
    questions = Questions()
    players = [CountingPlayer(plan, pin, questions, seen) for plan in plans(order, order.rooms[0])]
    places = asyncio.Semaphore(_AT_ONCE)

    async def join(number: int, player: CountingPlayer) -> None:
        async with places:
            await player.open(urls[number % len(urls)])
            await asyncio.wait_for(player.joined, _JOIN_S)

    await asyncio.gather(*(join(number, player) for number, player in enumerate(players)))
    await asyncio.sleep(2.5)  # let the workflow learn of all players
    await start()
    _, late = await asyncio.wait([one.over for one in players], timeout=order.longest_s)
    faults = [fault for one in players for fault in one.record.faults]
    if late or faults:
        for one in players:
            one.close()
        raise StackError(f"The run failed: {len(late)} players late, {faults[:3]}")
    return dict(sorted(seen.items()))


async def count(stack: BenchStack, known: Servers, host: Host, shape: Shape) -> dict[str, Any]:
    """Play a run of that shape and return its counts."""
    quiz = await host.create_quiz(Scenario(players=shape.players, questions=shape.questions).quiz())
    loop = asyncio.get_running_loop()
    await asyncio.sleep(_QUIET_S)
    wal, offsets, redis = await known.wal(), await known.offsets(), await known.commands()
    began = loop.time()
    run = await host.open_run(quiz["id"], SETTINGS)
    run_id: str = run["run_id"]
    try:
        frames = await _play(stack.urls, run["pin"], shape, lambda: host.command(run_id, "start"))
    except StackError:
        await host.command(run_id, "end")  # so that the next one is counted separately
        raise
    lasted = loop.time() - began
    redis_after = await known.commands()
    await asyncio.sleep(_QUIET_S)
    return {
        **asdict(shape),
        "seconds": round(lasted, 1),
        "wal": _less(await known.wal(), wal),
        "kafka": await known.records(offsets),
        "redis": _less(redis_after, redis) | await known.keys(run_id),
        "temporal": await known.history(run_id),
        "frames": frames,
    }


async def _counted(stack: BenchStack, known: Servers, host: Host, shape: Shape) -> dict[str, Any]:
    """Retry if a question was rescheduled, which busy machines cause and which sends it twice."""
    for _ in range(_TRIES - 1):
        try:
            return await count(stack, known, host, shape)
        except StackError as error:
            print(f"{error} Again…", flush=True)
            await asyncio.sleep(_QUIET_S)
    return await count(stack, known, host, shape)


async def measure(shapes: tuple[Shape, ...] = SHAPES) -> dict[str, Any]:
    """Play all runs in sequence on one stack."""
    async with bench_stack(1, 1) as stack, servers(stack.env) as known, Host(stack.urls[0]) as host:
        before = await known.commands()
        await asyncio.sleep(10)
        idle = {name: n / 10 for name, n in _less(await known.commands(), before).items()}
        runs = []
        for shape in shapes:
            print(f"{shape.players} players, {shape.questions} questions…", flush=True)
            runs.append(await _counted(stack, known, host, shape))
        return {
            "note": "Counted by `python -m bench.capacity.measure`: one gateway, one worker, the "
            "embedded servers, runs one after the other.",
            "redis_idle_per_s": idle,
            "relations": await known.relations(),
            "runs": runs,
        }


def _less(after: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - before[name] for name in after}


def main() -> None:
    """Measure and write counts.json."""
    COUNTS.write_text(json.dumps(asyncio.run(measure()), indent=1) + "\n")


if __name__ == "__main__":
    try:
        main()
    except StackError as error:
        sys.exit(str(error))
