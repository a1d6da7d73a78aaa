"""What fits beside what an account uses, and what it is told otherwise."""

from __future__ import annotations

from typing import get_args

import pytest

from quiz.errors import ErrorCode, QuizrunError
from quiz.quotas import UNLIMITED, QuotaName, Quotas, check_room, quota_reached

NAMES: tuple[QuotaName, ...] = get_args(QuotaName)


@pytest.mark.parametrize("name", NAMES)
def test_a_quota_leaves_room_for_as_many_as_it_says(name: QuotaName) -> None:
    most = Quotas(**{name: 3}).most(name)
    check_room(name, 2, most)
    with pytest.raises(QuizrunError) as reached:
        check_room(name, 3, most)
    assert reached.value.code in {
        *(code for code in ErrorCode if code.value.endswith("_quota_reached")),
        ErrorCode.TOO_MANY_REQUESTS,
    }


@pytest.mark.parametrize("name", NAMES)
def test_without_a_quota_everything_fits(name: QuotaName) -> None:
    assert Quotas().most(name) == UNLIMITED
    check_room(name, 10**9, UNLIMITED)


def test_the_error_says_how_many_and_when_there_is_room_again() -> None:
    error = quota_reached("exports", 1_200, retry_in_ms=5_000)
    assert "1,200 files an hour" in error.message
    assert error.body()["retry_in_ms"] == 5_000
