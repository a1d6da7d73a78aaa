"""One seed, from starting the stack to the verdict."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from tests.chaos import resources
from tests.chaos.api import Api
from tests.chaos.brokers import APACHE, KINDS, Brokers, kind_of
from tests.chaos.building import running_stack, topology_of
from tests.chaos.calm import Calm
from tests.chaos.engines import EMBEDDED, ENGINES
from tests.chaos.injector import Injector
from tests.chaos.scene import Scene
from tests.chaos.schedule import Fault, draw
from tests.chaos.stack import Stack
from tests.chaos.verdict import Verdict, audit_pages, audit_runs, count
from tests.chaos.wire import now_ms

CALM_WITHIN_S = 45.0
LAST_RUN_BEFORE_S = 12.0


@dataclass(frozen=True)
class Options:
    """The size of a trial. `drain_s` is how long runs may take to end after the last fault."""

    seconds: float = 60.0
    slots: int = 12
    players: int = 20
    kafka: str = "embedded"
    drain_s: float = 90.0
    out: Path = Path(".quizrun/chaos")
    engines: str = EMBEDDED.kind


async def try_seed(seed: int, options: Options) -> Verdict:
    """Run the schedule of `seed` and judge the outcome."""
    directory = options.out / f"seed-{seed}"
    await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)
    engines = ENGINES[options.engines]
    kinds = KINDS if engines is EMBEDDED else APACHE
    brokers = Brokers(kind_of(options.kafka, seed, kinds))
    topology = topology_of(brokers, engines)
    faults = draw(seed, options.seconds, topology)
    verdict = Verdict(seed, brokers.kind, [f"{fault.at_s:5.1f} s  {fault}" for fault in faults])
    logs = (directory / "logs").resolve()
    verdict.logs = str(logs)
    skew = {fault.target: fault.amount for fault in faults if fault.kind == "skew"}
    trial: _Trial | None = None
    try:
        async with running_stack(logs, brokers, engines, skew) as stack:
            trial = _Trial(verdict, options, stack, Injector(stack, topology))
            await trial.run(seed, faults)
    except Exception:  # noqa: BLE001 - reported as a failure of the harness, with its seed
        verdict.add_violation("the harness works", "all", traceback.format_exc()[-2_000:])
    if trial is not None:
        trial.sum_up()
        await asyncio.to_thread(_write, directory, trial)
    return verdict


async def _warm_up(session: aiohttp.ClientSession, urls: Sequence[str]) -> None:
    """Register an account at each gateway: the first one loads the word lists by which passwords
    are judged, and these stay in memory.
    """
    for url in urls:
        await Api(session, [url], Random(0)).register()


class _Trial:
    def __init__(
        self, verdict: Verdict, options: Options, stack: Stack, injector: Injector
    ) -> None:
        self.verdict = verdict
        self.scene: Scene | None = None
        self._options = options
        self._stack = stack
        self.injector = injector

    async def run(self, seed: int, faults: list[Fault]) -> None:
        verdict, options, stack = self.verdict, self._options, self._stack
        ours = [name for name in stack.children if name.startswith(("gateway", "worker"))]
        urls = [stack.children[name].spec.health_url for name in ours]
        calm = Calm(urls, lambda: self.injector.active)
        connector = aiohttp.TCPConnector(limit=0)
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            _background(calm.watch()),
        ):
            await _warm_up(session, stack.urls)
            before = resources.measure(stack)
            scene = self.scene = Scene(session, stack.urls, seed, options.players)
            last_opening = now_ms() + (options.seconds - LAST_RUN_BEFORE_S) * 1000
            playing = asyncio.create_task(scene.play(options.slots, last_opening))
            try:
                await self.injector.run(faults)
                await self._recover(calm)
                scene.faults_over.set()
                await scene.all_come_back()
                await self._drain(playing)
            finally:
                playing.cancel()
                await asyncio.wait([playing])
            count(verdict, scene.played, calm)
            await audit_pages(verdict, scene.played, scene.apis, stack.urls, stack.database_url)
        await audit_runs(
            verdict,
            scene.played,
            stack.direct,
            stack.kafka_log,
            self.injector.gateways_apart(),
        )
        left, after = await resources.returned(stack, before)
        for fault in left:
            verdict.add_violation("memory and connections return", "all", fault)
        verdict.memory_growth_mb = round(
            max(after[name].memory_mb - before[name].memory_mb for name in after), 1
        )

    def sum_up(self) -> None:
        """Record what happened to the stack."""
        self.verdict.unexpected_exits = self._stack.unexpected_exits
        kinds = [fault.kind for _, _, fault in self.injector.done]
        self.verdict.faults = dict(Counter(kinds))
        self.verdict.skipped = len(self.injector.skipped)

    async def _recover(self, calm: Calm) -> None:
        began = now_ms()
        try:
            await calm.wait(CALM_WITHIN_S)
        except TimeoutError:
            self.verdict.add_violation(
                "everything is ready again", "all", f"not in {CALM_WITHIN_S} s"
            )
        self.verdict.calm_after_s = round((now_ms() - began) / 1000, 1)

    async def _drain(self, playing: asyncio.Task[None]) -> None:
        began = now_ms()
        done, _ = await asyncio.wait([playing], timeout=self._options.drain_s)
        if done:
            await playing
        self.verdict.last_end_s = round((now_ms() - began) / 1000, 1)


@asynccontextmanager
async def _background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _write(directory: Path, trial: _Trial) -> None:
    """Write the evidence: every fault with its times, and what everyone did and saw."""
    evidence = {
        "verdict": trial.verdict.as_json(),
        "faults": [
            {"from": began, "to": ended, **asdict(fault)}
            for began, ended, fault in trial.injector.done
        ],
        "runs": [
            {"run": asdict(run), "players": [asdict(player) for player in players]}
            for run, players in (trial.scene.played if trial.scene else [])
        ],
    }
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "evidence.json").write_text(json.dumps(evidence, default=str, indent=1))
