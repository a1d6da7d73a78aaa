"""Refuses passwords that are guessed within a few hundred thousand tries."""

from __future__ import annotations

from zxcvbn_rs_py import zxcvbn

from quiz.errors import ErrorCode, QuizrunError

MIN_GUESSES_LOG10 = 6
"""By zxcvbn's estimate: a million tries, which online guessing behind a rate limit does not reach.
https://www.usenix.org/conference/usenixsecurity16/technical-sessions/presentation/wheeler
"""


def check_strength(password: str, *known: str) -> None:
    """Raises `password_weak`. `known` is what others know of the account: address and name.

    Takes milliseconds of CPU for the longest password.
    """
    parts = [part for text in ("quizrun", *known) for part in (text, *text.split("@")) if part]
    if zxcvbn(password, parts).guesses_log10 < MIN_GUESSES_LOG10:
        raise QuizrunError(
            ErrorCode.PASSWORD_WEAK,
            "This password is too easy to guess. Choose a longer one, or several unrelated words.",
            problems=[{"field": "password", "message": "is too easy to guess"}],
        )
