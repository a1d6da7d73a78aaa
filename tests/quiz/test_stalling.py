from __future__ import annotations

from typing import Any

import pytest

from quiz.pace import MAX_REVEAL_MS
from quiz.run import Phase, RunSettings
from quiz.stalling import STALLED_AFTER_MS, expected_at, overdue_ms, stalled
from tests.quiz.examples import OPEN

REVEALING = {"phase": Phase.REVEAL, "due": "score", "deadline_at": None}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"phase": Phase.LOBBY}, None),
        ({"phase": Phase.FINISHED}, None),
        ({"paused_at": 12_000}, None),
        ({"deadline_at": 30_000}, 30_000),
        ({"due": "score"}, 30_000),
        ({"due": "score", "last_closes_at": 45_000}, 45_000),
        (REVEALING, 30_000 + 5_000),
        (REVEALING | {"closes_at": None}, None),
        (REVEALING | {"settings": RunSettings(reveal="auto")}, 30_000 + MAX_REVEAL_MS),
        (REVEALING | {"settings": RunSettings(auto_advance=False)}, None),
        ({"phase": Phase.REVEAL}, None),
    ],
)
def test_when_the_next_version_is_due(changes: dict[str, Any], expected: int | None) -> None:
    assert expected_at(OPEN.model_copy(update=changes)) == expected


def test_a_run_is_stalled_only_well_after_its_time() -> None:
    state = OPEN.model_copy(update={"deadline_at": 30_000})
    late = 30_000 + STALLED_AFTER_MS
    assert (overdue_ms(state, 29_999), overdue_ms(state, 30_001)) == (0, 1)
    assert (stalled(state, late), stalled(state, late + 1)) == (False, True)
    paused = state.model_copy(update={"paused_at": 1})
    assert (overdue_ms(paused, late), stalled(paused, late + 1)) == (0, False)
