"""Panels that gateways and workers share: processes with an event loop."""

from __future__ import annotations

from deploy.grafana.model import Limit, Panel, Prom, Row
from deploy.grafana.promql import CHOSEN, quantile


def processes(job: str) -> Row:
    """Return the panels about the processes of a job."""
    chosen = f'job="{job}",{CHOSEN}'
    return Row(
        "Are the processes healthy?",
        [
            Panel(
                "Is an event loop blocked?",
                "The 99th percentile of callback delay. Near the line, everything the process does "
                "is late: take a profile with py-spy, or add instances.",
                [
                    Prom(
                        quantile(
                            0.99, "quizrun_event_loop_lag_seconds", "instance", f'job="{job}"'
                        ),
                        "{{instance}}",
                    )
                ],
                "s",
                limit=Limit(0.25),
                alerts=["QuizrunEventLoopBlocked"],
            ),
            Panel(
                "How much of a core does each process use?",
                "A process has one event loop, so it uses one core at most. Above 80 % for long: "
                "add instances.",
                [
                    Prom(
                        f"rate(process_cpu_seconds_total{{{chosen}}}[$__rate_interval])",
                        "{{instance}}",
                    )
                ],
                "percentunit",
                limit=Limit(0.8),
            ),
            Panel(
                "How much memory do they use?",
                "It grows with the number of sockets or cached workflows. Growth without load is a "
                "leak: restart one and compare.",
                [Prom(f"process_resident_memory_bytes{{{chosen}}}", "{{instance}}")],
                "bytes",
                width=8,
            ),
            Panel(
                "Are file descriptors running out?",
                "Each socket uses one. Raise the limit, or add instances.",
                [
                    Prom(
                        f"process_open_fds{{{chosen}}} / process_max_fds{{{chosen}}}",
                        "{{instance}}",
                    )
                ],
                "percentunit",
                width=8,
                limit=Limit(0.8),
                alerts=["QuizrunFilesRunningOut"],
            ),
            Panel(
                "How long do scrapes take?",
                "Above 50 ms, the process is busy or has too many series.",
                [Prom(f"scrape_duration_seconds{{{chosen}}}", "{{instance}}")],
                "s",
                width=8,
                limit=Limit(0.05),
                alerts=["QuizrunScrapeSlow"],
            ),
        ],
    )
