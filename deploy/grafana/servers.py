"""Whether a server is reachable from gateways and workers."""

from __future__ import annotations

from deploy.grafana.model import Limit, Panel, Prom, Variable
from deploy.grafana.promql import CHOSEN

INSTANCES = (Variable("instance", "Gateway or worker", "quizrun-.*"),)
"""The dashboards of servers all show the view of the chosen processes."""


def reachability(dependency: str, name: str, consequence: str) -> Panel:
    """Return a panel with a line per process: up or down."""
    return Panel(
        f"Who reaches {name}?",
        f"Checked every 2 s. {consequence} If only one process: its network or credentials.",
        [
            Prom(
                f'quizrun_dependency_up{{{CHOSEN},dependency="{dependency}"}}',
                "{{instance}}",
            )
        ],
        "bool",
        limit=Limit(1, "below"),
        alerts=["QuizrunDependencyDown", "QuizrunDependencyUnreachable"],
    )
