"""Everything known about a run, from every store."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from gateway.operations.workflow_view import WorkflowView


class ServerView(BaseModel):
    """Whether a server responds; `error` is the kind of failure."""

    name: str
    ok: bool
    ms: int
    error: str | None = None


class GatewayView(BaseModel):
    """A gateway's last progress report: connected players and recorded answers."""

    gateway: str
    connected: int
    answered: int
    seen_s_ago: int


class PublishedEvent(BaseModel):
    """The last event of a run on Kafka."""

    type: str
    version: int
    at: int | None = None


class ActionView(BaseModel):
    """An operator's action."""

    at: int
    operator: str
    action: str
    outcome: str


class RunReport(BaseModel):
    """A run. Questions count from 1 (0: before the first); times are epoch ms.

    Values of an unavailable server are None or empty; `servers` says which are unavailable.
    """

    run_id: str
    pin: str = ""
    title: str = ""
    host_id: str = ""
    host: str = ""
    phase: str = "unknown"
    paused: bool = False
    scoring: bool = False
    question: int = 0
    question_count: int = 0
    auto_advance: bool = True
    players: int = 0
    answered: int = 0
    created_at: int | None = None
    finished_at: int | None = None
    deadline_at: int | None = None
    expected_at: int | None = None
    """When the run should have published something new; None while it waits for its host."""
    overdue_ms: int = 0
    paused_at: int | None = None
    expires_at: int | None = None
    version: int = 0
    redis_version: int | None = None
    published: PublishedEvent | None = None
    connected: int | None = None
    gateways: list[GatewayView] = []
    workflow: WorkflowView | None = None
    temporal_asked: bool = False
    """Whether Temporal responded; if so, `workflow` None means that there is none."""
    workers: list[str] = []
    servers: list[ServerView] = []
    actions: list[ActionView] = []
    temporal_ui: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return self.model_dump(mode="json")
