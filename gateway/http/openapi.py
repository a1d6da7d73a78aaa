"""What the OpenAPI document says beyond the routes themselves."""

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
close on the clock, and every acknowledged answer counts exactly once. Players use Socket.IO; this
is the API of hosts.

Errors are `application/problem+json` (RFC 9457) with a stable `code`. Times are epoch milliseconds.
Any POST that makes or moves something takes an `Idempotency-Key` and can then be repeated safely.
"""

TAGS = [
    {"name": "accounts", "description": "Register, sign in and out."},
    {"name": "quizzes", "description": "Quizzes in the native JSON format, versioned."},
    {"name": "media", "description": "Pictures and sounds of questions."},
    {"name": "runs", "description": "Open a run and see where it stands."},
    {"name": "commands", "description": "What a host can tell a run to do."},
    {"name": "sharing", "description": "Co-hosts of quizzes and runs, teams, invitations."},
    {"name": "results", "description": "Leaderboard and results."},
    {"name": "players", "description": "For players: before joining, and on another device."},
    {"name": "review", "description": "A player's own answers, with the player's token."},
    {"name": "admin", "description": "For accounts with the role `admin`."},
    {"name": "operation", "description": "For probes and monitoring."},
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
"""For routes that read a quiz by `parse_quiz`, whose findings name question and field."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, for its `responses`."""
    schema = {"schema": {"$ref": REF.format(model="Problem")}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: schema}}
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Let `app` describe itself with the schemas that no route declares by type."""

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
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _drop_validation_errors(schema: dict[str, Any]) -> None:
    """FastAPI adds its own shape of a 422 to what declares none; here nothing answers so."""
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)
    for path in schema["paths"].values():
        for operation in path.values():
            refusal = operation["responses"].get("422", {})
            if "application/json" in refusal.get("content", {}):
                del operation["responses"]["422"]
