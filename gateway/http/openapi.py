"""Additions to the OpenAPI document beyond the routes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from gateway.http.problems import MEDIA_TYPE, Problem
from quiz.content import Quiz

REF = "#/components/schemas/{model}"

DESCRIPTION = """
Quizrun runs live quizzes: a host opens a *run*, players join it with a PIN, questions open and
close on a clock, and every acknowledged answer counts exactly once. Players use Socket.IO; this
is the hosts' API.

Errors are `application/problem+json` (RFC 9457) with a stable `code`. Times are epoch milliseconds.
POST requests that create or change something accept an `Idempotency-Key`, which makes retries safe.
"""

TAGS = [
    {"name": "accounts", "description": "Register, sign in and out."},
    {"name": "quizzes", "description": "Versioned quizzes in the native JSON format."},
    {"name": "media", "description": "Pictures and sounds of questions."},
    {"name": "runs", "description": "Open runs and read their state."},
    {"name": "commands", "description": "Control a run."},
    {"name": "sharing", "description": "Co-hosts, teams and invitations."},
    {"name": "results", "description": "Leaderboard and results."},
    {
        "name": "players",
        "description": "For players: before joining, and to continue on another device.",
    },
    {"name": "review", "description": "A player's own answers, with the player's token."},
    {"name": "admin", "description": "For accounts with the role `admin`."},
    {"name": "operation", "description": "Probes and monitoring."},
]

EXAMPLE_QUIZ = {
    "title": "Capitals",
    "language": "en",
    "questions": [
        {
            "type": "single",
            "text": "Capital of France?",
            "options": ["Paris", "Rome"],
            "correct": [0],
            "time_limit_s": 20,
            "points": 1000,
        },
        {
            "type": "number",
            "text": "When did Brazil become independent?",
            "correct": {"value": 1822, "tolerance": 5},
        },
        {"type": "text", "text": "Capital of Italy?", "correct": {"accepted": ["Rome", "Roma"]}},
    ],
}

QUIZ_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": REF.format(model="Quiz")},
                "example": EXAMPLE_QUIZ,
            }
        },
    }
}
"""The body of routes that parse a quiz with `parse_quiz`, whose errors name question and field."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return a route's error `responses`."""
    schema = {"schema": {"$ref": REF.format(model="Problem")}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: schema}}
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Generate the document with the schemas that no route declares by type."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                description=DESCRIPTION,
                routes=app.routes,
                tags=TAGS,
                separate_input_output_schemas=False,
            )
            _, extra = models_json_schema(
                [(Quiz, "validation"), (Problem, "validation")], ref_template=REF
            )
            components = schema.setdefault("components", {}).setdefault("schemas", {})
            for name, model in extra["$defs"].items():
                components.setdefault(name, model)
            _drop_validation_errors(schema)
            _add_body_refusals(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _drop_validation_errors(schema: dict[str, Any]) -> None:
    # FastAPI declares its own 422 where a route has none; this API never returns it.
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)
    for path in schema["paths"].values():
        for operation in path.values():
            refusal = operation["responses"].get("422", {})
            if "application/json" in refusal.get("content", {}):
                del operation["responses"]["422"]


def _add_body_refusals(schema: dict[str, Any]) -> None:
    """Every body may be malformed or too large, which no route needs to declare."""
    for path in schema["paths"].values():
        for operation in path.values():
            if "requestBody" in operation:
                for status, response in problems(400, 413).items():
                    operation["responses"].setdefault(str(status), response)
