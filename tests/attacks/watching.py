"""The witness's process: ``python -m tests.attacks.watching`` reads an `Order` as JSON and joins.
At each further line it prints what it has seen since the last one.

It has a process of its own, so that an attack that keeps the test busy does not delay it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import uvloop

from bench.proc import disable_gc, rss_bytes
from deploy.bots.errors import LostError
from deploy.bots.raw import RawSocket, values

READY = "ready"
PLAYERS = 4
EVERY_S = 0.02
"""Each player sends 12.5 events a second; a gateway accepts 20."""
LOST_AFTER_S = 10.0
TIME = [{"t0": 0}]


@dataclass(frozen=True)
class Order:
    """The gateway to watch, and the run to join."""

    url: str
    gateway_pid: int
    pin: str


@dataclass
class Seen:
    """What was seen: the latency of each acknowledgement, how many did not come, the gateway's
    memory at the beginning and at its largest, and how much longer its work took because the
    machine ran something else.

    The time for which the gateway or the witness was ready to run, but the machine ran something
    else, is subtracted: it says what else runs there, not what the gateway does.
    """

    latencies_ms: list[float] = field(default_factory=list)
    lost: int = 0
    rss_bytes: int = 0
    first_rss_bytes: int = 0
    slowdown: float = 1


class Player(RawSocket):
    """A player who joins, and then only compares clocks."""

    def __init__(self, number: int, watch: Watch) -> None:
        super().__init__()
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._number = number
        self._watch = watch

    def on_connected(self) -> None:
        """Join."""
        request = {"pin": self._watch.order.pin, "nickname": f"Witness {self._number}"}
        self.ask(0, "join", request)

    def on_ack(self, payload: bytes) -> None:
        """Record an acknowledgement."""
        number = self.ack_id(payload)
        (ack,) = values(payload)
        if not ack["ok"]:
            raise RuntimeError(ack)
        if number:
            self._watch.acknowledged(number)
        else:
            self.joined.set_result(None)


@dataclass(frozen=True)
class Sent:
    """An event on its way: when it was sent, and what `_waited_s` was then."""

    at: float
    waited_s: float
    acknowledged: asyncio.Future[None]


class Watch:
    """Sends events on schedule, whether or not those before were acknowledged."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self._seen = Seen()
        self._began = _cpu_s(str(order.gateway_pid))
        self._sent: dict[int, Sent] = {}

    async def run(self) -> None:
        """Watch until standard input ends."""
        players = [Player(number, self) for number in range(PLAYERS)]
        for player in players:
            await player.open(self.order.url)
            await player.joined
        disable_gc()
        _say(READY)
        sending = asyncio.create_task(self._send(players))
        while await asyncio.to_thread(sys.stdin.readline):
            _say(json.dumps(asdict(await self._report())))
        sending.cancel()

    def acknowledged(self, number: int) -> None:
        """Record an acknowledgement."""
        now = time.monotonic()
        sent = self._sent.pop(number, None)
        if sent is not None:
            others_s = self._waited_s() - sent.waited_s
            self._seen.latencies_ms.append(1000 * max(now - sent.at - others_s, 0))
            sent.acknowledged.set_result(None)

    async def _send(self, players: list[Player]) -> None:
        number, at = 0, time.monotonic()
        while True:
            number, at = number + 1, max(at + EVERY_S, time.monotonic() - EVERY_S)
            await asyncio.sleep(at - time.monotonic())
            rss = rss_bytes(self.order.gateway_pid)
            self._seen.first_rss_bytes = self._seen.first_rss_bytes or rss
            self._seen.rss_bytes = max(self._seen.rss_bytes, rss)
            acknowledged = asyncio.get_running_loop().create_future()
            self._sent[number] = Sent(time.monotonic(), self._waited_s(), acknowledged)
            with contextlib.suppress(LostError):  # it counts as lost
                players[number % PLAYERS].ask(number, "sync", *TIME)

    async def _report(self) -> Seen:
        """What was seen of the events sent until now."""
        awaited = dict(self._sent)
        if awaited:
            acks = [sent.acknowledged for sent in awaited.values()]
            await asyncio.wait(acks, timeout=LOST_AFTER_S)
        lost = [number for number in awaited if self._sent.pop(number, None) is not None]
        seen, self._seen = self._seen, Seen()
        seen.lost = len(lost)
        began, self._began = self._began, _cpu_s(str(self.order.gateway_pid))
        ran_s, waited_s = (now - then for now, then in zip(self._began, began, strict=True))
        seen.slowdown = 1 + waited_s / ran_s if ran_s else 1
        return seen

    def _waited_s(self) -> float:
        """How long the gateway's and our main thread have waited for a CPU so far."""
        return _cpu_s("self")[1] + _cpu_s(str(self.order.gateway_pid))[1]


def _cpu_s(process: str) -> tuple[float, float]:
    """How long a process's main thread has run, and waited for a CPU."""
    try:
        ran, waited, _ = Path(f"/proc/{process}/schedstat").read_text().split()
    except OSError:  # a kernel without it: nothing is subtracted
        return 0, 0
    return int(ran) / 1e9, int(waited) / 1e9


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Watch(Order(**json.loads(sys.stdin.readline()))).run())
