"""Messages made from a run's state, its questions and its results."""

from __future__ import annotations

from typing import Any

from db.scoring import PlayerResult
from gateway.live.protocol import messages as m
from quiz.extra_time import NORMAL
from quiz.pace import (
    players_see_leaderboard,
    revealed_ms,
    rounds,
    standings_follow,
    untimed,
)
from quiz.presentation import PublicQuestion, buttons_only
from quiz.run import Phase, RunSettings, RunState
from quiz.snapshot import Outcome, Reveal, RunSnapshot

UNSCORED = ("poll", "slide")
UPLOADED = "/media/"


def question_fields(
    question: PublicQuestion, state: RunState, media_url: str, *, phone: bool
) -> dict[str, Any]:
    """Return the fields that an open question has: for a phone with its texts, or only what buttons
    need. Uploads get their address below `media_url`.
    """
    fields = question.model_dump(exclude_none=True)
    fields |= {"opens_at": state.opens_at, "closes_at": state.closes_at}
    if state.shows_at is not None:
        fields["shows_at"] = state.shows_at
    if untimed(state.settings, question.type):
        fields["timed"] = False
    for file in (fields.get("media"), fields.get("audio"), *fields.get("option_media", ())):
        if file is not None and file["url"].startswith(UPLOADED):
            file["url"] = media_url + file["url"]
    if phone and state.settings.phones != "full":
        return buttons_only(fields) | {"on_big_screen": True}
    return fields


def question_message(snapshot: RunSnapshot, media_url: str, *, phone: bool = False) -> m.Question:
    """Return the question that has just been opened."""
    assert snapshot.question is not None
    fields = question_fields(snapshot.question, snapshot.state, media_url, phone=phone)
    return m.Question(**fields)


def time_left(state: RunState) -> dict[str, int | None]:
    """Return the time left of a paused run: in a question, that of players without extra time."""
    if state.remaining_ms is None or not state.extended:
        return {"remaining_ms": state.remaining_ms}
    left = state.remaining_ms - state.extension_ms
    return {"remaining_ms": left} if left >= 0 else {"remaining_ms": 0, "overtime_ms": -left}


def reveal_fields(
    reveal: Reveal, state: RunState, question: PublicQuestion | None, *, phone: bool = False
) -> dict[str, Any]:
    """Return the common part of a reveal, without absent fields and without what players must not
    see.
    """
    hidden = phone and not players_see_leaderboard(state)
    fields = {name: value for name, value in reveal if value is not None or name == "solution"}
    if hidden:
        fields["leaderboard"] = []
    if question is not None:
        fields["standings"] = standings_follow(state, scored=question.type not in UNSCORED)
        lasts_ms = revealed_ms(state.settings, question.type, reveal.explanation)
        if lasts_ms is not None:
            fields["lasts_ms"] = lasts_ms
    return fields


def outcome_fields(outcome: Outcome, state: RunState, *, phone: bool = False) -> dict[str, Any]:
    """Return the common part of the end; players of a run without a leaderboard get no lines."""
    hidden = phone and state.settings.leaderboard == "off"
    fields = dict(outcome)
    if hidden:
        fields |= {"podium": [], "leaderboard": []}
    if state.podium_at is not None:
        fields["podium_at"] = state.podium_at
    return fields


def standings_message(snapshot: RunSnapshot, *, phone: bool = False) -> m.Standings:
    """Return the message that shows or hides the standings."""
    state, reveal = snapshot.state, snapshot.reveal
    hidden = reveal is None or (phone and not players_see_leaderboard(state))
    return m.Standings(
        question=state.question,
        shown=state.standings_shown is True,
        leaderboard=[] if hidden or reveal is None else reveal.leaderboard,
    )


def break_fields(state: RunState, ends_at: int) -> dict[str, int]:
    """Return the fields of the run's break."""
    return {
        "ends_at": ends_at,
        "round": rounds(state.settings, state.question + 1),
        "rounds": rounds(state.settings, state.question_count),
    }


def player_settings(settings: RunSettings) -> m.PlayerSettings:
    """Return the settings that players see."""
    most = settings.own_extra_time
    return m.PlayerSettings(
        timer=settings.timer,
        leaderboard=settings.leaderboard != "off",
        phones=settings.phones,
        **({} if most == NORMAL else {"own_extra_time": most}),
    )


def own_result_fields(
    question: PublicQuestion | None, result: PlayerResult, rank: int | None
) -> dict[str, Any]:
    """Return what a revealed question brought one player: the fields of `OwnResult`."""
    scored = question is None or question.type not in UNSCORED
    return {
        "correct": result.correct if scored else None,
        "points": result.points,
        "score": result.score,
        "rank": rank,
        "streak": result.streak,
    }


def was_asked(state: RunState, result: PlayerResult) -> bool:
    """Whether a player had joined while the question was open: later ones have no result."""
    return state.closes_at is None or result.joined_at <= state.closes_at


def open_question(
    question: PublicQuestion,
    state: RunState,
    deadline_at: int | None,
    media_url: str,
    *,
    phone: bool,
) -> m.OpenQuestion:
    """Return the question of a snapshot; `deadline_at` is what a paused clock amounts to."""
    fields = question_fields(question, state, media_url, phone=phone)
    if state.paused and state.phase is Phase.QUESTION and deadline_at is not None:
        fields["closes_at"] = deadline_at - state.extension_ms
    if state.paused_reading:
        fields["reading"] = True
    return m.OpenQuestion(**fields, paused_ms=state.paused_ms)
