"""Convert dashboards to Grafana's JSON model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.grafana.elastic_json import elastic_target, table_transformations
from deploy.grafana.model import Dashboard, Elastic, Limit, Panel, Prom, Variable

SCHEMA_VERSION = 41
COLUMNS = 24
PROMETHEUS = {"type": "prometheus", "uid": "quizrun-prometheus"}
TAG = "quizrun"
PROMETHEUS_CONFIG = Path(__file__).parents[1] / "prometheus" / "prometheus.yml"


def runbooks_url() -> str:
    """Return the base URL of runbooks, from the same line that alerts use."""
    found = re.search(r"^    runbooks: (\S+)$", PROMETHEUS_CONFIG.read_text(), re.MULTILINE)
    if found is None:
        raise ValueError(f"{PROMETHEUS_CONFIG} has no external label `runbooks`.")
    return found[1]


def dashboard_json(dashboard: Dashboard) -> dict[str, Any]:
    """Return the document for Grafana's provisioning."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": [TAG],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,  # one crosshair on all panels
        "refresh": "10s",
        "time": {"from": "now-30m", "to": "now"},
        "timezone": "browser",
        "links": [_other_dashboards()],
        "templating": {"list": [_variable(one) for one in dashboard.variables]},
        "annotations": {"list": []},
        "panels": list(_panels(dashboard)),
    }


def _panels(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    """Yield the panels, laid out from left to right and top to bottom."""
    number, y = 0, 0
    for row in dashboard.rows:
        number += 1
        yield {
            "id": number,
            "type": "row",
            "title": row.title,
            "collapsed": False,
            "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1},
            "panels": [],
        }
        y += 1
        x = line_height = 0
        for panel in row.panels:
            if x + panel.width > COLUMNS:
                x, y, line_height = 0, y + line_height, 0
            number += 1
            place = {"x": x, "y": y, "w": panel.width, "h": panel.height}
            yield {"id": number, "gridPos": place, **_panel(panel)}
            x += panel.width
            line_height = max(line_height, panel.height)
        y += line_height


def _panel(panel: Panel) -> dict[str, Any]:
    targets = [_target(panel, query, chr(ord("A") + n)) for n, query in enumerate(panel.queries)]
    links = [
        {"title": f"Runbook: {alert}", "url": f"{runbooks_url()}/{alert}.md", "targetBlank": True}
        for alert in panel.alerts
    ]
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": targets[0]["datasource"],
        "targets": targets,
        "links": links,
        "fieldConfig": {"defaults": _field_defaults(panel), "overrides": []},
        "options": _options(panel),
        "transformations": table_transformations(panel),
    }


def _target(panel: Panel, query: Prom | Elastic, ref: str) -> dict[str, Any]:
    if isinstance(query, Elastic):
        return elastic_target(panel.kind, query, ref)
    latest = panel.kind in ("stat", "bargauge")
    return {
        "refId": ref,
        "datasource": PROMETHEUS,
        "expr": query.expr,
        "legendFormat": query.legend,
        "editorMode": "code",
        "range": not latest,
        "instant": latest,
    }


def _field_defaults(panel: Panel) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "unit": "short" if panel.unit == "bool" else panel.unit,
        "thresholds": {"mode": "absolute", "steps": _steps(panel.limit)},
    }
    if panel.unit == "bool":
        words = {
            "0": {"text": "down", "color": "red", "index": 0},
            "1": {"text": "up", "color": "green", "index": 1},
        }
        defaults["mappings"] = [{"type": "value", "options": words}]
    if panel.kind == "timeseries":
        defaults["color"] = {"mode": "palette-classic"}
        defaults["custom"] = _drawing(panel)
    else:
        defaults["color"] = {"mode": "thresholds"}
    return defaults


def _drawing(panel: Panel) -> dict[str, Any]:
    counts_lines = all(isinstance(one, Elastic) and one.value is None for one in panel.queries)
    return {
        "drawStyle": "bars" if counts_lines else "line",
        "fillOpacity": 60 if counts_lines else 8,
        "stacking": {"mode": "normal" if counts_lines else "none", "group": "A"},
        "lineWidth": 1,
        # Quantiles have gaps when nothing happens; show isolated points, too.
        "showPoints": "auto",
        "spanNulls": False,
        "thresholdsStyle": {"mode": "dashed" if panel.limit else "off"},
    }


def _steps(limit: Limit | None) -> list[dict[str, Any]]:
    if limit is None:
        return [{"color": "green", "value": None}]
    first, then = ("green", "red") if limit.bad == "above" else ("red", "green")
    return [{"color": first, "value": None}, {"color": then, "value": limit.value}]


def _options(panel: Panel) -> dict[str, Any]:
    latest = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    match panel.kind:
        case "timeseries":
            return {
                "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                "tooltip": {"mode": "multi", "sort": "desc"},
            }
        case "stat":
            return {"reduceOptions": latest, "colorMode": "value", "textMode": "auto"}
        case "bargauge":
            return {"reduceOptions": latest, "orientation": "horizontal"}
        case "table":
            return {"showHeader": True, "cellHeight": "sm"}
        case "logs":
            return {"showTime": True, "sortOrder": "Ascending", "enableLogDetails": True}


def _variable(variable: Variable) -> dict[str, Any]:
    if variable.job is None:
        return {
            "name": variable.name,
            "label": variable.label,
            "type": "textbox",
            "query": "",
            "current": {"text": "", "value": ""},
        }
    query = f'label_values(up{{job=~"{variable.job}"}}, instance)'
    return {
        "name": variable.name,
        "label": variable.label,
        "type": "query",
        "datasource": PROMETHEUS,
        "query": {"query": query, "refId": variable.name},
        "definition": query,
        "refresh": 2,  # refresh when the time range changes, as instances come and go
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _other_dashboards() -> dict[str, Any]:
    return {
        "type": "dashboards",
        "title": "Quizrun",
        "tags": [TAG],
        "asDropdown": True,
        "includeVars": False,
        "keepTime": True,
        "targetBlank": False,
    }
