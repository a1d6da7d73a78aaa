"""The figures as a table for people and as JSON for machines."""

from __future__ import annotations

import json
import os
import platform
import time
from pathlib import Path
from typing import Any

from rich.table import Table

LATEST = Path(__file__).with_name("results") / "latest.json"


def table(samples: list[dict[str, Any]]) -> Table:
    """One column for each size."""
    made = Table(title="Milliseconds, unless said otherwise", title_justify="left")
    made.add_column("players in one run", no_wrap=True)
    for sample in samples:
        made.add_column(f"{sample['players']:,}", justify="right", no_wrap=True)
    for label, row in _ROWS:
        made.add_row(label, *(row(sample) for sample in samples))
    return made


def write(
    samples: list[dict[str, Any]],
    size: dict[str, int],
    load_before: tuple[float, float, float],
    path: Path,
) -> None:
    """The figures with the machine that they were taken on, and how busy it was before."""
    document = {
        "taken_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": {
            "cpus": os.cpu_count(),
            "system": platform.system(),
            "architecture": platform.machine(),
            "python": platform.python_version(),
            "load_before": [round(load, 2) for load in load_before],
        },
        "stack": size,
        "samples": samples,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")


def _three(name: str) -> Any:
    return lambda sample: " / ".join(f"{sample[name][key]:.0f}" for key in ("p50", "p95", "p99"))


def _cpu(part: str, process: str) -> Any:
    def total(sample: dict[str, Any]) -> str:
        spent = sample["cpu_s"][part]
        return f"{sum(used for name, used in spent.items() if name.startswith(process)):.1f}"

    return total


_ROWS: list[tuple[str, Any]] = [
    ("join (all: p50 / p95 / p99)", _three("join")),
    ("all joined after, s", lambda sample: f"{sample['join_total_s']:.1f}"),
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
    ("durable ack", _three("ack")),
    (
        "  p99 of the worst question",
        lambda sample: f"{max(one['ack']['p99'] for one in sample['by_question']):.0f}",
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
    ("gateway memory for a player, KB", lambda s: f"{s['gateway_kb_per_player']:.0f}"),
    ("wrong", lambda sample: str(len(sample["problems"]) or "nothing")),
]
