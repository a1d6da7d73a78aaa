"""What one account may use: how much at a time, and how much in a period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from quiz.errors import ErrorCode, QuizrunError

UNLIMITED = 0
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000

QuotaName = Literal["live_runs", "runs", "quizzes", "exports", "stored_replies"]
"""`runs` are those opened in a day. `stored_replies` are bytes that `Idempotency-Key` keeps."""

PERIODS_MS: dict[QuotaName, int] = {"runs": DAY_MS, "exports": HOUR_MS, "stored_replies": DAY_MS}
"""Quotas for a period, which begins with the first use. The others count what there is."""

_CODES: dict[QuotaName, ErrorCode] = {
    "live_runs": ErrorCode.LIVE_RUNS_QUOTA_REACHED,
    "runs": ErrorCode.RUNS_QUOTA_REACHED,
    "quizzes": ErrorCode.QUIZZES_QUOTA_REACHED,
    "exports": ErrorCode.EXPORTS_QUOTA_REACHED,
    "stored_replies": ErrorCode.TOO_MANY_REQUESTS,
}
_SENTENCES: dict[QuotaName, str] = {
    "live_runs": "An account can have {most:,} live runs at a time. End one of them first.",
    "runs": "An account can open {most:,} runs a day. Try again tomorrow.",
    "quizzes": "An account can have {most:,} quizzes. Delete some first.",
    "exports": "An account can export {most:,} files an hour. Try again later.",
    "stored_replies": "This account has used too many Idempotency-Keys today.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The limits of an account; 0 means unlimited."""

    live_runs: int = UNLIMITED
    runs: int = UNLIMITED
    quizzes: int = UNLIMITED
    exports: int = UNLIMITED
    stored_replies: int = UNLIMITED

    def most(self, name: QuotaName) -> int:
        """Return the limit of this name."""
        return int(getattr(self, name))


NO_QUOTAS = Quotas()


def check_room(name: QuotaName, used: int, most: int) -> None:
    """Raise the quota's error if nothing more fits beside what is `used`."""
    if most != UNLIMITED and used >= most:
        raise quota_reached(name, most)


def quota_reached(name: QuotaName, most: int, *, retry_in_ms: int | None = None) -> QuizrunError:
    """Return the error of a quota, which says what to do."""
    sentence = _SENTENCES[name].format(most=most)
    return QuizrunError(_CODES[name], sentence, retry_in_ms=retry_in_ms)
