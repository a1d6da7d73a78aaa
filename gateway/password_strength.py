"""Reject passwords that are easy to guess."""

from __future__ import annotations

from zxcvbn_rs_py import zxcvbn

from quiz.errors import ErrorCode, QuizrunError

MIN_GUESSES_LOG10 = 6
"""By zxcvbn's estimate. Online guessing behind a rate limit does not reach a million attempts.
https://www.usenix.org/conference/usenixsecurity16/technical-sessions/presentation/wheeler
"""


def check_strength(password: str, *known: str) -> None:
    """Raise `password_weak` for a guessable password; `known` is public, like address and name.

    Takes milliseconds of CPU for the longest password.
    """
    parts = [part for text in ("quizrun", *known) for part in (text, *text.split("@")) if part]
    if zxcvbn(password, parts).guesses_log10 < MIN_GUESSES_LOG10:
        raise QuizrunError(
            ErrorCode.PASSWORD_WEAK,
            "This password is too easy to guess. Choose a longer one, or several unrelated words.",
            problems=[{"field": "password", "message": "is too easy to guess"}],
        )
