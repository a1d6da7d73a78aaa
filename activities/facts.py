"""The immutable data of runs (quiz, seed, host), cached per process."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from db.runs import Run, Runs
from quiz.content import Question, Quiz
from quiz.pace import UNTIMED_MS, untimed
from quiz.presentation import public_question, shown_for
from quiz.run import RunState
from quiz.snapshot import RunSnapshot

MAX_CACHED_RUNS = 500


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run with its quiz, in the version with which the run was opened."""

    run: Run
    quiz: Quiz

    def question(self, index: int) -> Question:
        """Return question `index` (0-based) with its solution."""
        return self.quiz.questions[index]

    def shown(self, index: int) -> tuple[int, ...]:
        """Return the order in which the options of question `index` are shown."""
        return shown_for(self.question(index), index, self.run.seed)

    def snapshot(self, state: RunState) -> RunSnapshot:
        """Build a snapshot with the current question, without reveal and outcome."""
        question = None
        if state.question >= 0 and not state.phase.over:
            question = public_question(
                self.question(state.question), state.question, state.question_count, self.run.seed
            )
            if untimed(state.settings, question.type):
                question = question.model_copy(update={"time_limit_ms": UNTIMED_MS})
        return RunSnapshot(
            state=state,
            title=self.run.title,
            pin=self.run.pin,
            host_id=self.run.host_id,
            language=self.quiz.language,
            question=question,
        )


class FactsCache:
    """The facts of the most recently used runs."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._cache: OrderedDict[str, RunFacts] = OrderedDict()

    async def get(self, run_id: str) -> RunFacts:
        """Return the facts of a run. Raises `not_found`."""
        facts = self._cache.get(run_id)
        if facts is None:
            run = await self._runs.get(run_id)
            facts = RunFacts(run, await self._runs.content(run.quiz_id, run.quiz_version))
            self._cache[run_id] = facts
            if len(self._cache) > MAX_CACHED_RUNS:
                self._cache.popitem(last=False)
        self._cache.move_to_end(run_id)
        return facts
