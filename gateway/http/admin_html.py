"""HTML of the operators' page. All dynamic text is escaped."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from gateway.operations.diagnosis import Diagnosis, server_name
from gateway.operations.report import RunReport, ServerView

REFRESH_S = 5
_WORDS = {"fine": "in time", "waits": "waiting", "stalled": "stalled", "over": "over"}


def list_page(
    found: list[tuple[RunReport, Diagnosis]], total: int, servers: list[ServerView]
) -> str:
    """Render the live runs and the servers."""
    stalled = sum(diagnosis.verdict == "stalled" for _, diagnosis in found)
    summary = f"{total} live run{'' if total == 1 else 's'}"
    if stalled:
        summary += f", {stalled} stalled"
    rows = "".join(_row(report, diagnosis) for report, diagnosis in found)
    table = (
        '<table class="runs"><thead><tr><th>Quiz</th><th>PIN</th><th>Phase</th><th>Question</th>'
        f"<th>Players</th><th>Answered</th><th>State</th></tr></thead><tbody>{rows}</tbody></table>"
        if found
        else '<p class="empty">No live runs.</p>'
    )
    shown = f"<p>Showing the first {len(found)}.</p>" if len(found) < total else ""
    return _document("Live runs", f"{_servers(servers)}<h1>{summary}</h1>{table}{shown}")


def outage_page(servers: list[ServerView]) -> str:
    """Render the servers only, for when PostgreSQL is unavailable."""
    text = "<h1>PostgreSQL is unavailable</h1><p>Runs cannot be listed until it is back.</p>"
    return _document("PostgreSQL is unavailable", f"{_servers(servers)}{text}")


def run_page(report: RunReport, diagnosis: Diagnosis) -> str:
    """Render one run: the diagnosis, then the facts behind it."""
    advice = f"<p>{_marked(diagnosis.advice)}</p>" if diagnosis.advice else ""
    banner = (
        f'<section class="diagnosis {diagnosis.verdict}">'
        f"<p><strong>{_marked(diagnosis.sentence)}</strong></p>{advice}</section>"
    )
    facts = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in _facts(report)
    )
    body = (
        f"{_servers(report.servers)}"
        f'<p class="back"><a href="/admin">All live runs</a></p>'
        f"<h1>{escape(report.title or report.run_id)}</h1>"
        f"{banner}{_buttons(report)}<dl>{facts}</dl>{_steps(report)}{_gateways(report)}"
        f"{_actions(report)}"
    )
    return _document(report.title or "Run", body)


def end_page(report: RunReport) -> str:
    """Render the confirmation of ending a run."""
    body = (
        f"<h1>End “{escape(report.title)}”?</h1>"
        f"<p>{report.players} players are in it. Answers given so far count; this cannot be "
        f'undone.</p><nav class="buttons">{_command(report.run_id, "end")}'
        f'<a class="button" href="/admin/runs/{report.run_id}">Cancel</a></nav>'
    )
    return _document("End a run", body, refresh=False)


def rejection_page(run_id: str, command: str, reason: str) -> str:
    """Render the refusal of a command."""
    return _document(
        "Rejected",
        f"<h1>{escape(command.capitalize())}: rejected</h1><p>{escape(reason)}</p>"
        f'<p><a href="/admin/runs/{escape(run_id)}">Back to the run</a></p>',
        refresh=False,
    )


def _document(title: str, body: str, *, refresh: bool = True) -> str:
    again = f'<meta http-equiv="refresh" content="{REFRESH_S}">' if refresh else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{again}<title>{escape(title)} · Quizrun operators</title>"
        '<link rel="stylesheet" href="/admin/admin.css"></head><body>'
        '<header><a class="brand" href="/admin">Quizrun <span>operators</span></a>'
        f"<time>{_clock(int(datetime.now(UTC).timestamp() * 1000))}</time></header>"
        f"<main>{body}</main></body></html>"
    )


def _servers(servers: list[ServerView]) -> str:
    chips = "".join(
        f'<li class="{"up" if one.ok else "down"}">{escape(server_name(one.name))} '
        f"<span>{f'{one.ms} ms' if one.ok else escape(one.error or 'no response')}</span></li>"
        for one in servers
    )
    return f'<ul class="servers" aria-label="Servers">{chips}</ul>'


def _row(report: RunReport, diagnosis: Diagnosis) -> str:
    verdict = diagnosis.verdict
    late = f" {_duration(report.overdue_ms)}" if verdict == "stalled" else ""
    cells = (
        ("Quiz", f'<a href="/admin/runs/{report.run_id}">{escape(report.title)}</a>'),
        ("PIN", escape(report.pin)),
        ("Phase", escape(_phase(report))),
        ("Question", f"{report.question} of {report.question_count}"),
        ("Players", str(report.players)),
        ("Answered", str(report.answered)),
        ("State", f'<span class="state {verdict}">{_WORDS[verdict]}{late}</span>'),
    )
    columns = "".join(f'<td data-label="{name}">{value}</td>' for name, value in cells)
    return f"<tr>{columns}</tr>"


def _facts(report: RunReport) -> list[tuple[str, str]]:
    late = f" ({_duration(report.overdue_ms)} overdue)" if report.overdue_ms else ""
    redis = "none" if report.redis_version is None else str(report.redis_version)
    facts = [
        ("PIN", report.pin),
        ("Phase", _phase(report)),
        ("Question", f"{report.question} of {report.question_count}"),
        ("Deadline", _clock(report.deadline_at or report.expected_at) + late),
        ("Players", str(report.players)),
        ("Connected", "unknown" if report.connected is None else str(report.connected)),
        ("Answered", f"{report.answered} of {report.players}"),
        ("Host", report.host),
        ("Version", f"PostgreSQL {report.version}, Redis {redis}"),
    ]
    if workflow := report.workflow:
        doing = workflow.details.get("Doing now", "unknown")
        facts.append(("Workflow", f"{workflow.status}, {workflow.history_events} events; {doing}"))
        facts.append(("Workers", ", ".join(report.workers) or "none seen recently"))
    facts.append(("Run", report.run_id))
    return facts


def _buttons(report: RunReport) -> str:
    links = (
        f'<a class="button" href="{escape(report.temporal_ui)}" rel="noreferrer">'
        "Open in the Temporal UI</a>"
        if report.temporal_ui
        else ""
    )
    if report.finished_at is None:
        links += _command(report.run_id, "resume" if report.paused else "pause")
        links += f'<a class="button end" href="/admin/runs/{report.run_id}/end">End…</a>'
    return f'<nav class="buttons">{links}</nav>'


def _command(run_id: str, name: str) -> str:
    return (
        f'<form method="post" action="/admin/runs/{run_id}/{name}">'
        f'<button class="{name}">{name.capitalize()}</button></form>'
    )


def _steps(report: RunReport) -> str:
    steps = report.workflow.steps if report.workflow else []
    rows = "".join(
        f"<tr><td>{escape(step.name)}</td><td>{step.attempt}</td><td>{escape(step.state)}</td>"
        f"<td>{escape(step.last_failure or '')}</td></tr>"
        for step in steps
    )
    return _table("Pending activities", ("Activity", "Attempt", "State", "Last failure"), rows)


def _gateways(report: RunReport) -> str:
    rows = "".join(
        f"<tr><td>{escape(one.gateway)}</td><td>{one.connected}</td><td>{one.answered}</td></tr>"
        for one in report.gateways
    )
    return _table("Connections", ("Gateway", "Players", "Answers"), rows)


def _actions(report: RunReport) -> str:
    rows = "".join(
        f"<tr><td>{_clock(one.at)}</td><td>{escape(one.operator)}</td><td>{escape(one.action)}</td>"
        f"<td>{escape(one.outcome)}</td></tr>"
        for one in report.actions
    )
    return _table("Operator actions", ("When", "Who", "Action", "Result"), rows)


def _table(title: str, heads: tuple[str, ...], rows: str) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{name}</th>" for name in heads)
    return (
        f'<h2>{title}</h2><div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _marked(text: str) -> str:
    """Escape `text` and mark commands in backquotes as code."""
    parts = text.split("`")
    return "".join(
        f"<code>{escape(part)}</code>" if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def _phase(report: RunReport) -> str:
    more = " (paused)" if report.paused else " (scoring)" if report.scoring else ""
    return report.phase + more


def _clock(at: int | None) -> str:
    if at is None:
        return "none"
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%H:%M:%S UTC")


def _duration(ms: int) -> str:
    return f"{ms / 1000:.0f} s" if ms < 120_000 else f"{ms / 60_000:.0f} min"
