from __future__ import annotations

from quiz.presentation import public_question
from quiz.ranking import Standing
from quiz.run import Phase
from quiz.snapshot import LeaderboardLine, Outcome, Reveal, RunSnapshot, abandoned
from tests.quiz.examples import OPEN, question


def ranked(*scores: int) -> list[Standing]:
    return [
        Standing(rank=place, player_id=str(place), nickname=f"Player {place}", score=score)
        for place, score in enumerate(scores, start=1)
    ]


def test_nobody_without_points_stands_on_the_podium() -> None:
    outcome = Outcome.of(ranked(300, 200, 0, 0))
    assert [line.score for line in outcome.podium] == [300, 200]
    assert [line.score for line in outcome.leaderboard] == [300, 200, 0, 0]
    assert outcome.players == 4


def test_the_podium_has_three_places_and_the_leaderboard_ten() -> None:
    outcome = Outcome.of(ranked(*range(12, 0, -1)))
    assert [line.score for line in outcome.podium] == [12, 11, 10]
    assert [line.score for line in outcome.leaderboard] == list(range(12, 2, -1))
    assert outcome.players == 12


def test_a_single_point_is_enough_for_the_podium() -> None:
    assert [line.score for line in Outcome.of(ranked(1)).podium] == [1]


def test_a_removed_player_leaves_the_reveal_and_the_others_keep_their_ranks() -> None:
    lines = [LeaderboardLine(rank=rank, nickname=f"P{rank}", score=9 - rank) for rank in (1, 2, 3)]
    reveal = Reveal(question=0, solution=[0], distribution=[3, 0], leaderboard=lines)
    assert [line.rank for line in reveal.without("P2").leaderboard] == [1, 3]


def test_an_abandoned_run_is_cancelled_under_a_new_version() -> None:
    clock = {"deadline_at": 1, "paused_at": 2, "remaining_ms": 3, "expires_at": 4}
    state = OPEN.model_copy(update={"version": 7, "due": "score", "expiring": True, **clock})
    snapshot = RunSnapshot(
        state=state,
        title="A quiz",
        pin="123456",
        host_id="host",
        question=public_question(question("single"), 0, 5, "seed"),
        reveal=Reveal(question=0, solution=[0], distribution=[3, 0], leaderboard=[]),
    )
    outcome = Outcome.of(ranked())
    left = abandoned(snapshot, outcome)
    ended = {"version": 8, "standings_version": 8, "phase": Phase.CANCELLED}
    stopped = {"due": None, "expiring": False, **dict.fromkeys(clock)}
    assert left.state == state.model_copy(update=ended | stopped)
    assert (left.question, left.reveal, left.outcome) == (None, None, outcome)
