from __future__ import annotations

from quiz.errors import RETRYABLE, ErrorCode, QuizrunError


def test_what_clients_receive_of_a_refusal() -> None:
    refusal = QuizrunError(ErrorCode.KICKED, "Out.")
    assert refusal.body() == {"code": "kicked", "message": "Out.", "retryable": False}
    again = QuizrunError(ErrorCode.UNAVAILABLE, "Wait.", retry_in_ms=500)
    assert again.body()["retry_in_ms"] == 500
    asked = QuizrunError(ErrorCode.PROOF_REQUIRED, "Solve this.", challenge={"cost": 1})
    assert asked.body()["challenge"] == {"cost": 1}
    assert {code for code in ErrorCode if QuizrunError(code, "").retryable} == RETRYABLE


def test_messages_are_bounded() -> None:
    assert len(QuizrunError(ErrorCode.UNAVAILABLE, "x" * 10_000).message) == 500
