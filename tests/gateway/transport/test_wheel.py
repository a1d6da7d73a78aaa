"""Deadlines on the wheel."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from gateway.transport.wheel import AT_ONCE, Wheel
from tests.virtual_time import virtual_time


class Alarm:
    def __init__(self, wheel: Wheel, again_s: float | None = None) -> None:
        self.wheel = wheel
        self.bucket = -1
        self.rang: list[float] = []
        self.again_s = again_s

    def due(self) -> None:
        self.rang.append(asyncio.get_running_loop().time())
        if self.again_s is not None:
            self.wheel.set(self, self.again_s)


@virtual_time
async def test_deadlines_are_met_moved_and_cancelled() -> None:
    wheel = Wheel(0.02)
    soon, moved, cancelled, again = (Alarm(wheel) for _ in range(4))
    again.again_s = 0.05
    began = asyncio.get_running_loop().time()
    for alarm in (soon, moved, cancelled, again):
        wheel.set(alarm, 0.05)
    wheel.set(moved, 0.2)
    wheel.cancel(cancelled)
    await asyncio.sleep(0.5)  # time: virtual
    wheel.cancel(again)
    assert 0.05 <= soon.rang[0] - began < 0.1
    assert 0.2 <= moved.rang[0] - began < 0.25
    assert len(soon.rang) == len(moved.rang) == 1
    assert not cancelled.rang
    assert 6 <= len(again.rang) <= 10
    await asyncio.sleep(0.2)  # time: virtual
    assert wheel._timer is None


async def test_many_at_once_leave_room_for_others() -> None:
    wheel = Wheel(0.02)
    alarms = [Alarm(wheel) for _ in range(3 * AT_ONCE)]
    for alarm in alarms:
        wheel.set(alarm, 0.01)
    rung: list[int] = []
    while not rung or rung[-1] < len(alarms):
        await asyncio.sleep(0)
        rung.append(sum(len(alarm.rang) for alarm in alarms))
    # a tick may have passed while they were set: not every turn is full then
    assert max(later - before for before, later in pairwise(rung)) == AT_ONCE
    assert len(set(rung)) >= len(alarms) / AT_ONCE
