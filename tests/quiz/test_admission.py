from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.admission import (
    GONE_AFTER_MS,
    MAX_WAITING,
    MAX_WAITING_PER_NETWORK,
    Admission,
    Applicant,
    Entrance,
    Holder,
    Waiting,
    admit,
    check_return,
    waiting_for_host,
)
from quiz.errors import ErrorCode, QuizrunError
from quiz.run import Phase
from tests.quiz.examples import code_of

NOW = 1_000_000
LOBBY = Entrance(
    phase=Phase.LOBBY,
    over=False,
    locked=False,
    late_join=True,
    players=3,
    max_players=10,
    approve=False,
)
ANN = Applicant(key="ann", asked_at=NOW)

keys = st.none() | st.sampled_from(["ann", "bob"])
entrances = st.builds(
    Entrance,
    phase=st.sampled_from([Phase.LOBBY, Phase.QUESTION, Phase.REVEAL]),
    over=st.booleans(),
    locked=st.booleans(),
    late_join=st.booleans(),
    players=st.integers(0, 3),
    max_players=st.integers(1, 3),
    approve=st.booleans(),
    waiting=st.integers(0, 3) | st.just(MAX_WAITING),
)
applicants = st.builds(
    Applicant,
    key=keys,
    asked_at=st.just(NOW),
    own=st.none() | st.builds(Holder, key=keys, kicked=st.booleans()),
    namesake=st.none() | st.builds(Holder, key=keys),
    waiting=st.none()
    | st.builds(Waiting, key=keys, seen_at=st.integers(0, NOW), admitted=st.booleans()),
    removed=st.booleans(),
)


def outcome(entrance: Entrance, who: Applicant) -> Admission | str:
    """The admission, or the code of the refusal."""
    try:
        return admit(entrance, who)
    except QuizrunError as error:
        return code_of(error).value


@pytest.mark.parametrize(
    ("phase", "locked", "late_join", "expected"),
    [
        (Phase.LOBBY, False, False, Admission.NEW_PLAYER),
        (Phase.LOBBY, True, True, "run_locked"),
        (Phase.QUESTION, False, True, Admission.NEW_PLAYER),
        (Phase.QUESTION, False, False, "run_locked"),
        (Phase.REVEAL, True, True, "run_locked"),
    ],
)
def test_new_players_join_an_open_run(
    phase: Phase, locked: bool, late_join: bool, expected: Admission | str
) -> None:
    run = replace(LOBBY, phase=phase, locked=locked, late_join=late_join)
    assert outcome(run, ANN) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"own": Holder("ann")}, Admission.SAME_PLAYER),
        ({"own": Holder("ann", kicked=True)}, "kicked"),
        ({"own": Holder("ann", kicked=True), "namesake": Holder("ann")}, "kicked"),
        ({"namesake": Holder("ann")}, Admission.SAME_PLAYER),
        ({"namesake": Holder("ann"), "removed": True}, Admission.SAME_PLAYER),
        ({"namesake": Holder("bob")}, "nickname_taken"),
        ({"namesake": Holder(None), "key": None}, "nickname_taken"),
        ({"namesake": Holder("bob"), "removed": True}, "kicked"),
        ({"removed": True}, "kicked"),
    ],
)
def test_a_key_distinguishes_players_from_namesakes(
    changes: dict[str, Any], expected: Admission | str
) -> None:
    assert outcome(LOBBY, replace(ANN, **changes)) == expected


def test_the_last_seat_is_the_last() -> None:
    assert outcome(replace(LOBBY, players=9), ANN) is Admission.NEW_PLAYER
    full = replace(LOBBY, players=10)
    assert outcome(full, ANN) == "run_full"
    assert outcome(full, replace(ANN, namesake=Holder("ann"))) is Admission.SAME_PLAYER


GONE = NOW - GONE_AFTER_MS


@pytest.mark.parametrize(
    ("waiting", "expected"),
    [
        (None, Admission.WAITING),
        (Waiting("ann", NOW), Admission.WAITING),
        (Waiting("ann", 0), Admission.WAITING),
        (Waiting("ann", 0, admitted=True), Admission.NEW_PLAYER),
        (Waiting("bob", GONE + 1), "nickname_taken"),
        (Waiting("bob", GONE + 1, admitted=True), "nickname_taken"),
        (Waiting("bob", GONE), Admission.WAITING),
    ],
)
def test_players_wait_until_the_host_decides(
    waiting: Waiting | None, expected: Admission | str
) -> None:
    run = replace(LOBBY, approve=True)
    assert outcome(run, replace(ANN, waiting=waiting)) == expected


def test_waiting_players_keep_waiting_when_the_queue_is_full_or_the_run_is_locked() -> None:
    run = replace(LOBBY, approve=True, waiting=MAX_WAITING)
    assert outcome(run, ANN) == "run_full"
    for shut in (run, replace(run, locked=True)):
        assert outcome(shut, replace(ANN, waiting=Waiting("ann", 0))) is Admission.WAITING
        invited = replace(ANN, waiting=Waiting("ann", 0, admitted=True))
        assert outcome(shut, invited) is Admission.NEW_PLAYER


@given(entrances, applicants)
def test_nobody_gets_a_seat_against_the_rules(run: Entrance, who: Applicant) -> None:
    decided = outcome(run, who)
    if run.over:
        assert decided == "run_finished"
    if decided is Admission.NEW_PLAYER:
        assert who.namesake is None
        assert not who.removed
        assert run.players < run.max_players
        assert who.is_waiting or not run.closed
        assert not run.approve or (who.waiting is not None and who.waiting.admitted)
    if decided is Admission.WAITING:
        assert run.approve
        assert not who.removed


@given(entrances, applicants)
def test_a_player_can_always_rejoin(run: Entrance, who: Applicant) -> None:
    kicked = who.own is not None and who.own.kicked
    is_in = not run.over and not kicked and (who.own is not None or who.is_returning)
    assert (outcome(run, who) is Admission.SAME_PLAYER) == is_in


@given(entrances, applicants, st.sampled_from([{"over": True}, {"locked": True}, {"players": 9}]))
def test_nobody_can_join_a_locked_run(
    run: Entrance, who: Applicant, change: dict[str, Any]
) -> None:
    allowed = (Admission.SAME_PLAYER, Admission.NEW_PLAYER)
    if outcome(replace(run, **change), who) in allowed:
        assert outcome(run, who) in allowed


def test_only_tokens_of_the_latest_device_are_valid() -> None:
    check_return(is_kicked=False, token_epoch=2, held_epoch=2)
    for is_kicked, token_epoch, code in (
        (False, 3, ErrorCode.MOVED),
        (True, 2, ErrorCode.KICKED),
        (True, 3, ErrorCode.KICKED),
    ):
        with pytest.raises(QuizrunError) as refused:
            check_return(is_kicked=is_kicked, token_epoch=token_epoch, held_epoch=2)
        assert code_of(refused.value) is code


def test_a_waiting_player_is_told_when_to_ask_again() -> None:
    assert code_of(waiting_for_host()) is ErrorCode.WAITING_FOR_HOST
    body = waiting_for_host().body()
    assert body["code"] == "waiting_for_host"
    assert body["retryable"]
    assert body["retry_in_ms"] > 0


def test_a_network_gets_only_so_many_seats_but_keeps_those_it_has() -> None:
    run = replace(LOBBY, seats_per_network=2)
    assert admit(run, replace(ANN, neighbours=1)) is Admission.NEW_PLAYER
    assert outcome(run, replace(ANN, neighbours=2)) == "network_full"
    back = replace(ANN, neighbours=2, namesake=Holder("ann"))
    assert admit(run, back) is Admission.SAME_PLAYER


def test_a_network_cannot_fill_the_line_in_front_of_the_host() -> None:
    run = replace(LOBBY, approve=True)
    most = MAX_WAITING_PER_NETWORK
    assert admit(run, replace(ANN, neighbours_waiting=most - 1)) is Admission.WAITING
    assert outcome(run, replace(ANN, neighbours_waiting=most)) == "network_full"
    asking = replace(ANN, neighbours_waiting=most, waiting=Waiting("ann", NOW))
    assert admit(run, asking) is Admission.WAITING
