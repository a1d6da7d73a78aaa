"""What a dashboard is made of, before it becomes Grafana's JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["timeseries", "stat", "bargauge", "table", "logs"]
Unit = Literal["short", "s", "ms", "bytes", "percentunit", "reqps", "ops", "mps", "cps", "bool"]
"""Units by Grafana's names: `reqps`, `ops`, `mps` and `cps` are requests, operations, messages and
counts per second; `bool` is ours, for 1 (up) and 0 (down).
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """The value at which a panel turns red: at and above it, or below it."""

    value: float
    bad: Literal["above", "below"] = "above"


@dataclass(frozen=True, slots=True)
class Prom:
    """A PromQL query and the name of its series in the legend."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Elastic:
    """A search of the log index, in Lucene's syntax.

    Without `value`, lines are counted; with it, the field's maximum is drawn. `by` makes a
    series of each value of a field. `columns` turns the search into a table.
    """

    query: str
    legend: str = ""
    value: str | None = None
    by: str | None = None
    columns: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: `title` states or asks something, `description` says what to do about it."""

    title: str
    description: str
    queries: Sequence[Prom | Elastic]
    unit: Unit = "short"
    kind: Kind = "timeseries"
    width: int = 12
    height: int = 8
    limit: Limit | None = None
    alerts: Sequence[str] = ()
    """Alerts whose runbooks are linked."""


@dataclass(frozen=True, slots=True)
class Row:
    """A heading with the panels below it."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Variable:
    """What a reader chooses at the top: an instance of `job`, or, without `job`, a text."""

    name: str
    label: str
    job: str | None = None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page. Its address in Grafana is `/d/{uid}`."""

    uid: str
    title: str
    description: str
    rows: Sequence[Row]
    variables: Sequence[Variable] = field(default=())

    @property
    def panels(self) -> list[Panel]:
        """All panels, without the headings."""
        return [panel for row in self.rows for panel in row.panels]
