"""Many runs at once: each slot opens its next run as soon as the last one is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random

import aiohttp

from tests.chaos.api import Api
from tests.chaos.host import Host
from tests.chaos.plans import draw_run
from tests.chaos.player import Player
from tests.chaos.records import Record, RunRecord
from tests.chaos.wire import now_ms

_LOOK_S = 0.1


class Scene:
    """The hosts and players of a seed. `played` lists the runs so far with their players."""

    def __init__(
        self, session: aiohttp.ClientSession, urls: Sequence[str], seed: int, players: int
    ) -> None:
        self.played: list[tuple[RunRecord, list[Record]]] = []
        self.apis: dict[str, Api] = {}
        """The account that hosts each run, by run id."""
        self.faults_over = asyncio.Event()
        self._present: set[Player] = set()
        self._session = session
        self._urls = urls
        self._seed = seed
        self._players = players

    async def play(self, slots: int, until: float) -> None:
        """Play at every slot until all runs are over; none is opened after `until` (epoch ms)."""
        apis = [
            Api(self._session, self._urls, Random(f"api {self._seed} {n}")) for n in range(slots)
        ]
        for api in apis:
            await api.register()
        async with asyncio.TaskGroup() as going_on:
            for slot, api in enumerate(apis):
                going_on.create_task(self._slot(slot, api, until))

    async def all_come_back(self) -> None:
        """Drop every player's connection at the same moment."""
        await asyncio.gather(*(player.come_back_once() for player in self._present))

    async def _slot(self, slot: int, api: Api, until: float) -> None:
        # Staggered, so that each fault meets lobbies, questions and ends.
        # time: runs do not begin at once
        await asyncio.sleep(Random(f"slot {self._seed} {slot}").uniform(0.0, 6.0))
        number = 0
        while now_ms() < until:
            await self.run(api, slot, number)
            number += 1

    async def run(self, api: Api, slot: int, number: int) -> None:
        """One run to its end."""
        plan = draw_run(self._seed, slot, number, self._players)
        host = Host(api, plan, Random(f"host {plan.name}"))
        players = [
            Player(self._urls, one, plan.secrets, Random(f"player {one.nickname}"))
            for one in plan.players
        ]
        self.played.append((host.record, [player.record for player in players]))
        await host.open()
        self.apis[host.record.run_id] = api
        joined = asyncio.Event()
        started = asyncio.Event()

        async def attend(player: Player) -> None:
            if player.plan.late:
                await started.wait()
            # time: the schedule says when
            await asyncio.sleep(player.plan.joins_after_s)
            self._present.add(player)
            await player.play(host.record.pin, lambda: host.over)
            self._present.discard(player)

        async def lead() -> None:
            await host.lead(lambda who: players[who].record.player_id, joined, self.faults_over)

        async def watch() -> None:
            early = [player.record for player in players if not player.plan.late]
            await _until(lambda: host.over or all(one.player_id for one in early))
            joined.set()

        async def wait_for_start() -> None:
            await _until(lambda: host.over or any(player.has_started for player in players))
            started.set()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(lead())
            tasks.create_task(watch())
            tasks.create_task(wait_for_start())
            for player in players:
                tasks.create_task(attend(player))


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - many things may make it true
        await asyncio.sleep(_LOOK_S)
