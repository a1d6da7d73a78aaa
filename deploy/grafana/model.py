"""The model of a dashboard, independent of Grafana's JSON."""

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
    """The threshold at which a panel turns red: at and above it, or below it."""

    value: float
    bad: Literal["above", "below"] = "above"


@dataclass(frozen=True, slots=True)
class Prom:
    """A PromQL query and the legend of its series."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Elastic:
    """A search of the log index, in Lucene's syntax.

    Draws the number of lines, or the maximum of the field `value`. `by` splits it into a series per
    value of a field. `columns` turns the search into a table.
    """

    query: str
    legend: str = ""
    value: str | None = None
    by: str | None = None
    columns: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel: `title` states or asks something, `description` says what to do about it."""

    title: str
    description: str
    queries: Sequence[Prom | Elastic]
    unit: Unit = "short"
    kind: Kind = "timeseries"
    width: int = 12
    height: int = 8
    limit: Limit | None = None
    alerts: Sequence[str] = ()
    """Alerts whose runbooks to link."""


@dataclass(frozen=True, slots=True)
class Row:
    """A heading and its panels."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Variable:
    """A reader's choice at the top: an instance of `job`, or free text without `job`."""

    name: str
    label: str
    job: str | None = None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard. Its URL in Grafana is `/d/{uid}`."""

    uid: str
    title: str
    description: str
    rows: Sequence[Row]
    variables: Sequence[Variable] = field(default=())

    @property
    def panels(self) -> list[Panel]:
        """All panels, without headings."""
        return [panel for row in self.rows for panel in row.panels]
