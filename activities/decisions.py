"""Telling everyone what was decided: questions that open, pauses, locks, kicks, the countdown."""

from __future__ import annotations

from temporalio import activity

from activities.announcer import Announcer
from activities.facts import FactsCache
from db.leaderboard import Leaderboard
from db.players import Players
from db.runs import Runs
from quiz.events import EventType
from quiz.run import Phase, RunState
from quiz.snapshot import RunSnapshot
from telemetry.clock import now_ms
from workflows import contract
from workflows.contract import DecisionsInput, StandingsSummary


class DecisionActivities:
    """What is published between the steps of a run."""

    def __init__(
        self,
        facts: FactsCache,
        runs: Runs,
        players: Players,
        leaderboard: Leaderboard,
        announcer: Announcer,
    ) -> None:
        self._facts = facts
        self._runs = runs
        self._players = players
        self._leaderboard = leaderboard
        self._announcer = announcer

    @activity.defn(name=contract.PUBLISH_DECISIONS)
    async def publish_decisions(self, given: DecisionsInput) -> StandingsSummary:
        """Publish each decision under its version, in their order, questions without solutions."""
        for decision in given.decisions:
            await self.announce(decision.state, decision.type, decision.player_id)
        return StandingsSummary(players=given.decisions[-1].state.players, top=())

    async def announce(
        self, state: RunState, kind: EventType, player_id: str | None
    ) -> RunSnapshot | None:
        """Carry out a kick in the stores, then publish the event; see `Announcer.announce`."""
        if kind == "player.kicked" and player_id is not None:
            snapshot = await self._without(state, player_id)
        else:
            snapshot = await self._snapshot(state)
        return await self._announcer.announce(snapshot, kind, player_id)

    async def _without(self, state: RunState, player_id: str) -> RunSnapshot:
        """Remove the player from the stores and from the leaderboard that is shown."""
        await self._players.kick(state.run_id, player_id, now_ms(), state.version)
        snapshot = await self._snapshot(state)
        player = await self._players.get(player_id)
        if player is None or not player.kicked:  # let back in since; boards are made anew
            return snapshot
        stored = await self._runs.snapshot(state.run_id)
        before = stored.state.standings_version if stored else -1
        await self._leaderboard.remove(
            state.run_id, player_id, before=before, version=state.version
        )
        if snapshot.reveal is None:
            return snapshot
        return snapshot.model_copy(update={"reveal": snapshot.reveal.without(player.nickname)})

    async def _snapshot(self, state: RunState) -> RunSnapshot:
        """The run as of `state`; in the reveal with what was revealed, which a pause keeps."""
        facts = await self._facts.get(state.run_id)
        snapshot = facts.snapshot(state)
        stored = await self._runs.snapshot(state.run_id) if state.phase is Phase.REVEAL else None
        if stored and stored.reveal and stored.reveal.question == state.question:
            snapshot = snapshot.model_copy(update={"reveal": stored.reveal})
        return snapshot
