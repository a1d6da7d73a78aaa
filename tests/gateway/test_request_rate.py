from __future__ import annotations

from collections import Counter

import pytest

from gateway.request_rate import WINDOW_S, RequestRate
from quiz.errors import ErrorCode, QuizrunError


class Clock:
    now = 1_000.0 * WINDOW_S + 20

    def __call__(self) -> float:
        return self.now


def test_an_account_is_refused_until_the_minute_is_over_and_others_are_not() -> None:
    clock, refused = Clock(), Counter[str]()
    rate = RequestRate(3, refused, clock)
    for _ in range(3):
        rate.check("ada")
    with pytest.raises(QuizrunError) as error:
        rate.check("ada")
    assert error.value.code is ErrorCode.TOO_MANY_REQUESTS
    assert error.value.retry_in_ms == (WINDOW_S - 20) * 1_000
    assert refused == {"requests": 1}
    rate.check("bob")
    clock.now += WINDOW_S - 20
    rate.check("ada")


def test_zero_means_unlimited() -> None:
    rate = RequestRate(0, Counter())
    for _ in range(10_000):
        rate.check("ada")
