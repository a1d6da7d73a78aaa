"""What never changes during a run, read once per process: its quiz, its seed, its host."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from db.runs import Run, Runs
from quiz.content import Question, Quiz
from quiz.pace import UNTIMED_MS, untimed
from quiz.presentation import public_question, shown_for
from quiz.run import RunState
from quiz.snapshot import RunSnapshot

MAX_REMEMBERED_RUNS = 500


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run's quiz as it was when the run was opened, and how to show it."""

    run: Run
    quiz: Quiz

    def question(self, index: int) -> Question:
        """Question `index` (0-based) with its solution."""
        return self.quiz.questions[index]

    def shown(self, index: int) -> tuple[int, ...]:
        """The order in which this run shows the options of question `index`."""
        return shown_for(self.question(index), index, self.run.seed)

    def snapshot(self, state: RunState) -> RunSnapshot:
        """The run as of `state`, with its current question, without reveal and outcome."""
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
    """The facts of the runs that this process worked on last."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._known: OrderedDict[str, RunFacts] = OrderedDict()

    async def get(self, run_id: str) -> RunFacts:
        """The facts of a run; raises `not_found`."""
        facts = self._known.get(run_id)
        if facts is None:
            run = await self._runs.get(run_id)
            facts = RunFacts(run, await self._runs.content(run.quiz_id, run.quiz_version))
            self._known[run_id] = facts
            if len(self._known) > MAX_REMEMBERED_RUNS:
                self._known.popitem(last=False)
        self._known.move_to_end(run_id)
        return facts
