"""The allow-list of log fields: name in code, name in Elastic Common Schema, and type.

Unlisted fields are dropped, which keeps names, answers and tokens out of the logs, and the index
template (deploy/elastic) complete. A test compares both with the log calls in the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["keyword", "long", "float", "boolean", "output"]
"""`output` is text written by a library or another program; values in it are redacted."""


@dataclass(frozen=True, slots=True)
class LogField:
    """The name and type in the index of a keyword argument of log calls."""

    name: str
    kind: Kind = "keyword"


def _own(kind: Kind, *names: str) -> dict[str, LogField]:
    """Fields that ECS has no name for."""
    return {name: LogField(f"quizrun.{name}", kind) for name in names}


FIELDS: dict[str, LogField] = {
    # Subject
    **_own("keyword", "run_id", "player_id", "quiz_id", "workflow_id", "workflow_run_id"),
    "host_id": LogField("user.id"),
    "request_id": LogField("http.request.id"),
    "trace_id": LogField("trace.id"),
    "span_id": LogField("span.id"),
    # State of a run
    **_own("keyword", "phase"),
    **_own("long", "version", "question", "question_count", "players", "opens_in_ms", "missed"),
    **_own("boolean", "paused", "locked"),
    # Actions and results
    **_own("keyword", "command", "signal", "activity", "client_event", "namespace", "reason"),
    **_own("keyword", "verdict"),
    **_own("long", "anonymised", "deleted", "answers", "questions"),
    **_own("long", "attempt", "duration_ms", "answered", "scored", "late", "elapsed_ms"),
    "code": LogField("error.code"),
    "error_type": LogField("error.type"),
    # HTTP
    "method": LogField("http.request.method"),
    "path": LogField("url.path"),
    "status": LogField("http.response.status_code", "long"),
    # What a process runs
    **_own("keyword", "task"),
    # Servers that a process depends on
    **_own("keyword", "dependency", "topic", "needed", "missing", "remedy", "gateway_id"),
    **_own("long", "replicas", "brokers", "partitions", "sessions"),
    **_own("float", "after_s"),
    **_own("boolean", "required"),
    "port": LogField("server.port", "long"),
    "file": LogField("file.path"),
    "exit_code": LogField("process.exit_code", "long"),
    "output": LogField("quizrun.output", "output"),
    # The log itself
    **_own("keyword", "suppressed_event", "suppressed_logger", "dropped_fields"),
    **_own("long", "suppressed"),
}

WRITTEN_BY_MAPPING = {
    "@timestamp": "date_nanos",
    "log.level": "keyword",
    "message": "match_only_text",
    "ecs.version": "keyword",
    "event.action": "keyword",
    "event.dataset": "keyword",
    "event.sequence": "long",
    "log.logger": "keyword",
    "service.name": "keyword",
    "service.node.name": "keyword",
    "service.version": "keyword",
    "process.pid": "long",
    "error.type": "keyword",
    "error.code": "keyword",
    "error.message": "match_only_text",
    "error.stack_trace": "match_only_text",
    "quizrun.error_cause": "keyword",
}
"""Fields that `telemetry.ecs` adds, with their types in Elasticsearch."""


def index_types() -> dict[str, str]:
    """Return the Elasticsearch type of every field, by its name in the index."""
    kinds: dict[Kind, str] = {"output": "match_only_text"}
    listed = {field.name: kinds.get(field.kind, str(field.kind)) for field in FIELDS.values()}
    return {**listed, **WRITTEN_BY_MAPPING}
