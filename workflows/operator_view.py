"""The operator's view of a run in the Temporal UI: current details and search attributes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from quiz.run import Phase, RunState
from workflows.contract import RunInput

PHASE = SearchAttributeKey.for_keyword("QuizRunPhase")
QUIZ = SearchAttributeKey.for_keyword("QuizId")
HOST = SearchAttributeKey.for_keyword("QuizHost")
PIN = SearchAttributeKey.for_keyword("QuizPin")
PLAYERS = SearchAttributeKey.for_int("QuizPlayers")
QUESTION = SearchAttributeKey.for_int("QuizQuestion")
SEARCH_ATTRIBUTES = (PHASE, QUIZ, HOST, PIN, PLAYERS, QUESTION)
"""The search attributes that must be registered on the Temporal namespace."""


MAX_AGE_MS = 60_000
"""How old the search attributes of a run may be while the clock takes it through short phases."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the search attributes show: the state of a run as of `at` (epoch ms)."""

    state: RunState | None = None
    at: int = 0

    def is_outdated(self, state: RunState, now: int, *, sparingly: bool) -> bool:
        """Whether to update the search attributes to `state`: once a phase.

        Each update is an event of the history and a write to the visibility store. `sparingly`,
        questions and reveals that follow each other quickly are updated once in `MAX_AGE_MS`; a
        phase that lasts, or that waits for the host, always is.
        """
        shown = self.state
        if shown is None:
            return True
        if (state.phase, state.question, state.paused) == (
            shown.phase,
            shown.question,
            shown.paused,
        ):
            return False
        if not sparingly or state.phase not in _QUICK or shown.phase not in _QUICK:
            return True
        if state.due is not None:
            return False
        if state.paused or shown.paused or state.deadline_at is None:
            return True
        old = now - self.at >= MAX_AGE_MS and state.phase is Phase.QUESTION
        return old or state.deadline_at - now >= MAX_AGE_MS


_QUICK = (Phase.QUESTION, Phase.REVEAL)


def fixed_attributes(run: RunInput) -> list[SearchAttributeUpdate]:  # type: ignore[type-arg]
    """Return the search attributes that never change during a run."""
    return [
        QUIZ.value_set(run.quiz_id),
        HOST.value_set(run.host_id),
        PIN.value_set(run.pin),
    ]


def phase_attributes(state: RunState) -> list[SearchAttributeUpdate]:  # type: ignore[type-arg]
    """Return the search attributes that change; questions count from 1, 0 before the first."""
    return [
        PHASE.value_set("paused" if state.paused else state.phase.value),
        PLAYERS.value_set(state.players),
        QUESTION.value_set(state.question + 1),
    ]


def details(run: RunInput, state: RunState) -> str:
    """Summarise the run in a Markdown table; `run` carries the latest counts and leaderboard."""
    rows = [
        ("Quiz", _cell(run.title)),
        ("PIN", run.pin),
        ("Phase", state.phase.value + (" (paused)" if state.paused else "")),
        ("Doing now", _DOING[state.due] if state.due else "waiting"),
        ("Question", f"{state.question + 1} of {state.question_count}"),
        ("Deadline", _clock(state.deadline_at)),
        ("Left when paused", _seconds(state.remaining_ms)),
        ("Players", f"{state.players}{' (locked)' if state.locked else ''}"),
        ("Answers scored last", str(run.answered)),
        ("Ends if left alone", _clock(state.expires_at)),
        ("Version", str(state.version)),
        *((f"Rank {line.rank}", f"{_cell(line.nickname)}: {line.score:,}") for line in run.top[:3]),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {key} | {value} |" for key, value in rows)])


_DOING = {
    "open": "opening the next question",
    "score": "scoring answers",
    "reveal": "publishing standings",
    "close": "closing the run",
}


def _clock(at: int | None) -> str:
    if at is None:
        return "none"
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _seconds(duration_ms: int | None) -> str:
    return "not paused" if duration_ms is None else f"{duration_ms / 1000:.1f} s"


def _cell(text: str) -> str:
    # Users' text must not inject markup, cells or lines into the Markdown table.
    return "".join("·" if char in "|`*_[]<>#\\\n\r\t" else char for char in text)
