from __future__ import annotations

from temporalio.exceptions import ApplicationError

from quiz.errors import ErrorCode, QuizrunError
from workers.interceptors import bounded


def test_error_texts_are_cut_before_they_reach_the_history() -> None:
    cut = bounded(RuntimeError("x" * 100_000), "RuntimeError")
    assert len(cut.message) == 500
    assert cut.type == "RuntimeError"


def test_a_refusal_keeps_its_code() -> None:
    error = QuizrunError(ErrorCode.UNAVAILABLE, "The database is away.")
    kept = bounded(error, error.code.value)
    assert (kept.type, kept.message) == ("unavailable", "The database is away.")


def test_an_application_error_passes_as_it_is() -> None:
    error = ApplicationError("short", type="mine", non_retryable=True)
    assert bounded(error, "ignored") is error
