"""Render runs for the terminal: a table of many, or everything about one."""

from __future__ import annotations

from datetime import UTC, datetime

from db.rescoring import Differences
from deploy.terminal_text import Cell, coloured, shortened, table
from gateway.operations.diagnosis import Diagnosis, server_name
from gateway.operations.report import RunReport
from telemetry.clock import now_ms

UNKNOWN = "unknown"
TITLE_WIDTH = 30

_COLOURS = {"fine": "green", "waits": "cyan", "stalled": "bold red", "over": "dim"}


HEADER = ("RUN", "PIN", "TITLE", "PHASE", "QUESTION", "PLAYERS", "ANSWERED", "STATE")


def runs_table(found: list[tuple[RunReport, Diagnosis]]) -> str:
    """One line for each run."""
    rows = [[Cell(name, "dim") for name in HEADER]]
    for report, diagnosis in found:
        late = f", {duration(report.overdue_ms)} late" if diagnosis.verdict == "stalled" else ""
        texts = (
            report.run_id,
            report.pin,
            shortened(report.title, TITLE_WIDTH),
            phase(report),
            f"{report.question} of {report.question_count}",
            str(report.players),
            str(report.answered),
        )
        state = Cell(f"{diagnosis.verdict}{late}", _COLOURS[diagnosis.verdict])
        rows.append([*map(Cell, texts), state])
    return table(rows)


def run_table(report: RunReport) -> str:
    """Everything known about a run, a line for each fact."""
    return table([(Cell(name, "dim"), Cell(value)) for name, value in _rows(report)])


def diagnosis_text(diagnosis: Diagnosis) -> str:
    """The sentence, and below it what to do."""
    text = coloured(diagnosis.sentence, _COLOURS[diagnosis.verdict])
    return f"{text}\n{diagnosis.advice}" if diagnosis.advice else text


def differences_text(found: Differences, *, corrected: bool) -> str:
    """Return the result of a rescoring, line by line."""
    lines = [f"Compared {found.scored} answers of {found.players} players with the rules."]
    lines += [
        f"  answer of {one.player_id} to question {one.question + 1}: {one.stored} points stored, "
        f"{one.earned} earned"
        for one in found.answers
    ]
    lines += [
        f"  total of {one.player_id}: {one.stored} stored, {one.earned} earned"
        for one in found.totals
    ]
    if found.none:
        lines.append("All answers and totals are correct.")
    else:
        kind = "corrected" if corrected else "wrong; --apply corrects them"
        lines.append(f"{found.wrong_answers} answers and {found.wrong_totals} totals {kind}.")
    return "\n".join(lines)


def phase(report: RunReport) -> str:
    """Return the phase, and whether it is paused or being scored."""
    more = " (paused)" if report.paused else " (scoring)" if report.scoring else ""
    return report.phase + more


def clock(at: int | None) -> str:
    """Format a time in UTC."""
    if at is None:
        return "none"
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(ms: int) -> str:
    """Format a duration for people."""
    seconds = ms / 1000
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _rows(report: RunReport) -> list[tuple[str, str]]:
    rows = [("Run", report.run_id), *(_stored_rows(report) if report.phase != UNKNOWN else ())]
    rows += [
        (
            f"Gateway {one.gateway}",
            f"{one.connected} connected, {one.answered} answers, {one.seen_s_ago} s ago",
        )
        for one in report.gateways
    ]
    rows += _workflow_rows(report)
    rows += [
        (server_name(one.name), "up" if one.ok else f"not responding ({one.error})")
        for one in report.servers
    ]
    rows += [
        ("Operator", f"{clock(one.at)} {one.operator}: {one.action}, {one.outcome}")
        for one in report.actions
    ]
    if report.temporal_ui:
        rows.append(("Temporal UI", report.temporal_ui))
    return rows


def _stored_rows(report: RunReport) -> list[tuple[str, str]]:
    late = f", {duration(report.overdue_ms)} overdue" if report.overdue_ms else ""
    published = report.published
    return [
        ("Title", report.title),
        ("PIN", report.pin),
        ("Host", f"{report.host} ({report.host_id})"),
        ("Phase", phase(report)),
        ("Question", f"{report.question} of {report.question_count}"),
        ("Deadline", clock(report.deadline_at or report.expected_at) + late),
        ("Players", _players(report)),
        ("Answered", f"{report.answered} of {report.players}"),
        (
            "Versions",
            f"PostgreSQL {report.version}, Redis {_known(report.redis_version)}, Kafka "
            + (f"{published.version} ({published.type})" if published else "unknown"),
        ),
    ]


def _players(report: RunReport) -> str:
    connected = "" if report.connected is None else f", {report.connected} connected"
    return f"{report.players}{connected}"


def _workflow_rows(report: RunReport) -> list[tuple[str, str]]:
    workflow = report.workflow
    if workflow is None:
        return [("Workflow", "none" if report.temporal_asked else "unknown")]
    rows = [("Workflow", f"{workflow.status}, {workflow.history_events} events")]
    if details := workflow.details:
        says = f"{details.get('Doing now')}, version {details.get('Version')}"
        if report.phase == UNKNOWN:  # PostgreSQL is unavailable; the workflow knows, too
            says = f"{details.get('Phase')}, question {details.get('Question')}, {says}"
        rows.append(("  says", says))
    if workflow.task_waits_ms or workflow.task_attempt > 1:
        waits = duration(workflow.task_waits_ms)
        rows.append(
            ("  task", f"waiting for a worker for {waits}, attempt {workflow.task_attempt}")
        )
    for step in workflow.steps:
        next_try = ""
        if step.next_attempt_at:
            next_try = f", next in {duration(max(0, step.next_attempt_at - now_ms()))}"
        rows.append((f"  step {step.name}", f"{step.state}, attempt {step.attempt}{next_try}"))
        if step.last_failure:
            rows.append(("    last failure", step.last_failure))
    rows.append(("Workers", ", ".join(report.workers) or "none seen recently"))
    return rows


def _known(version: int | None) -> str:
    return "none" if version is None else str(version)
