"""The run's state machine: single moves, and promises over random command sequences."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quiz.commands import (
    AllAnswered,
    Command,
    DeadlinePassed,
    End,
    Kick,
    Lock,
    Next,
    Pause,
    PlayersJoined,
    QuestionOpened,
    QuestionScored,
    Resume,
    RunClosed,
    Skip,
    StandingsPublished,
    Start,
    Unlock,
)
from quiz.errors import ErrorCode, QuizrunError
from quiz.events import step_event
from quiz.machine import apply
from quiz.run import Phase, RunSettings, RunState

LIMIT_MS = 20_000
LEAD_MS = 300


def lobby(questions: int = 2, **chosen: Any) -> RunState:
    settings = RunSettings.model_validate(chosen)
    return RunState(run_id="run", question_count=questions, settings=settings)


def moved(state: RunState, *commands: tuple[Command, int]) -> RunState:
    for command, now in commands:
        state, _ = apply(state, command, now)
    return state


def opened(question: int, now: int) -> QuestionOpened:
    opens_at = now + LEAD_MS
    return QuestionOpened(question=question, opens_at=opens_at, closes_at=opens_at + LIMIT_MS)


def in_question(now: int = 3_000, **chosen: Any) -> RunState:
    """Question 0 was published at `now`."""
    return moved(
        lobby(**chosen),
        (Start(), now - 3_000),
        (DeadlinePassed(), now),
        (opened(0, now), now),
    )


def in_reveal(now: int = 30_000, **chosen: Any) -> RunState:
    return moved(
        in_question(**chosen),
        (Skip(), now),
        (QuestionScored(question=0), now),
        (StandingsPublished(question=0), now),
    )


def refusal(state: RunState, command: Command, now: int = 50_000) -> ErrorCode:
    with pytest.raises(QuizrunError) as refused:
        apply(state, command, now)
    return refused.value.code


def test_a_run_goes_from_lobby_to_finished() -> None:
    state = lobby(questions=1)
    state, events = apply(state, Start(), 1_000)
    assert (state.phase, state.deadline_at) == (Phase.STARTING, 4_000)
    assert [event.type for event in events] == ["run.starting"]
    state = moved(state, (DeadlinePassed(), 4_000))
    assert state.due == "open"
    assert step_event(state).type == "question.opened"
    state = moved(state, (opened(0, 4_010), 4_020))
    assert (state.phase, state.question, state.deadline_at) == (Phase.QUESTION, 0, 24_310)
    state = moved(state, (DeadlinePassed(), 24_310))
    assert state.due == "score"
    state = moved(state, (QuestionScored(question=0), 24_700))
    assert (state.phase, state.due) == (Phase.REVEAL, "reveal")
    state = moved(state, (StandingsPublished(question=0), 24_750))
    assert state.deadline_at == 29_750
    state = moved(state, (DeadlinePassed(), 29_750))
    assert state.due == "close"
    assert step_event(state).type == "run.finished"
    assert moved(state, (RunClosed(), 29_800)).phase is Phase.FINISHED


def test_a_run_starts_by_itself_once_enough_players_have_joined() -> None:
    state = moved(lobby(auto_start_players=3), (PlayersJoined(players=2), 0))
    assert state.phase is Phase.LOBBY
    assert moved(state, (PlayersJoined(players=3), 0)).phase is Phase.STARTING


def test_a_paused_lobby_does_not_start_by_itself() -> None:
    state = moved(lobby(auto_start_players=3), (Pause(), 0), (PlayersJoined(players=3), 0))
    assert state.phase is Phase.LOBBY


def test_without_auto_advance_the_reveal_waits_for_the_host() -> None:
    state = in_reveal(auto_advance=False)
    assert state.deadline_at is None
    assert moved(state, (Next(), 99_000)).due == "open"


def test_all_answered_closes_the_question_early_and_only_that_question() -> None:
    state = in_question()
    assert moved(state, (AllAnswered(question=1), 9_000)) == state
    closed = moved(state, (AllAnswered(question=0), 9_000))
    assert (closed.due, closed.closes_at) == ("score", 9_000)
    assert moved(closed, (AllAnswered(question=0), 9_100)) == closed


def test_a_pause_in_a_question_keeps_the_time_that_was_left() -> None:
    state = in_question(now=3_000)  # open from 3.3 s to 23.3 s
    state = moved(state, (Pause(), 10_000))
    assert (state.remaining_ms, state.deadline_at) == (13_300, None)
    state = moved(state, (Resume(), 60_000))
    assert (state.closes_at, state.deadline_at, state.paused_ms) == (73_300, 73_300, 50_000)
    assert state.elapsed_ms(60_000) == 10_000 - 3_300


def test_a_pause_in_the_countdown_keeps_the_time_that_was_left() -> None:
    state = moved(lobby(), (Start(), 0), (Pause(), 1_000), (Resume(), 9_000))
    assert state.deadline_at == 11_000


def test_a_pause_while_a_question_is_on_its_way_out_keeps_its_whole_time() -> None:
    state = moved(lobby(), (Start(), 0), (DeadlinePassed(), 3_000), (Pause(), 3_001))
    state = moved(state, (opened(0, 3_000), 3_010))
    assert (state.phase, state.paused) == (Phase.QUESTION, True)
    state = moved(state, (Resume(), 10_010))
    assert state.elapsed_ms(10_310) == 10
    assert state.closes_at == 3_300 + LIMIT_MS + 7_000


def test_a_pause_during_scoring_leaves_the_whole_reveal() -> None:
    state = moved(in_question(), (DeadlinePassed(), 23_300), (Pause(), 23_400))
    state = moved(state, (QuestionScored(question=0), 23_700))
    state = moved(state, (StandingsPublished(question=0), 23_800))
    assert (state.phase, state.paused, state.remaining_ms) == (Phase.REVEAL, True, 5_000)
    assert moved(state, (Resume(), 90_000)).deadline_at == 95_000


def test_a_timer_that_fires_together_with_a_pause_changes_nothing() -> None:
    paused = moved(in_question(), (Pause(), 23_300))
    assert moved(paused, (DeadlinePassed(), 23_300)) == paused


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (Start(), ErrorCode.COMMAND_NOT_ALLOWED),
        (Next(), ErrorCode.COMMAND_NOT_ALLOWED),
        (Resume(), ErrorCode.COMMAND_NOT_ALLOWED),
    ],
)
def test_commands_in_the_wrong_phase_are_refused(command: Command, code: ErrorCode) -> None:
    assert refusal(in_question(), command) is code


def test_skip_is_refused_outside_a_question_and_while_it_is_scored() -> None:
    assert refusal(lobby(), Skip()) is ErrorCode.COMMAND_NOT_ALLOWED
    assert refusal(in_reveal(), Skip()) is ErrorCode.COMMAND_NOT_ALLOWED
    scoring = moved(in_question(), (Skip(), 9_000))
    assert refusal(scoring, Skip()) is ErrorCode.QUESTION_CLOSED


@pytest.mark.parametrize("command", [Pause(), Start(), Skip(), Next()])
def test_a_paused_run_refuses_what_would_move_it(command: Command) -> None:
    places = {"start": lobby(), "skip": in_question(), "next": in_reveal(), "pause": lobby()}
    paused = moved(places[command.type], (Pause(), 30_000))  # type: ignore[union-attr]
    assert refusal(paused, command) is ErrorCode.PAUSED


def test_a_finished_run_refuses_everything() -> None:
    over = moved(in_reveal(), (End(), 31_000), (RunClosed(), 31_100))
    assert over.phase is Phase.FINISHED
    for command in (Start(), Pause(), Resume(), Next(), Skip(), End(), Lock(), Kick(player_id="p")):
        assert refusal(over, command) is ErrorCode.RUN_FINISHED


@pytest.mark.parametrize("start_first", [False, True])
def test_a_run_that_ends_before_its_first_question_is_cancelled(start_first: bool) -> None:
    state = moved(lobby(), *([(Start(), 0)] if start_first else []), (End(), 1))
    assert step_event(state).type == "run.cancelled"
    assert moved(state, (RunClosed(), 2)).phase is Phase.CANCELLED


def test_locking_twice_tells_nobody_twice() -> None:
    locked, events = apply(lobby(), Lock(), 0)
    assert [event.type for event in events] == ["run.locked"]
    assert apply(locked, Lock(), 1) == (locked, ())
    assert [event.type for event in apply(locked, Unlock(), 2)[1]] == ["run.unlocked"]


# Promises over random command sequences. `Clockwork` stands in for the workflow: it carries out
# what is due after some time, in which commands may come in between.

HOST = st.sampled_from(
    [Start(), Pause(), Resume(), Next(), Skip(), End(), Lock(), Unlock(), Kick(player_id="p")]
)
REPORTS = st.one_of(
    st.builds(PlayersJoined, players=st.integers(0, 9)),
    st.builds(AllAnswered, question=st.integers(0, 3)),
    st.just(DeadlinePassed()),
)
MOVE = st.tuples(st.one_of(HOST, HOST, REPORTS, st.none(), st.none()), st.integers(0, 9_000))
LEGAL = {
    (Phase.LOBBY, Phase.STARTING),
    (Phase.STARTING, Phase.QUESTION),
    (Phase.QUESTION, Phase.REVEAL),
    (Phase.REVEAL, Phase.QUESTION),
    (Phase.LOBBY, Phase.CANCELLED),
    (Phase.STARTING, Phase.CANCELLED),
    (Phase.QUESTION, Phase.FINISHED),
    (Phase.REVEAL, Phase.FINISHED),
}


def step_done(state: RunState, now: int) -> Command:
    match state.due:
        case "open":
            return opened(state.question + 1, now)
        case "score":
            return QuestionScored(question=state.question)
        case "reveal":
            return StandingsPublished(question=state.question)
        case "close":
            return RunClosed()
        case _:
            return DeadlinePassed()


def play(state: RunState, moves: Sequence[tuple[Command | None, int]]) -> list[RunState]:
    """All states on the way; None stands for the clockwork doing what is due."""
    states, now = [state], 0
    for command, pause_ms in moves:
        now += pause_ms
        try:
            state, events = apply(state, command or step_done(state, now), now)
        except QuizrunError:
            continue
        assert state.version - states[-1].version == len(events) or state.due != states[-1].due
        states.append(state)
    return states


@settings(max_examples=400)
@given(st.lists(MOVE, max_size=60), st.booleans())
def test_no_sequence_makes_an_illegal_move(
    moves: list[tuple[Command | None, int]], auto_advance: bool
) -> None:
    states = play(lobby(questions=3, auto_advance=auto_advance, auto_start_players=5), moves)
    for before, after in itertools.pairwise(states):
        assert before.phase is after.phase or (before.phase, after.phase) in LEGAL
        assert after.version - before.version in (0, 1)
        assert after.question - before.question in (0, 1)
        assert not before.phase.over or before == after
        assert not (after.paused and after.deadline_at is not None)
        assert not (after.due and after.deadline_at is not None)


@settings(max_examples=400)
@given(st.lists(MOVE, max_size=60))
def test_a_version_names_one_message_only(moves: list[tuple[Command | None, int]]) -> None:
    state, now = lobby(questions=3), 0
    told: dict[int, str] = {}
    for command, pause_ms in moves:
        now += pause_ms
        before = state
        try:
            state, events = apply(state, command or step_done(state, now), now)
        except QuizrunError:
            continue
        said = [(event.version, event.type) for event in events]
        if state.due and (state.due != before.due or state.version != before.version) and not said:
            said.append((state.version, step_event(state).type))
        for version, kind in said:
            assert version not in told
            told[version] = kind
    assert sorted(told) == list(range(1, state.version + 1))


@given(st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 50_000)), max_size=9))
def test_remaining_time_is_conserved_over_any_pauses(pauses: list[tuple[int, int]]) -> None:
    state = in_question(now=3_000)
    now, running, paused = 3_300, 0, 0
    for run_ms, pause_ms in pauses:
        now, running = now + run_ms, running + run_ms
        state = moved(state, (Pause(), now))
        assert state.remaining_ms == LIMIT_MS - running
        now, paused = now + pause_ms, paused + pause_ms
        state = moved(state, (Resume(), now))
        assert state.closes_at == state.deadline_at == now + LIMIT_MS - running
        assert state.elapsed_ms(now) == running
    assert state.paused_ms == paused


@given(st.integers(-2_000, 30_000), st.integers(0, 9_000), st.integers(0, 9_000))
def test_elapsed_time_is_never_negative_and_never_counts_a_pause(
    at: int, into: int, pause_ms: int
) -> None:
    state = in_question(now=3_000)
    state = moved(state, (Pause(), 3_000 + into), (Resume(), 3_000 + into + pause_ms))
    assert state.elapsed_ms(3_300 + pause_ms + at) == max(0, at)
