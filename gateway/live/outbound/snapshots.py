"""What a room shows one client: snapshots, and a player's own part of a message."""

from __future__ import annotations

from typing import Any

from gateway.live.protocol import messages as m
from gateway.live.protocol import views
from gateway.live.room.room import Room
from gateway.live.room.seats import Seat
from quiz.run import Phase
from quiz.snapshot import Reveal


def player_snapshot(room: Room, seat: Seat, now: int) -> m.Snapshot:
    """Return all that one player needs to continue."""
    fields, you = _common(room, now, phone=True), dict[str, Any]()
    result = room.scoreboard.result(seat.player_id)
    if "reveal" in fields and result is not None and views.was_asked(room.state, result):
        own = views.own_result_fields(room.snapshot.question, result, rank_of(room, seat.player_id))
        fields["your_result"] = m.OwnResult(**own)
    known = room.answers.get(seat.player_id)
    if known is not None and known.answer is not None:
        you["answer"] = known.answer
    if (extra := room.extra_times.get(seat.player_id)) is not None:
        you["extra_time"] = m.OwnExtraTime.of(extra)
    return m.Snapshot(
        **fields,
        settings=views.player_settings(room.state.settings),
        you=m.You(
            **you,
            player_id=seat.player_id,
            nickname=seat.nickname,
            score=seat.score,
            rank=rank_of(room, seat.player_id),
            streak=seat.streak,
            answered=known is not None,
        ),
    )


def host_snapshot(
    room: Room,
    player_list: list[m.PlayerName],
    progress: m.HostProgressFields | None,
    now: int,
) -> m.HostSnapshot:
    """Return all that a host needs to continue; `progress` as of the question that it names."""
    state, fields = room.state, _common(room, now, phone=False)
    if progress and state.phase is Phase.QUESTION and progress.question == state.question:
        fields["progress"] = progress
    if state.expiring:
        fields["ends_at"] = state.expires_at
    return m.HostSnapshot(
        **fields,
        settings=state.settings,
        connections=room.connections,
        player_list=player_list,
    )


def own_outcome(room: Room, seat: Seat) -> m.OwnOutcome:
    """Return how one player came out of the run."""
    place, outcome = room.scoreboard.place(seat.player_id), room.snapshot.outcome
    return m.OwnOutcome(
        score=seat.score if place is None else place[1],
        rank=rank_of(room, seat.player_id),
        players=outcome.players if outcome else room.player_count.total,
    )


def rank_of(room: Room, player_id: str) -> int | None:
    """Return the rank as of the last reveal; None before the first, and without a leaderboard."""
    if room.state.settings.leaderboard == "off":
        return None
    place = room.scoreboard.place(player_id)
    return None if place is None else place[0]


def _common(room: Room, now: int, *, phone: bool) -> dict[str, Any]:
    snapshot, state = room.snapshot, room.state
    fields: dict[str, Any] = {
        "run_id": room.run_id,
        "pin": snapshot.pin,
        "title": snapshot.title,
        "phase": state.phase,
        "paused": state.paused,
        "locked": state.locked,
        "version": room.version,
        "server_ms": now,
        "players": room.player_count.total,
        "question_count": state.question_count,
    }
    if snapshot.language is not None:
        fields["language"] = snapshot.language
    # While the clock stands, deadlines are told as if it went on now.
    deadline_at = state.deadline_at
    if state.paused and state.remaining_ms is not None:
        fields |= views.time_left(state)
        deadline_at = now + state.remaining_ms
    if state.phase is Phase.STARTING and deadline_at is not None:
        fields["starts_at"] = deadline_at
    question = snapshot.question
    if question is not None and state.phase in (Phase.QUESTION, Phase.REVEAL):
        fields["question"] = views.open_question(
            question, state, deadline_at, room.media_url, phone=phone
        )
    if snapshot.reveal is not None and state.phase is Phase.REVEAL:
        reveal = views.reveal_fields(snapshot.reveal, state, question, phone=phone)
        fields["reveal"] = m.RevealFields(**_with_shown_answers(room, snapshot.reveal, reveal))
        if state.standings_shown is not None:
            fields["standings_shown"] = state.standings_shown
    if state.break_ends_at is not None:
        ends_at = deadline_at if deadline_at is not None else state.break_ends_at
        fields["round_break"] = m.BreakFields(**views.break_fields(state, ends_at))
    if snapshot.outcome is not None:
        outcome = views.outcome_fields(snapshot.outcome, state, phone=phone)
        fields["outcome"] = m.OutcomeFields(**outcome)
    return fields


def _with_shown_answers(room: Room, reveal: Reveal, fields: dict[str, Any]) -> dict[str, Any]:
    """Replace the distribution where the host has looked at typed answers since the reveal."""
    if room.shown_answers is not None and room.shown_answers[0] == reveal.question:
        fields["distribution"] = room.shown_answers[1]
    return fields
