"""Telling everyone what a command changed: pauses, locks, kicks, the countdown."""

from __future__ import annotations

from temporalio import activity

from activities.announcer import Announcer
from activities.facts import FactsCache
from db.leaderboard import Leaderboard
from db.players import Players
from db.runs import Runs
from quiz.run import RunState
from quiz.snapshot import RunSnapshot
from telemetry.clock import now_ms
from workflows import contract
from workflows.contract import EventsInput, StandingsSummary


class EventActivities:
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

    @activity.defn(name=contract.PUBLISH_EVENTS)
    async def publish_events(self, given: EventsInput) -> StandingsSummary:
        """Carries out kicks in the stores, then publishes the events under their versions."""
        state = given.state
        stored = await self._runs.snapshot(state.run_id)
        before = stored.state.standings_version if stored else -1
        for event in given.events:
            if event.type == "player.kicked" and event.player_id is not None:
                await self._players.kick(state.run_id, event.player_id, now_ms())
                await self._leaderboard.remove(
                    state.run_id, event.player_id, before=before, version=event.version
                )
                before = event.version
        await self._announcer.announce(await self._snapshot(state), *given.events)
        return StandingsSummary(players=state.players, top=())

    async def _snapshot(self, state: RunState) -> RunSnapshot:
        """What was published last, as of `state`: a pause keeps the reveal that it interrupts."""
        facts = await self._facts.get(state.run_id)
        snapshot = facts.snapshot(state)
        stored = await self._runs.snapshot(state.run_id)
        if stored and stored.reveal and stored.reveal.question == state.question:
            snapshot = snapshot.model_copy(update={"reveal": stored.reveal})
        return snapshot
