"""The rules of runs that the first release opened."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.commands import (
    AllAnswered,
    Configure,
    DeadlinePassed,
    End,
    HideStandings,
    Kick,
    Lock,
    Next,
    Pause,
    PlayersJoined,
    Resume,
    RunClosed,
    ShowStandings,
    Skip,
    StandingsPublished,
    Start,
    Unlock,
)
from quiz.errors import QuizrunError
from quiz.first_release import Command, QuestionOpened, QuestionScored, apply
from quiz.run import Phase, RunSettings, RunState


def lobby(**settings: Any) -> RunState:
    return RunState(run_id="r", question_count=2, settings=RunSettings(**settings))


def moved(state: RunState, *commands: tuple[Command, int]) -> RunState:
    for command, now in commands:
        state, _ = apply(state, command, now)
    return state


def opens(question: int, at: int) -> QuestionOpened:
    return QuestionOpened(question=question, opens_at=at, closes_at=at + 20_000)


def in_question(**settings: Any) -> RunState:
    """The first question, from 4 to 24 s."""
    return moved(
        lobby(**settings), (Start(), 0), (DeadlinePassed(), 3_000), (opens(0, 4_000), 3_500)
    )


def in_reveal(**settings: Any) -> RunState:
    """The first reveal, from 25 s."""
    return moved(
        in_question(**settings),
        (DeadlinePassed(), 24_000),
        (QuestionScored(question=0), 24_500),
        (StandingsPublished(question=0), 25_000),
    )


def code_of(state: RunState, command: Command, now: int) -> str:
    with pytest.raises(QuizrunError) as refused:
        apply(state, command, now)
    return refused.value.code.value


def test_a_run_goes_from_its_lobby_to_its_end() -> None:
    state = moved(
        in_reveal(),
        (DeadlinePassed(), 30_000),
        (opens(1, 31_000), 30_500),
        (AllAnswered(question=1), 35_000),
        (QuestionScored(question=1), 35_100),
        (StandingsPublished(question=1), 35_200),
        (DeadlinePassed(), 40_200),
    )
    assert (state.closes_at, state.due) == (35_000, "close")
    assert moved(state, (RunClosed(), 41_000)).phase is Phase.FINISHED


def test_a_full_lobby_starts_by_itself_unless_it_is_paused() -> None:
    state = lobby(auto_start_players=3)
    assert moved(state, (PlayersJoined(players=2), 0)).phase is Phase.LOBBY
    assert moved(state, (PlayersJoined(players=3), 0)).phase is Phase.STARTING
    paused = moved(state, (Pause(), 0), (PlayersJoined(players=3), 1))
    assert (paused.phase, paused.players) == (Phase.LOBBY, 3)
    assert moved(paused, (PlayersJoined(players=2), 2)) == paused


def test_a_pause_keeps_the_time_that_was_left() -> None:
    state = moved(in_question(), (Pause(), 10_000), (Resume(), 60_000))
    assert (state.closes_at, state.deadline_at, state.paused_ms) == (74_000, 74_000, 50_000)
    opening = moved(lobby(), (Start(), 0), (DeadlinePassed(), 3_000), (Pause(), 3_100))
    late = moved(opening, (opens(0, 4_000), 3_500))
    assert (late.deadline_at, late.remaining_ms) == (None, 20_500)
    scoring = moved(in_question(), (DeadlinePassed(), 24_000), (Pause(), 24_100))
    shown = moved(
        scoring, (QuestionScored(question=0), 24_500), (StandingsPublished(question=0), 25_000)
    )
    assert (shown.deadline_at, shown.remaining_ms) == (None, 5_000)
    assert moved(shown, (Resume(), 30_000)).deadline_at == 35_000


def test_a_paused_run_without_a_deadline_still_has_none_when_it_is_resumed() -> None:
    state = moved(lobby(), (Pause(), 0), (Resume(), 60_000))
    assert (state.paused, state.deadline_at) == (False, None)


def test_a_host_who_decides_leads_on_by_hand() -> None:
    state = in_reveal(auto_advance=False)
    assert state.deadline_at is None
    assert moved(state, (Next(), 99_000)).due == "open"
    assert moved(in_question(), (Skip(), 9_000)).closes_at == 9_000
    ended = moved(lobby(), (End(), 0), (RunClosed(), 1))
    assert ended.phase is Phase.CANCELLED


def test_locking_twice_is_locking_once() -> None:
    locked, (event,) = apply(lobby(), Lock(), 0)
    assert event.type == "run.locked"
    assert apply(locked, Lock(), 1) == (locked, ())
    assert not moved(locked, (Unlock(), 2)).locked
    _, (kicked,) = apply(locked, Kick(player_id="p"), 3)
    assert (kicked.type, kicked.player_id) == ("player.kicked", "p")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (Start(), "command_not_allowed"),
        (Resume(), "command_not_allowed"),
        (Next(), "command_not_allowed"),
        (ShowStandings(), "command_not_allowed"),
        (HideStandings(), "command_not_allowed"),
        (Configure(changes={}), "command_not_allowed"),
    ],
)
def test_what_does_not_fit_an_open_question_is_refused(command: Command, code: str) -> None:
    assert code_of(in_question(), command, 9_000) == code


def test_refusals_of_other_phases() -> None:
    assert code_of(lobby(), Skip(), 0) == "command_not_allowed"
    closed = moved(in_question(), (DeadlinePassed(), 24_000))
    assert code_of(closed, Skip(), 24_100) == "question_closed"
    paused = moved(in_question(), (Pause(), 9_000))
    assert code_of(paused, Pause(), 9_100) == "paused"
    assert code_of(paused, Skip(), 9_100) == "paused"
    assert code_of(moved(in_question(), (End(), 9_000)), Lock(), 9_100) == "run_finished"


@given(st.sampled_from([lobby(), in_question(), in_reveal()]), st.integers(0, 3))
def test_progress_of_another_moment_changes_nothing(state: RunState, question: int) -> None:
    reports: list[Command] = [
        opens(question, 99_000),
        QuestionScored(question=question),
        StandingsPublished(question=question),
        AllAnswered(question=question + 1),
        DeadlinePassed(),
        RunClosed(),
    ]
    for report in reports:
        assert apply(state, report, 1) == (state, ())
