from __future__ import annotations

from bus.messages import JoinedPlayer, PlayersJoinedEvent
from bus.repeats import Repeats
from tests.bus.samples import run_event


def test_the_same_event_and_older_ones_are_repeats() -> None:
    repeats = Repeats()
    first, second = run_event("a", 1), run_event("a", 2)
    assert [repeats.seen(e) for e in (first, first, second, first, second)] == [
        False,
        True,
        False,
        True,
        True,
    ]


def test_runs_do_not_shadow_each_other() -> None:
    repeats = Repeats()
    assert not repeats.seen(run_event("a", 7))
    assert not repeats.seen(run_event("b", 1))


def test_a_question_opened_again_with_new_times_is_news() -> None:
    repeats = Repeats()
    assert not repeats.seen(run_event("a", 3, "question.opened", opens_at=1, closes_at=2))
    again = run_event("a", 3, "question.opened", opens_at=5, closes_at=6)
    assert not repeats.seen(again)
    assert repeats.seen(again)


def test_the_same_joins_are_a_repeat() -> None:
    repeats = Repeats()
    joined = PlayersJoinedEvent(
        run_id="a", players=[JoinedPlayer(player_id="p", nickname="Ann")], total=1
    )
    assert not repeats.seen(joined)
    assert repeats.seen(joined)
