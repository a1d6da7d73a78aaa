"""The model's assumptions; `docs/capacity.md` gives the reasons."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assumptions:
    """How people play, and values that nobody has measured."""

    players_per_run: int = 50
    questions: int = 15
    time_limit_s: float = 20.0
    spread_s: float = 12.0
    reveal_s: float = 5.0
    lobby_s: float = 120.0
    busy_hours: float = 180.0
    """Busy hours per month: 4 hours a day at the peak, and a tenth of it in the other 20."""
    events: int = 8
    """Giant runs per month, each of which keeps its fleet for `event_hours`."""
    event_hours: float = 3.0
    utilisation: float = 0.6
    event_cpu_s: float = 100e-6
    """A gateway's CPU to decode an event of a run without local players."""
    sockets_per_gateway: int = 10_000
    frame_overhead: int = 70
    """Bytes of TCP, IP and TLS per frame that is sent alone."""
    page_bytes: float = 90e3
    """A first visit (docs/cdn.md)."""
    temporal_factor: float = 2.0
    """The cost of Temporal on PostgreSQL relative to the development server on SQLite."""
    answers_burst: float = 3.0
    """The busiest second of a question relative to the mean."""
    partitions: int = 12

    @property
    def question_s(self) -> float:
        """The time from one question to the next, without the longer lead of large rooms."""
        return 0.3 + self.time_limit_s + 0.3 + self.reveal_s

    @property
    def run_s(self) -> float:
        """The length of a run including its lobby."""
        return self.lobby_s + self.questions * self.question_s
