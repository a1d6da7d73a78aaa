from __future__ import annotations

import weakref

from bus.deduplicator import Deduplicator
from bus.messages import JoinedPlayer, PlayersJoinedEvent
from tests.bus.samples import run_event


def joined(*names: str) -> PlayersJoinedEvent:
    players = [JoinedPlayer(player_id=name, nickname=name) for name in names]
    return PlayersJoinedEvent(run_id="a", players=players, total=len(players))


def test_events_that_are_delivered_again_are_repeats() -> None:
    deduplicator = Deduplicator()
    first, second = run_event("a", 1), run_event("a", 2)
    assert [deduplicator.seen(e) for e in (first, first, second, first, second)] == [
        False,
        True,
        False,
        True,
        True,
    ]


def test_runs_are_deduplicated_independently() -> None:
    deduplicator = Deduplicator()
    assert not deduplicator.seen(run_event("a", 7))
    assert not deduplicator.seen(run_event("b", 1))


def test_the_same_joins_are_a_duplicate() -> None:
    deduplicator = Deduplicator()
    assert not deduplicator.seen(joined("ann"))
    assert deduplicator.seen(joined("ann"))


def test_joins_with_one_more_player_are_not_a_duplicate() -> None:
    deduplicator = Deduplicator()
    assert not deduplicator.seen(joined("ann"))
    assert not deduplicator.seen(joined("ann", "ben"))


def test_no_event_is_kept_in_memory() -> None:
    deduplicator = Deduplicator()
    event = run_event("a", 1)
    deduplicator.seen(event)
    kept = weakref.ref(event)
    del event
    assert kept() is None
