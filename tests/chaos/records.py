"""Everything that players and hosts did and saw: the evidence for the audit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.chaos.plans import RunPlan


@dataclass(frozen=True)
class Heard:
    """A message with its time of arrival and connection."""

    at: float
    connection: int
    event: str
    args: list[Any]


@dataclass
class Ack:
    """An acknowledged answer; `at` is when the acknowledgement arrived."""

    answer: Any
    elapsed_ms: int
    at: float


@dataclass
class Refusal:
    """The final refusal of an answer that was `sent` first at that time.

    `doubtful`: an earlier try got no final reply, so that it may have been stored.
    """

    code: str
    sent: float
    at: float
    doubtful: bool = False


@dataclass
class Record:
    """Everything a player did and saw, for the audit."""

    nickname: str
    player_id: str = ""
    joined_at: float = 0.0
    not_joined: str = ""
    heard: list[Heard] = field(default_factory=list)
    sent: dict[int, Any] = field(default_factory=dict)
    acks: dict[int, Ack] = field(default_factory=dict)
    refusals: dict[int, Refusal] = field(default_factory=dict)
    doubtful: set[int] = field(default_factory=set)
    """Questions to which a try of the answer got no final reply."""
    contradictions: list[str] = field(default_factory=list)
    """Replies that differ for one answer, and solutions seen too early."""
    waits: list[tuple[float, float]] = field(default_factory=list)
    """Start and end of each wait for a snapshot."""
    waiting_since: float = 0.0
    """When a wait that is not over began."""
    ack_waits: list[tuple[float, float]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    end: str = ""


@dataclass
class Pressed:
    """A command: when it was sent, and its final outcome."""

    command: str
    sent: float
    done: float = 0.0
    outcome: str = "unknown"
    player_id: str = ""
    excuse: str = ""
    """The code of the last retryable refusal, or `no reply`."""


@dataclass
class RunRecord:
    """Everything the host of a run did and saw, for the audit."""

    plan: RunPlan
    run_id: str = ""
    pin: str = ""
    opened_at: float = 0.0
    ended_at: float = 0.0
    phase: str = ""
    version: int = 0
    pressed: list[Pressed] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    started_itself: bool = False


def reveals(event: str, args: list[Any], index: int) -> bool:
    """Whether this message is the reveal of question `index`."""
    message = args[0] if args else {}
    if event == "snapshot":
        message = message.get("reveal") or {}
    return event in ("reveal", "snapshot") and message.get("question") == index
