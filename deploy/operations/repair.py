"""Repairing a run: Redis from PostgreSQL, events once more, points by the rules."""

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
    """Every repair is safe to repeat, and safe while the run goes on."""

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
        """Write the run's snapshot and leaderboard again, whatever Redis has; False when it does
        not answer. Who is connected, gateways report by themselves every second.
        """
        run = await self.runs.get(run_id)
        return await self._project(run.snapshot)

    async def events(self, run_id: str) -> list[str]:
        """Publish the run's latest event again, and the answers and scores of all questions that
        were published before; what that was. Raises `unavailable`.

        Ids are those of the first time, so that consumers drop what they have. PostgreSQL keeps the
        latest state only: earlier events of the run are not repeated.
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

    async def rescore(self, run_id: str, *, mend_as: str | None = None) -> Differences:
        """Compare stored points with the rules', and correct them in the name of `mend_as`."""
        facts = await self.facts.get(run_id)
        run = await self.runs.get(run_id)
        job = rescore_job(run, facts.quiz, await self.corrections.rulings(run_id))
        found = await self.rescoring.compare(job, mend_as=mend_as)
        if mend_as is not None and not found.none:
            snapshot = found.reranked or run.snapshot
            await self._project(snapshot)
            if found.reranked and (kind := event_type(found.reranked.state)):
                await self._publish(found.reranked, kind)
        return found

    async def workflow(
        self, run_id: str, recovery: Recovery, *, replace: bool, as_of: int | None = None
    ) -> Takeover:
        """Start a new workflow for a live run, paused, and tell everyone. Raises as `Recovery`."""
        takeover = await recovery.prepare(run_id, as_of)
        await recovery.start(takeover, replace=replace)
        await self.announce(takeover.snapshot)
        return takeover

    async def announce(self, snapshot: RunSnapshot) -> None:
        """Store and publish a state with which a run was taken over. Raises `unavailable`."""
        await self.runs.save_snapshot(snapshot)
        await self._project(snapshot)
        await self._publish(snapshot, "run.paused")
        state = snapshot.state
        if state.phase is Phase.REVEAL:
            # The step that revealed it may have been lost before it published the answers.
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
    """The type of the event that says that the run is in `state`; None for a new lobby, of which
    no event tells.

    What was told last may have been something else, such as that the lobby is locked: the state in
    the event is the same.
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
    """The questions whose answers may be published again without being taken from the scoring that
    is still to come.
    """
    state = run.snapshot.state
    if state.phase.over:
        return [*range(state.question + 1), state.question_count]
    last = state.question if state.phase is Phase.REVEAL else state.question - 1
    return list(range(last + 1))
