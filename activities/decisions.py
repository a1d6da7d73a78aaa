"""Publishing decisions: the countdown, opened questions, pauses, locks, kicks."""

from __future__ import annotations

from temporalio import activity

from activities.facts import FactsCache
from activities.publisher import SnapshotPublisher
from db.leaderboard import Leaderboard
from db.players import Players
from db.runs import Runs
from quiz.events import EventType
from quiz.run import Phase, RunState
from quiz.snapshot import RunSnapshot
from telemetry.clock import now_ms
from workflows import contract
from workflows.contract import DecisionsInput, Publication


class DecisionActivities:
    """The activity that publishes decisions."""

    def __init__(
        self,
        facts: FactsCache,
        runs: Runs,
        players: Players,
        leaderboard: Leaderboard,
        publisher: SnapshotPublisher,
    ) -> None:
        self._facts = facts
        self._runs = runs
        self._players = players
        self._leaderboard = leaderboard
        self._publisher = publisher

    @activity.defn(name=contract.PUBLISH_DECISIONS)
    async def publish_decisions(self, batch: DecisionsInput) -> Publication:
        """Publish each decision under its version, in order; questions without solutions."""
        published = None
        for decision in batch.decisions:
            published = await self.publish(decision.state, decision.type, decision.player_id)
        return Publication(opens_at=published.state.opens_at if published else None)

    async def publish(
        self, state: RunState, kind: EventType, player_id: str | None
    ) -> RunSnapshot | None:
        """Apply a kick to the stores, then publish; see `SnapshotPublisher.store_and_publish`."""
        if kind == "player.kicked" and player_id is not None:
            snapshot = await self._kick(state, player_id)
        else:
            snapshot = await self._snapshot(state)
        return await self._publisher.store_and_publish(snapshot, kind, player_id)

    async def _kick(self, state: RunState, player_id: str) -> RunSnapshot:
        """Remove the player from the stores and from the revealed leaderboard."""
        await self._players.kick(state.run_id, player_id, now_ms(), state.version)
        snapshot = await self._snapshot(state)
        player = await self._players.get(player_id)
        if player is None or not player.kicked:  # readmitted since, with leaderboards rebuilt
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
        """The run as of `state`, with the stored reveal if it is still being shown."""
        facts = await self._facts.get(state.run_id)
        snapshot = facts.snapshot(state)
        stored = await self._runs.snapshot(state.run_id) if state.phase is Phase.REVEAL else None
        if stored and stored.reveal and stored.reveal.question == state.question:
            snapshot = snapshot.model_copy(update={"reveal": stored.reveal})
        return snapshot
