"""The outcome of a seed: figures for the table, and the broken promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus

from tests.chaos import events
from tests.chaos.api import Api
from tests.chaos.audit import Violation, audit
from tests.chaos.calm import Calm
from tests.chaos.case import RunCase
from tests.chaos.expected import read_stored
from tests.chaos.records import Record, RunRecord
from tests.chaos.wire import now_ms

MAX_CALM_WAIT_S = 5.0
Played = Sequence[tuple[RunRecord, list[Record]]]


@dataclass
class Verdict:
    """The outcome of one seed. Waits are in seconds."""

    seed: int
    kafka: str
    schedule: list[str] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    skipped: int = 0
    runs: int = 0
    players: int = 0
    answers: int = 0
    commands: int = 0
    reconnects: int = 0
    reveals_without_own_part: int = 0
    """Reveals without a player's own part, because it could not be looked up."""
    worst_ack_s: float = 0.0
    worst_snapshot_s: float = 0.0
    worst_calm_snapshot_s: float = 0.0
    """The longest wait for a snapshot within a calm period."""
    calm_after_s: float = 0.0
    """From the end of the last fault until everything was ready."""
    last_end_s: float = 0.0
    """From then until the last run was over."""
    memory_growth_mb: float = 0.0
    unexpected_exits: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    logs: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def figures(self) -> list[str]:
        """The figures as lines of text."""
        return [
            f"{sum(self.faults.values())} faults, {self.runs} runs, {self.players} players",
            f"{self.answers} answers acknowledged, the slowest in {self.worst_ack_s:.1f} s",
            f"{self.commands} commands of hosts, {self.reconnects} times a player came back",
            f"longest wait for a snapshot: {self.worst_snapshot_s:.1f} s",
            f"the same while all servers were up: {self.worst_calm_snapshot_s:.1f} s",
            f"{self.reveals_without_own_part} reveals without the player's own part",
            f"ready {self.calm_after_s:.1f} s after the last fault",
            f"last run over {self.last_end_s:.1f} s later",
            f"memory {self.memory_growth_mb:+.0f} MB",
        ]

    def add_violation(self, promise: str, run: str, evidence: str) -> None:
        """Record a broken promise."""
        self.violations.append(Violation(promise, run, evidence))


def count(verdict: Verdict, played: Played, calm: Calm) -> None:
    """Fill in the figures, and judge the waits."""
    players = [player for _, players in played for player in players if player.player_id]
    verdict.runs = sum(bool(run.run_id) for run, _ in played)
    verdict.players = len(players)
    verdict.answers = sum(len(player.acks) for player in players)
    verdict.commands = sum(len(run.pressed) for run, _ in played)
    verdict.reconnects = sum(len(player.waits) for player in players) - len(players)
    verdict.reveals_without_own_part = sum(
        heard.event == "reveal" and heard.args[1] is None
        for player in players
        for heard in player.heard
    )
    waits = [wait for player in players for wait in player.waits]
    waits += [(one.waiting_since, now_ms()) for one in players if one.waiting_since and not one.end]
    verdict.worst_snapshot_s = max(((b - a) / 1000 for a, b in waits), default=0.0)
    acks = [(b - a) / 1000 for player in players for a, b in player.ack_waits]
    verdict.worst_ack_s = max(acks, default=0.0)
    verdict.worst_calm_snapshot_s = calm.longest(waits)
    if verdict.worst_calm_snapshot_s > MAX_CALM_WAIT_S:
        late = [(a, b) for a, b in waits if calm.longest([(a, b)]) > MAX_CALM_WAIT_S]
        text = f"{len(late)} waited longer, the first from {late[0][0]:.0f} to {late[0][1]:.0f}"
        verdict.add_violation(f"a snapshot within {MAX_CALM_WAIT_S:g} s", "all", text)


async def audit_runs(
    verdict: Verdict,
    played: Played,
    direct: Mapping[str, str],
    kafka: str,
    apart: Sequence[tuple[float, float]],
) -> None:
    """Check every run against what is stored. `direct` leads to the servers, `kafka` to brokers
    whose log lasts; for `apart` see `RunCase`.
    """
    client = await Client.connect(direct["QUIZRUN_TEMPORAL_ADDRESS"])
    database_url = direct["QUIZRUN_DATABASE_URL"]
    published: dict[str, Any] | None = None
    if kafka:
        published, conflicts = await events.read_all(kafka)
        for conflict in conflicts:
            verdict.add_violation("an event has one content", "all", conflict)
    for run, players in played:
        if not run.run_id:
            verdict.add_violation("a run can be opened", run.plan.name, "it never was")
            continue
        stored = await read_stored(database_url, run.run_id)
        verdict.violations += audit(RunCase(run, players, stored, apart))
        handle = client.get_workflow_handle(f"quiz-run-{run.run_id}")
        status = (await handle.describe()).status
        if status is not WorkflowExecutionStatus.COMPLETED:
            verdict.add_violation(
                "every workflow completes", run.run_id, str(status and status.name)
            )
        for player in players:
            if player.player_id and not player.end:
                last = [heard.event for heard in player.heard[-5:]]
                verdict.add_violation(
                    "everyone sees the end", run.run_id, f"{player.nickname}: {last}"
                )
        if published is not None:
            for gap in events.missing(published, run.run_id, stored):
                verdict.add_violation("a consumer of the bus sees everything", run.run_id, gap)


async def audit_pages(
    verdict: Verdict, played: Played, apis: dict[str, Api], urls: Sequence[str], database_url: str
) -> None:
    """Check the HTTP API's results of finished runs; `apis` has each run's host."""
    for run, players in played:
        if not run.ended_at or run.phase != "finished":
            continue
        stored = await read_stored(database_url, run.run_id)
        due = RunCase(run, players, stored).expected.standings
        for url in urls:
            for page in ("leaderboard?limit=100", "results"):
                answer = await apis[run.run_id].once("GET", f"/runs/{run.run_id}/{page}", url=url)
                lines = answer[1].get("items", answer[1].get("players")) if answer else None
                found = [(one["rank"], one["player_id"], one["score"]) for one in lines or []]
                if found != due:
                    text = f"{url} {page}: {found or answer}, due {due}"
                    verdict.add_violation("leaderboard and results are exact", run.run_id, text)
