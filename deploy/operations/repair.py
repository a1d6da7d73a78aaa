"""Repair a run: rewrite Redis, republish events, rescore."""

from __future__ import annotations

from dataclasses import dataclass

from activities.facts import FactsCache
from activities.standings import StandingsActivities
from bus.messages import RunEvent
from bus.producer import Producer
from db.corrections import Corrections, rescore_job
from db.leaderboard import Leaderboard
from db.rescoring import Differences, Rescoring
from db.run_state import RunStates
from db.runs import Run, Runs
from db.scoring import Scoring
from deploy.operations.recovery import Recovery, Takeover
from quiz.events import EventType
from quiz.run import Phase, RunState
from quiz.snapshot import RunSnapshot


@dataclass(frozen=True, slots=True)
class Repair:
    """Repairs of a run. Each is idempotent and safe while the run continues."""

    runs: Runs
    scoring: Scoring
    rescoring: Rescoring
    corrections: Corrections
    run_states: RunStates
    leaderboard: Leaderboard
    producer: Producer
    standings: StandingsActivities
    facts: FactsCache

    async def redis(self, run_id: str) -> bool:
        """Rewrite the run's snapshot and leaderboard in Redis; False if it is unavailable. Presence
        is not rewritten, because gateways report it every second.
        """
        run = await self.runs.get(run_id)
        return await self._project(run.snapshot)

    async def events(self, run_id: str) -> list[str]:
        """Republish the run's latest event, and the answers and scores of all questions published
        before; return what was published. Raises `unavailable`.

        Events keep their ids, so that consumers drop duplicates. Earlier events of the run are not
        republished, because PostgreSQL only has the latest state.
        """
        run = await self.runs.get(run_id)
        done = []
        if kind := event_type(run.snapshot.state):
            await self._publish(run.snapshot, kind)
            done.append(f"{kind} (version {run.version})")
        for question in published_questions(run):
            await self.standings.publish_answers(run_id, question)
            done.append(f"answers and scores of question {question + 1}")
        return done

    async def rescore(self, run_id: str, *, repair_as: str | None = None) -> Differences:
        """Compare stored points with the rules, and correct them in the name of `repair_as`."""
        facts = await self.facts.get(run_id)
        run = await self.runs.get(run_id)
        job = rescore_job(run, facts.quiz, await self.corrections.rulings(run_id))
        found = await self.rescoring.compare(job, repair_as=repair_as)
        if repair_as is not None and not found.none:
            snapshot = found.reranked or run.snapshot
            await self._project(snapshot)
            if found.reranked and (kind := event_type(found.reranked.state)):
                await self._publish(found.reranked, kind)
        return found

    async def workflow(
        self, run_id: str, recovery: Recovery, *, replace: bool, as_of: int | None = None
    ) -> Takeover:
        """Start a new, paused workflow for a live run and publish it. Raises like `Recovery`."""
        takeover = await recovery.prepare(run_id, as_of)
        await recovery.start(takeover, replace=replace)
        await self.announce(takeover.snapshot)
        return takeover

    async def announce(self, snapshot: RunSnapshot) -> None:
        """Store and publish the state from which a run was continued. Raises `unavailable`."""
        await self.runs.save_snapshot(snapshot)
        await self._project(snapshot)
        await self._publish(snapshot, "run.paused")
        state = snapshot.state
        if state.phase is Phase.REVEAL:
            # The activity that revealed the question may have been lost before publishing the
            # answers.
            await self.standings.publish_answers(state.run_id, state.question)

    async def _project(self, snapshot: RunSnapshot) -> bool:
        state = snapshot.state
        done = await self.run_states.replace(snapshot)
        if state.standings_version >= 0:
            totals = await self.scoring.totals(state.run_id)
            version = state.standings_version
            done &= await self.leaderboard.replace(state.run_id, totals, version=version)
        return done

    async def _publish(self, snapshot: RunSnapshot, kind: EventType) -> None:
        version = snapshot.state.version
        await self.producer.run_event(RunEvent(type=kind, version=version, snapshot=snapshot))


def event_type(state: RunState) -> EventType | None:
    """Return the type of event that carries `state`; None for a new lobby, which has none.

    The last event may have had another type, such as for locking the lobby, but it had the same
    state.
    """
    match state.phase:
        case Phase.FINISHED:
            return "run.finished"
        case Phase.CANCELLED:
            return "run.cancelled"
        case _ if state.paused:
            return "run.paused"
        case Phase.STARTING:
            return "run.starting"
        case Phase.QUESTION:
            return "question.opened" if state.due is None else "question.closing"
        case Phase.REVEAL:
            return "question.closed"
        case _:
            if state.version == 0:
                return None
            return "run.locked" if state.locked else "run.unlocked"


def published_questions(run: Run) -> list[int]:
    """Return the questions whose answers can be republished, as their scoring is not pending."""
    state = run.snapshot.state
    if state.phase.over:
        return [*range(state.question + 1), state.question_count]
    last = state.question if state.phase is Phase.REVEAL else state.question - 1
    return list(range(last + 1))
