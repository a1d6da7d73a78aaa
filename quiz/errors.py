"""The one error type: a stable code, a message for people, and whether to retry."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NotRequired, TypedDict

MAX_MESSAGE_CHARS = 500
"""Longer messages are cut: they travel in Temporal payloads and socket frames."""


class ErrorCode(StrEnum):
    """Every reason to refuse a request. The HTTP status follows from the code."""

    # joining
    PIN_UNKNOWN = "pin_unknown"
    NICKNAME_TAKEN = "nickname_taken"
    NICKNAME_INVALID = "nickname_invalid"
    NICKNAME_UNSUITABLE = "nickname_unsuitable"
    RUN_LOCKED = "run_locked"
    RUN_FULL = "run_full"
    NETWORK_FULL = "network_full"
    RUN_FINISHED = "run_finished"
    WAITING_FOR_HOST = "waiting_for_host"
    PROOF_REQUIRED = "proof_required"
    MOVED = "moved"
    CODE_UNKNOWN = "code_unknown"
    # answering
    NOT_JOINED = "not_joined"
    QUESTION_NOT_OPEN = "question_not_open"
    QUESTION_CLOSED = "question_closed"
    PAUSED = "paused"
    ANSWER_INVALID = "answer_invalid"
    KICKED = "kicked"
    # any request
    TOO_MANY_REQUESTS = "too_many_requests"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    PAYLOAD_INVALID = "payload_invalid"
    UNAVAILABLE = "unavailable"
    # hosting
    NOT_FOUND = "not_found"
    QUIZ_INVALID = "quiz_invalid"
    COMMAND_NOT_ALLOWED = "command_not_allowed"
    EMAIL_TAKEN = "email_taken"
    CREDENTIALS_INVALID = "credentials_invalid"
    PASSWORD_WEAK = "password_weak"  # noqa: S105
    LINK_EXPIRED = "link_expired"
    SIGN_IN_AGAIN = "sign_in_again"
    SECOND_FACTOR_REQUIRED = "second_factor_required"
    SECOND_FACTOR_INVALID = "second_factor_invalid"
    PASSKEY_INVALID = "passkey_invalid"
    FACTOR_CONFLICT = "factor_conflict"
    MAIL_NOT_CONFIGURED = "mail_not_configured"
    LAST_WAY_IN = "last_way_in"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    REQUEST_IN_PROGRESS = "request_in_progress"
    EXPORT_TOO_LARGE = "export_too_large"
    RUN_NOT_OVER = "run_not_over"
    RUN_ANONYMISED = "run_anonymised"
    IMPORT_INVALID = "import_invalid"
    MEDIA_INVALID = "media_invalid"
    MEDIA_QUOTA_REACHED = "media_quota_reached"
    QUIZZES_QUOTA_REACHED = "quizzes_quota_reached"
    LIVE_RUNS_QUOTA_REACHED = "live_runs_quota_reached"
    RUNS_QUOTA_REACHED = "runs_quota_reached"
    EXPORTS_QUOTA_REACHED = "exports_quota_reached"


RETRYABLE = frozenset(
    {
        ErrorCode.TOO_MANY_REQUESTS,
        ErrorCode.LIVE_RUNS_QUOTA_REACHED,
        ErrorCode.RUNS_QUOTA_REACHED,
        ErrorCode.EXPORTS_QUOTA_REACHED,
        ErrorCode.UNAVAILABLE,
        ErrorCode.REQUEST_IN_PROGRESS,
        ErrorCode.WAITING_FOR_HOST,
        ErrorCode.PAUSED,
        ErrorCode.QUESTION_NOT_OPEN,
    }
)
"""Codes with which the same request may succeed if it is sent again later."""


class FieldProblem(TypedDict):
    """One problem with a document: where it is, and what is wrong."""

    field: str
    message: str
    question: NotRequired[int]  # 0-based; set if the field belongs to a question


class ErrorBody(TypedDict):
    """The shape of an error inside a Socket.IO acknowledgement."""

    code: str
    message: str
    retryable: bool
    retry_in_ms: NotRequired[int]
    challenge: NotRequired[dict[str, Any]]


class QuizrunError(Exception):
    """A request is refused for a reason that the client can act on."""

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        problems: list[FieldProblem] | None = None,
        retry_in_ms: int | None = None,
        challenge: dict[str, Any] | None = None,
    ) -> None:
        """`retry_in_ms` is how long to wait before sending the same request again; `challenge` is
        the work whose proof it needs.
        """
        super().__init__(message)
        self.code = code
        self.message = message[:MAX_MESSAGE_CHARS]
        self.problems = problems or []
        self.retry_in_ms = retry_in_ms
        self.challenge = challenge

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later."""
        return self.code in RETRYABLE

    def body(self) -> ErrorBody:
        """Return ``{code, message, retryable}`` and what else clients are told."""
        body = ErrorBody(code=self.code.value, message=self.message, retryable=self.retryable)
        if self.retry_in_ms is not None:
            body["retry_in_ms"] = self.retry_in_ms
        if self.challenge is not None:
            body["challenge"] = self.challenge
        return body
