"""Every field that a log line may have: its name in code, in Elastic Common Schema, and its type.

Fields that are not listed here are dropped: that keeps names, answers and tokens out of the logs,
and the index template (deploy/elastic) complete. A test compares both with the calls in the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["keyword", "long", "float", "boolean", "output"]
"""`output` is text that a library or another program wrote: values in it are masked."""


@dataclass(frozen=True, slots=True)
class LogField:
    """What a keyword argument of a log call becomes in the line."""

    name: str
    kind: Kind = "keyword"


def _own(kind: Kind, *names: str) -> dict[str, LogField]:
    """Fields of our own, which ECS has no name for."""
    return {name: LogField(f"quizrun.{name}", kind) for name in names}


FIELDS: dict[str, LogField] = {
    # What a line is about
    **_own("keyword", "run_id", "player_id", "quiz_id", "workflow_id", "workflow_run_id"),
    "host_id": LogField("user.id"),
    "request_id": LogField("http.request.id"),
    "trace_id": LogField("trace.id"),
    "span_id": LogField("span.id"),
    # Where a run stands
    **_own("keyword", "phase"),
    **_own("long", "version", "question", "question_count", "players", "opens_in_ms", "missed"),
    **_own("boolean", "paused", "locked"),
    # What was done, and how it went
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
    # Servers that a process works with
    **_own("keyword", "dependency", "topic", "needed", "missing", "remedy", "gateway_id"),
    **_own("long", "replicas", "brokers", "partitions", "sessions"),
    **_own("float", "after_s"),
    **_own("boolean", "required"),
    "port": LogField("server.port", "long"),
    "file": LogField("file.path"),
    "exit_code": LogField("process.exit_code", "long"),
    "output": LogField("quizrun.output", "output"),
    # Of the logs themselves
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
"""Fields that `telemetry.ecs` adds by itself, with their types in Elasticsearch."""


def index_types() -> dict[str, str]:
    """The type in Elasticsearch of every field that a line can have, by its name there."""
    kinds: dict[Kind, str] = {"output": "match_only_text"}
    given = {field.name: kinds.get(field.kind, str(field.kind)) for field in FIELDS.values()}
    return {**given, **WRITTEN_BY_MAPPING}
