"""Whether one of the servers answers, as gateways and workers see it."""

from __future__ import annotations

from deploy.grafana.model import Limit, Panel, Prom, Variable
from deploy.grafana.promql import CHOSEN

INSTANCES = (Variable("instance", "Gateway or worker", "quizrun-.*"),)
"""All dashboards of servers show what the chosen processes see."""


def reached(dependency: str, name: str, consequence: str) -> Panel:
    """One line for each process: up or down."""
    return Panel(
        f"Who reaches {name}?",
        f"Checked every 2 s. {consequence} One process alone: its network or its credentials.",
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
