"""Errors on the wire: RFC 9457 problem documents with a stable code."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Any, Literal

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from quiz.content import MAX_REPORTED_PROBLEMS
from quiz.errors import ErrorCode, FieldProblem, QuizrunError

MEDIA_TYPE = "application/problem+json"

STATUS: dict[ErrorCode, HTTPStatus] = {
    ErrorCode.PIN_UNKNOWN: HTTPStatus.NOT_FOUND,
    ErrorCode.NICKNAME_TAKEN: HTTPStatus.CONFLICT,
    ErrorCode.NICKNAME_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.NICKNAME_UNSUITABLE: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.RUN_LOCKED: HTTPStatus.CONFLICT,
    ErrorCode.RUN_FULL: HTTPStatus.CONFLICT,
    ErrorCode.NETWORK_FULL: HTTPStatus.CONFLICT,
    ErrorCode.PROOF_REQUIRED: HTTPStatus.FORBIDDEN,
    ErrorCode.RUN_FINISHED: HTTPStatus.CONFLICT,
    ErrorCode.WAITING_FOR_HOST: HTTPStatus.CONFLICT,
    ErrorCode.MOVED: HTTPStatus.CONFLICT,
    ErrorCode.CODE_UNKNOWN: HTTPStatus.NOT_FOUND,
    ErrorCode.NOT_JOINED: HTTPStatus.FORBIDDEN,
    ErrorCode.QUESTION_NOT_OPEN: HTTPStatus.CONFLICT,
    ErrorCode.QUESTION_CLOSED: HTTPStatus.CONFLICT,
    ErrorCode.PAUSED: HTTPStatus.CONFLICT,
    ErrorCode.ANSWER_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.KICKED: HTTPStatus.FORBIDDEN,
    ErrorCode.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.UNAUTHORIZED: HTTPStatus.UNAUTHORIZED,
    ErrorCode.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ErrorCode.PAYLOAD_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.QUIZ_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.COMMAND_NOT_ALLOWED: HTTPStatus.CONFLICT,
    ErrorCode.EMAIL_TAKEN: HTTPStatus.CONFLICT,
    ErrorCode.CREDENTIALS_INVALID: HTTPStatus.UNAUTHORIZED,
    ErrorCode.PASSWORD_WEAK: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.LINK_EXPIRED: HTTPStatus.GONE,
    ErrorCode.SIGN_IN_AGAIN: HTTPStatus.FORBIDDEN,
    ErrorCode.SECOND_FACTOR_REQUIRED: HTTPStatus.UNAUTHORIZED,
    ErrorCode.SECOND_FACTOR_INVALID: HTTPStatus.UNAUTHORIZED,
    ErrorCode.PASSKEY_INVALID: HTTPStatus.UNAUTHORIZED,
    ErrorCode.FACTOR_CONFLICT: HTTPStatus.CONFLICT,
    ErrorCode.MAIL_NOT_CONFIGURED: HTTPStatus.CONFLICT,
    ErrorCode.LAST_WAY_IN: HTTPStatus.CONFLICT,
    ErrorCode.IDEMPOTENCY_KEY_REUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.REQUEST_IN_PROGRESS: HTTPStatus.CONFLICT,
    ErrorCode.EXPORT_TOO_LARGE: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.RUN_NOT_OVER: HTTPStatus.CONFLICT,
    ErrorCode.RUN_ANONYMISED: HTTPStatus.CONFLICT,
    ErrorCode.IMPORT_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.MEDIA_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.MEDIA_QUOTA_REACHED: HTTPStatus.CONFLICT,
    ErrorCode.QUIZZES_QUOTA_REACHED: HTTPStatus.CONFLICT,
    ErrorCode.LIVE_RUNS_QUOTA_REACHED: HTTPStatus.CONFLICT,
    ErrorCode.RUNS_QUOTA_REACHED: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.EXPORTS_QUOTA_REACHED: HTTPStatus.TOO_MANY_REQUESTS,
}
RETRY_AFTER_S = {HTTPStatus.TOO_MANY_REQUESTS: 30, HTTPStatus.SERVICE_UNAVAILABLE: 2}


class HttpCode(StrEnum):
    """Error codes specific to HTTP; all others are `ErrorCode`s."""

    HEAD_TOO_LARGE = "head_too_large"
    INTERNAL = "internal"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    REQUEST_TIMEOUT = "request_timeout"
    VERSION_CONFLICT = "version_conflict"


class ProblemDetail(BaseModel):
    """A problem with one field of the request."""

    field: str
    message: str
    question: int | None = Field(None, description="0-based, if the field belongs to a question")


class SecondFactorOffer(BaseModel):
    """How to continue the sign-in at `POST /auth/login/second-factor`."""

    token: str = Field(description="Valid for one sign-in and a few attempts")
    expires_in: int = Field(description="Seconds", examples=[300])
    methods: list[Literal["passkey", "totp", "recovery_code"]]
    passkey_options: dict[str, Any] | None = Field(
        None,
        description="For `navigator.credentials.get()`, as JSON, if `passkey` is among the methods",
    )


class SecondFactorRequiredError(QuizrunError):
    """The password is correct, but the account requires a second factor."""

    def __init__(self, offer: SecondFactorOffer) -> None:
        super().__init__(ErrorCode.SECOND_FACTOR_REQUIRED, "This account requires a second factor.")
        self.offer = offer


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    type: str = "about:blank"
    title: str = Field(description="The name of the status", examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(
        description="A sentence for humans",
        examples=["Question 2, correct: 7 is not the index of one of the 4 options."],
    )
    code: str = Field(
        description="A stable code for programs",
        examples=["quiz_invalid"],
        json_schema_extra={"enum": sorted(code.value for code in (*ErrorCode, *HttpCode))},
    )
    retryable: bool = Field(description="Whether the same request may succeed later")
    problems: list[ProblemDetail] | None = None
    second_factor: SecondFactorOffer | None = Field(
        None, description="With the code `second_factor_required`"
    )


def problem_response(
    status: int,
    code: str,
    detail: str,
    *,
    retryable: bool = False,
    problems: list[FieldProblem] | None = None,
    headers: dict[str, str] | None = None,
    second_factor: SecondFactorOffer | None = None,
) -> Response:
    """Return a problem document with the headers that its status requires."""
    status = HTTPStatus(status)
    document = Problem(
        title=status.phrase,
        status=status,
        detail=detail,
        code=code,
        retryable=retryable,
        problems=[ProblemDetail(**problem) for problem in problems] if problems else None,
        second_factor=second_factor,
    )
    headers = dict(headers or {})
    if status in RETRY_AFTER_S:
        headers.setdefault("Retry-After", str(RETRY_AFTER_S[status]))
    if status is HTTPStatus.UNAUTHORIZED:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="quizrun"')
    body = document.model_dump_json(exclude_none=True)
    return Response(body, status, headers, media_type=MEDIA_TYPE)


def from_error(error: QuizrunError) -> Response:
    """Return the problem document of an application error."""
    return problem_response(
        STATUS[error.code],
        error.code,
        error.message,
        retryable=error.retryable,
        problems=error.problems,
        second_factor=error.offer if isinstance(error, SecondFactorRequiredError) else None,
    )


def internal_error() -> Response:
    """Return a 500 that reveals nothing about the error."""
    return problem_response(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HttpCode.INTERNAL,
        "An internal error occurred. It has been logged.",
    )


def install(app: FastAPI) -> None:
    """Turn every error of `app` into a problem document."""

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, QuizrunError)
        return from_error(error)

    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return from_error(_payload_invalid(error))

    async def http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _from_http(error)

    app.add_exception_handler(QuizrunError, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)


def _payload_invalid(error: RequestValidationError) -> QuizrunError:
    problems: list[FieldProblem] = [
        {
            # The first part is the location: body, query, path or header.
            "field": ".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0]),
            "message": str(item["msg"]).removeprefix("Value error, ").rstrip("."),
        }
        for item in error.errors()
    ]
    first, more = problems[0], len(problems) - 1
    sentence = f"{first['field']}: {first['message']}."
    if more:
        sentence += f" ({more} more {'problem' if more == 1 else 'problems'}.)"
    return QuizrunError(
        ErrorCode.PAYLOAD_INVALID, sentence, problems=problems[:MAX_REPORTED_PROBLEMS]
    )


def _from_http(error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    match status:
        case HTTPStatus.NOT_FOUND:
            sentence = "Not found."
            return problem_response(status, ErrorCode.NOT_FOUND, sentence)
        case HTTPStatus.METHOD_NOT_ALLOWED:
            sentence = "Method not allowed."
            return problem_response(status, HttpCode.METHOD_NOT_ALLOWED, sentence, headers=headers)
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return problem_response(
                status, HttpCode.PAYLOAD_TOO_LARGE, str(error.detail), headers=headers
            )
        case HTTPStatus.PRECONDITION_FAILED:
            return problem_response(status, HttpCode.VERSION_CONFLICT, str(error.detail))
        case HTTPStatus.BAD_REQUEST:
            return from_error(QuizrunError(ErrorCode.PAYLOAD_INVALID, str(error.detail)))
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            structlog.get_logger().error("http.error_raised", status=status, reason=error.detail)
            return internal_error()
        case _:
            return problem_response(status, HttpCode.INTERNAL, str(error.detail), headers=headers)
