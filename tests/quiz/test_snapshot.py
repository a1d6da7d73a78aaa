from __future__ import annotations

from quiz.ranking import Standing
from quiz.run import Phase
from quiz.snapshot import LeaderboardLine, Outcome, Reveal, RunSnapshot, abandoned
from tests.quiz.examples import OPEN


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


def test_a_removed_player_leaves_the_reveal_and_the_others_keep_their_ranks() -> None:
    lines = [LeaderboardLine(rank=rank, nickname=f"P{rank}", score=9 - rank) for rank in (1, 2, 3)]
    reveal = Reveal(question=0, solution=[0], distribution=[3, 0], leaderboard=lines)
    assert [line.rank for line in reveal.without("P2").leaderboard] == [1, 3]


def test_an_abandoned_run_is_cancelled_under_a_new_version() -> None:
    state = OPEN.model_copy(update={"version": 7, "paused_at": 12_000, "remaining_ms": 9_000})
    snapshot = RunSnapshot(state=state, title="A quiz", pin="123456", host_id="host")
    outcome = Outcome.of(ranked())
    left = abandoned(snapshot, outcome)
    assert (left.state.version, left.state.phase) == (8, Phase.CANCELLED)
    assert left.state.standings_version == 8
    assert not left.state.paused
    assert (left.question, left.reveal, left.outcome) == (None, None, outcome)
