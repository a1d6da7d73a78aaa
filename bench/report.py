"""Print figures as tables, and write them as JSON."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.table import Table

from bench.rivals.compare import CPU_FIGURES, STORED, cpu_ratio, medians
from bench.rivals.servers import RIVALS

LATEST = Path(__file__).with_name("results") / "latest.json"


def tables(document: dict[str, Any]) -> list[Table]:
    """Return the tables of everything that was measured."""
    made = []
    if rivals := document.get("rivals"):
        made += [_comparison(rivals["samples"]), *_ratios(rivals["samples"])]
    runs = document.get("rooms", []) + document.get("many", [])
    if runs:
        made.append(_runs(runs))
    if idle := document.get("idle"):
        made += [_idle_stack(idle["stack"]), _idle(idle)]
    return made


def machine(load_before: tuple[float, float, float]) -> dict[str, Any]:
    """Describe the machine, and how busy it was before."""
    return {
        "taken_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": {
            "cpus": os.cpu_count(),
            "system": platform.system(),
            "architecture": platform.machine(),
            "python": platform.python_version(),
            "load_before": [round(load, 2) for load in load_before],
        },
    }


def write(document: dict[str, Any], path: Path) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")


def _runs(samples: list[dict[str, Any]]) -> Table:
    """Return a table with a column per sample."""
    made = Table(title="Milliseconds, unless stated otherwise", title_justify="left")
    made.add_column("runs × players", no_wrap=True)
    for sample in samples:
        title = f"{sample['runs']:,} × {sample['players']:,}"
        made.add_column(title, justify="right", no_wrap=True)
    for label, row in _ROWS:
        made.add_row(label, *(row(sample) for sample in samples))
    return made


def _comparison(samples: list[dict[str, Any]]) -> Table:
    """Return medians over the rounds, with microseconds of server CPU per message."""
    made = Table(title="Medians over the rounds; µs of the server's CPU", title_justify="left")
    for name in ("sockets", "server", *(title for title, _, _ in _FIGURES)):
        made.add_column(name, justify="left" if name == "server" else "right", no_wrap=True)
    for sockets in sorted({one["sockets"] for one in samples}):
        present = {one["rival"] for one in samples if one["sockets"] == sockets}
        for rival in (*(one.name for one in RIVALS), *STORED):
            if rival in present:
                of = medians(samples, sockets, rival)
                shown = [form.format(of[key]) if key in of else "–" for _, key, form in _FIGURES]
                made.add_row(f"{sockets:,}", rival, *shown)
    return made


_FIGURES = (
    ("broadcast/s", "broadcast.per_s", "{:,.0f}"),
    ("µs each", "broadcast.cpu_us", "{:.1f}"),
    ("one by one, µs each", "single.cpu_us", "{:.1f}"),
    ("all reached, ms", "single.ms", "{:.1f}"),
    ("acks/s", "acks.per_s", "{:,.0f}"),
    ("µs each", "acks.cpu_us", "{:.1f}"),
    ("KB/socket", "rss_kb_per_socket", "{:.1f}"),
)


def _ratios(samples: list[dict[str, Any]]) -> Iterator[Table]:
    """Yield our CPU per message divided by that of the cheapest other server."""
    rows = [
        (sockets, [cpu_ratio(samples, sockets, figure) for figure in CPU_FIGURES])
        for sockets in sorted({one["sockets"] for one in samples})
    ]
    if any(None in cells for _, cells in rows):
        return
    made = Table(title="CPU per message, ours : the best other server", title_justify="left")
    for name in ("sockets", *CPU_FIGURES):
        made.add_column(name, justify="right", no_wrap=True)
    for sockets, cells in rows:
        shown = [f"{cell[0]:.2f} × {cell[1]}" for cell in cells if cell]
        made.add_row(f"{sockets:,}", *shown)
    yield made


def _idle_stack(found: dict[str, Any]) -> Table:
    """Return a table with a row per process."""
    made = Table(title="Idle: percent of a core / MB", title_justify="left")
    made.add_column("")
    for title in ("no runs", f"{found['lobbies']:,} lobbies", "a player in each"):
        made.add_column(title, justify="right")
    states = [found[state] for state in ("empty", "open", "waiting")]
    for name in states[0]["cpu_percent"]:
        cells = (f"{one['cpu_percent'][name]:.2f} / {one['rss_mb'][name]}" for one in states)
        made.add_row(name, *cells)
    totals = (f"{one['total_cpu_percent']:.1f} / {one['total_rss_mb']}" for one in states)
    made.add_row("all", *totals)
    return made


def _idle(found: dict[str, Any]) -> Table:
    made = Table(title="Idling and reconnecting", title_justify="left")
    made.add_column(f"{found['players']:,} players")
    made.add_column("", justify="right")
    made.add_row("gateway memory per player, KB", f"{found['gateway_kb_per_player']:.1f}")
    made.add_row("gateway while all idle, cores", f"{found['idle_gateway_cores']:.3f}")
    back = " / ".join(f"{found['back'][key]:.0f}" for key in ("p50", "p95", "p99"))
    made.add_row(f"{found['returning']:,} reconnect, ms", back)
    made.add_row("  all reconnected after, s", f"{found['all_back_s']:.1f}")
    made.add_row("  gateway CPU for it, s", f"{found['storm_cpu_s']['gateway']:.1f}")
    return made


def _three(name: str) -> Any:
    return lambda sample: " / ".join(f"{sample[name][key]:.0f}" for key in ("p50", "p95", "p99"))


def _cpu(part: str, process: str) -> Any:
    def total(sample: dict[str, Any]) -> str:
        spent = sample["cpu_s"][part]
        return f"{sum(used for name, used in spent.items() if name.startswith(process)):.1f}"

    return total


def _each(sample: dict[str, Any], process: str) -> str:
    cost = sample["cpu_ms_per_answer"]
    return f"{cost[process]:.3f}" if cost else ""


_ROWS: list[tuple[str, Any]] = [
    ("join (all: p50 / p95 / p99)", _three("join")),
    ("all joined after, s", lambda sample: f"{sample['join_total_s']:.1f}"),
    ("a host's start", lambda s: _three("start")(s) if "start" in s else ""),
    ("question received after sending", _three("question")),
    ("  lead before it opens", lambda sample: f"{sample['lead_ms']}"),
    (
        "  received before it opens, %",
        lambda sample: f"{sample['question']['before_open_percent']:.2f}",
    ),
    (
        "  first player → last, p50 / max",
        lambda sample: (
            f"{sample['question']['spread']['p50']:.0f} / {sample['question']['spread']['max']:.0f}"
        ),
    ),
    ("  late by", _three("late")),
    ("  later than scheduled", lambda s: _three("schedule")(s) if "schedule" in s else ""),
    ("durable ack", _three("ack")),
    (
        "  p99 of the worst question",
        lambda s: f"{max((one['ack']['p99'] for one in s['by_question']), default=0):.0f}",
    ),
    ("reveal received after the deadline", _three("reveal")),
    ("thousands of messages to players", lambda s: f"{sum(s['messages'].values()) / 1000:.1f}"),
    ("  of them progress", lambda s: f"{s['messages'].get('progress', 0) / 1000:.1f}"),
    ("generator late by", _three("generator_lag")),
    ("CPU while joining, s: gateway", _cpu("joining", "gateway")),
    ("CPU while playing, s: gateway", _cpu("playing", "gateway")),
    ("  worker", _cpu("playing", "worker")),
    ("  PostgreSQL", _cpu("playing", "postgres")),
    ("  Temporal", _cpu("playing", "temporal")),
    ("  Kafka", _cpu("playing", "kafka")),
    ("  load generator, with joining", lambda s: f"{s['cpu_s']['generators']:.1f}"),
    ("CPU per answer: gateway", lambda s: _each(s, "gateway")),
    ("  PostgreSQL", lambda s: _each(s, "postgres")),
    ("gateway memory per player, KB", lambda s: f"{s['gateway_kb_per_player']:.0f}"),
    ("wrong", lambda sample: str(len(sample["problems"]) or "nothing")),
]
