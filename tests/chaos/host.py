"""A host that opens runs and sends commands, retrying each until its outcome is known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from tests.chaos.api import Api
from tests.chaos.plans import Press, RunPlan
from tests.chaos.records import Pressed, RunRecord
from tests.chaos.wire import now_ms

LOOK_S = 1.0
# A command is dropped once it no longer applies.
GIVES_UP_AFTER_S = 12.0


class Host:
    """Takes one run from its lobby to its end according to its plan."""

    def __init__(self, api: Api, plan: RunPlan, rng: Random) -> None:
        self.record = RunRecord(plan)
        self._api = api
        self._rng = rng
        self._player_ids: Callable[[int], str] = lambda _: ""

    @property
    def over(self) -> bool:
        return bool(self.record.ended_at)

    async def open(self) -> None:
        """Open the lobby. Never gives up: the run may exist although no reply said so."""
        plan, record = self.record.plan, self.record
        _, made = await self._api.call("POST", "/quizzes", plan.quiz, f"quiz {plan.name}")
        wanted = {"quiz_id": made["id"], "settings": plan.settings}
        status, opened = await self._api.call("POST", "/runs", wanted, f"run {plan.name}")
        assert status == 201, opened
        record.run_id, record.pin = opened["run_id"], opened["pin"]
        record.opened_at = now_ms()

    async def lead(
        self,
        player_ids: Callable[[int], str],
        all_joined: asyncio.Event,
        faults_over: asyncio.Event,
    ) -> None:
        """Lead the run to its end. `player_ids(n)` is the id of player n, empty before joining.
        Once `faults_over` is set, an automatic start must have happened.
        """
        self._player_ids = player_ids
        await self._begin(all_joined, faults_over)
        began = now_ms()
        for press in self.record.plan.presses:
            await self._until(began + press.at_s * 1000)
            if self.over:
                return
            await self._press(press)
        while not self.over:
            await asyncio.sleep(LOOK_S)
            await self._keep_run_going()

    async def _begin(self, all_joined: asyncio.Event, faults_over: asyncio.Event) -> None:
        plan = self.record.plan
        if plan.settings["auto_start_players"] is None:
            # time: the schedule says how long players have to join
            await asyncio.sleep(plan.lobby_s)
            await self._settle("start")
            return
        if plan.pauses_lobby:
            await self._settle("pause")
            # time: the schedule says how long players have to join
            await asyncio.sleep(plan.lobby_s)
            await self._settle("resume")
        # It starts automatically once everyone has joined.
        patience: float | None = None
        while await self._phase() == "lobby":
            await asyncio.sleep(LOOK_S)
            if not faults_over.is_set() or not all_joined.is_set():
                continue
            patience = patience or now_ms() + 10_000
            if now_ms() > patience:
                self.record.contradictions.append("did not start automatically")
                await self._insist("start")
                return
        self.record.started_itself = True

    async def _settle(self, command: str) -> None:
        """Send a command that the run requires."""
        while (await self._insist(command)) == "unknown" and not self.over:
            pass

    async def _phase(self) -> str:
        view = await self._view()
        return view["phase"] if view else self.record.phase or "lobby"

    async def _view(self) -> dict[str, Any] | None:
        answer = await self._api.once("GET", f"/runs/{self.record.run_id}")
        if answer is None or answer[0] != 200:
            return None
        self._see(answer[1])
        view: dict[str, Any] = answer[1]
        return view

    def _see(self, view: dict[str, Any]) -> None:
        record = self.record
        record.phase, record.version = view["phase"], max(record.version, view["version"])
        if view["phase"] in ("finished", "cancelled") and not record.ended_at:
            record.ended_at = now_ms()

    async def _until(self, at: float) -> None:
        """Wait until `at` (epoch ms) or the end of the run."""
        while now_ms() < at and not self.over:
            await asyncio.sleep(min(LOOK_S, max(0.0, at - now_ms()) / 1000))
            if now_ms() < at:
                await self._keep_run_going(resume=False)

    async def _press(self, press: Press) -> None:
        presses = [self._insist(press.command, press)]
        if press.twice:
            presses.append(self._insist(press.command, press))
        outcomes = set(await asyncio.gather(*presses))
        if "ok" in outcomes and outcomes & _FINAL:
            self.record.contradictions.append(f"one {press.command}, two outcomes: {outcomes}")

    async def _insist(self, command: str, press: Press | None = None) -> str:
        """Send a command until its outcome is known. A double press shares one key."""
        record = self.record
        at_s = press.at_s if press else -1.0
        path, player_id = f"/runs/{record.run_id}/{command}", ""
        if command == "kick":
            player_id = self._player_ids(press.who if press else 0)
            if not player_id:
                return "nobody"
            path = f"/runs/{record.run_id}/players/{player_id}/kick"
        pressed = Pressed(command, now_ms(), player_id=player_id)
        record.pressed.append(pressed)
        key = f"{record.plan.name} {command} {at_s:.3f}"
        until = now_ms() + GIVES_UP_AFTER_S * 1000
        status, body = await self._api.call(
            "POST",
            path,
            None,
            key,
            lambda: now_ms() > until or self.over,
        )
        pressed.done = now_ms()
        pressed.excuse = self._api.excuses.pop(key, "")
        if status == 200:
            pressed.outcome = "ok"
            self._see(body)
        elif status:
            pressed.outcome = body["code"]
            if body["code"] not in _REFUSALS:
                record.contradictions.append(f"{command} was refused: {body}")
        return pressed.outcome

    async def _keep_run_going(self, *, resume: bool = True) -> None:
        """Do what only a host can do for the run to continue."""
        view = await self._view()
        if view is None or self.over:
            return
        if view["paused"] and not resume:
            return
        if view["paused"]:
            await self._fresh("resume")
        elif view["phase"] == "reveal" and not view["settings"]["auto_advance"]:
            await self._fresh("next")
        elif view["phase"] == "lobby":
            await self._fresh("start")

    async def _fresh(self, command: str) -> None:
        await self._insist(command, Press(now_ms() / 1000, command, twice=False))


# Errors that a retry with the same key must get again.
_FINAL = {"command_not_allowed", "question_closed", "run_finished"}
# not_found: the player was kicked before.
_REFUSALS = {*_FINAL, "paused", "not_found"}
