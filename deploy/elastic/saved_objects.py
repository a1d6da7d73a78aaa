"""Kibana's saved objects: a data view, searches, and the dashboard "Story of one run"."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

DATA_VIEW = "quizrun-logs"
INDICES = "logs-quizrun-*"
SOURCE_REF = "kibanaSavedObjectMeta.searchSourceJSON.index"
RUN_CONTROL = "run"
# The versions in which the objects are written; Kibana migrates them to its own.
CORE_FORMAT = "8.8.0"
FORMATS = {
    "index-pattern": "8.0.0",
    "search": "8.0.0",
    "visualization": "8.5.0",
    "dashboard": "8.9.0",
}

STORY_COLUMNS = (
    *("service.node.name", "event.action", "quizrun.version", "quizrun.phase"),
    *("quizrun.question", "quizrun.players", "quizrun.answered", "quizrun.command"),
    *("quizrun.attempt", "error.message"),
)
PROBLEM_COLUMNS = (
    *("log.level", "service.node.name", "event.action", "quizrun.run_id"),
    *("error.type", "error.message"),
)


def saved_objects() -> list[dict[str, Any]]:
    """Return all objects, referenced ones first."""
    return [
        _object("index-pattern", DATA_VIEW, _data_view(), []),
        _search(
            "quizrun-story",
            "Story of runs",
            "quizrun.run_id : *",
            STORY_COLUMNS,
            newest_first=False,
        ),
        _search(
            "quizrun-problems",
            "Warnings and errors",
            "log.level : (warning or error or critical)",
            PROBLEM_COLUMNS,
        ),
        _search(
            "quizrun-outages",
            "Outages of servers",
            "event.action : (dependency.down or dependency.up)",
            ("service.node.name", "event.action", "quizrun.dependency", "quizrun.after_s"),
        ),
        _search(
            "quizrun-steps",
            "Steps that failed and recovered",
            "event.action : (step.failed or step.recovered)",
            ("quizrun.run_id", "quizrun.activity", "quizrun.attempt", "error.type"),
        ),
        _search(
            "quizrun-requests",
            "Lines of one HTTP request",
            "http.request.id : *",
            ("http.request.id", "service.node.name", "event.action", "quizrun.run_id"),
        ),
        _visualization(
            "quizrun-lines-by-process",
            "Lines by process",
            "histogram",
            [_over_time(), _terms("3", "service.node.name", "group")],
        ),
        _visualization(
            "quizrun-events", "Events", "table", [_terms("2", "event.action", "bucket", size=50)]
        ),
        _dashboard(),
    ]


def as_ndjson() -> str:
    """Return the file to import into Kibana."""
    return "".join(json.dumps(one, sort_keys=True) + "\n" for one in saved_objects())


def _data_view() -> dict[str, Any]:
    return {"title": INDICES, "name": "Quizrun logs", "timeFieldName": "@timestamp"}


def _search(
    name: str, title: str, query: str, columns: Sequence[str], *, newest_first: bool = True
) -> dict[str, Any]:
    order = "desc" if newest_first else "asc"
    attributes = {
        "title": f"Quizrun: {title}",
        "columns": list(columns),
        # Within a tick of the clock, the sequence has the order in which a process wrote.
        "sort": [["@timestamp", order], ["event.sequence", order]],
        "kibanaSavedObjectMeta": _source(query),
    }
    return _object("search", name, attributes, [_source_reference()])


def _visualization(
    name: str, title: str, kind: str, buckets: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    count = {"id": "1", "enabled": True, "type": "count", "schema": "metric", "params": {}}
    state = {
        "title": f"Quizrun: {title}",
        "type": kind,
        "aggs": [count, *buckets],
        "params": {"type": kind, "addTooltip": True, "addLegend": True, "legendPosition": "right"},
    }
    attributes = {
        "title": state["title"],
        "visState": json.dumps(state, sort_keys=True),
        "uiStateJSON": "{}",
        "kibanaSavedObjectMeta": _source(""),
    }
    return _object("visualization", name, attributes, [_source_reference()])


def _over_time() -> dict[str, Any]:
    params = {"field": "@timestamp", "interval": "auto", "min_doc_count": 1}
    return {
        "id": "2",
        "enabled": True,
        "type": "date_histogram",
        "schema": "segment",
        "params": params,
    }


def _terms(number: str, field: str, schema: str, size: int = 20) -> dict[str, Any]:
    params = {"field": field, "size": size, "order": "desc", "orderBy": "1"}
    return {"id": number, "enabled": True, "type": "terms", "schema": schema, "params": params}


def _dashboard() -> dict[str, Any]:
    panels = [
        ("search", "quizrun-story", (0, 0, 48, 24)),
        ("visualization", "quizrun-lines-by-process", (0, 24, 24, 12)),
        ("visualization", "quizrun-events", (24, 24, 24, 12)),
        ("search", "quizrun-problems", (0, 36, 48, 12)),
    ]
    control = {
        "type": "optionsListControl",
        "order": 0,
        "grow": True,
        "width": "large",
        "explicitInput": {
            "id": RUN_CONTROL,
            "fieldName": "quizrun.run_id",
            "title": "Run",
            "singleSelect": True,
            "enhancements": {},
        },
    }
    attributes = {
        "title": "Quizrun: Story of one run",
        "description": "Choose a run to see what was decided, where it was done, and what failed.",
        "timeRestore": True,
        "timeFrom": "now-24h",
        "timeTo": "now",
        "optionsJSON": json.dumps({"useMargins": True, "hidePanelTitles": False}),
        "panelsJSON": json.dumps([_panel(*panel) for panel in panels], sort_keys=True),
        "controlGroupInput": {
            "chainingSystem": "HIERARCHICAL",
            "controlStyle": "oneLine",
            "ignoreParentSettingsJSON": "{}",
            "panelsJSON": json.dumps({RUN_CONTROL: control}, sort_keys=True),
        },
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": json.dumps(
                {"query": {"language": "kuery", "query": ""}, "filter": []}
            )
        },
    }
    references = [
        *(_reference(f"{name}:panel_{name}", kind, name) for kind, name, _ in panels),
        _reference(f"controlGroup_{RUN_CONTROL}:optionsListDataView", "index-pattern", DATA_VIEW),
    ]
    return _object("dashboard", "quizrun-story-of-one-run", attributes, references)


def _panel(kind: str, name: str, place: tuple[int, int, int, int]) -> dict[str, Any]:
    x, y, width, height = place
    return {
        "type": kind,
        "panelIndex": name,
        "panelRefName": f"panel_{name}",
        "gridData": {"x": x, "y": y, "w": width, "h": height, "i": name},
        "embeddableConfig": {"enhancements": {}},
    }


def _source(query: str) -> dict[str, str]:
    source = {
        "indexRefName": SOURCE_REF,
        "query": {"language": "kuery", "query": query},
        "filter": [],
    }
    return {"searchSourceJSON": json.dumps(source, sort_keys=True)}


def _source_reference() -> dict[str, str]:
    return _reference(SOURCE_REF, "index-pattern", DATA_VIEW)


def _reference(name: str, kind: str, of: str) -> dict[str, str]:
    return {"name": name, "type": kind, "id": of}


def _object(
    kind: str, name: str, attributes: dict[str, Any], references: list[dict[str, str]]
) -> dict[str, Any]:
    return {
        "type": kind,
        "id": name,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": CORE_FORMAT,
        "typeMigrationVersion": FORMATS[kind],
    }
