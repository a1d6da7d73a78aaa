"""Convert log searches to Grafana's JSON model."""

from __future__ import annotations

from typing import Any

from deploy.grafana.model import Elastic, Kind, Panel

ELASTICSEARCH = {"type": "elasticsearch", "uid": "quizrun-elasticsearch"}
TIME = "@timestamp"
MOST_LINES = "500"
MOST_SERIES = "30"


def elastic_target(kind: Kind, query: Elastic, ref: str) -> dict[str, Any]:
    """Return a panel's query."""
    common = {
        "refId": ref,
        "datasource": ELASTICSEARCH,
        "query": query.query,
        "alias": query.legend,
        "timeField": TIME,
    }
    if kind == "logs":
        lines = {"id": "1", "type": "logs", "settings": {"limit": MOST_LINES}}
        return {**common, "metrics": [lines], "bucketAggs": []}
    if query.columns:
        documents = {"id": "1", "type": "raw_data", "settings": {"size": MOST_LINES}}
        return {**common, "metrics": [documents], "bucketAggs": []}
    return {**common, "metrics": [_metric(query)], "bucketAggs": _buckets(query)}


def table_transformations(panel: Panel) -> list[dict[str, Any]]:
    """Select and order the columns of a table; documents have far more fields."""
    columns = [
        name for query in panel.queries if isinstance(query, Elastic) for name in query.columns
    ]
    if panel.kind != "table":
        return []
    arrangement = {
        "indexByName": {name: place for place, name in enumerate(columns)},
        "renameByName": {name: name.removeprefix("quizrun.") for name in columns},
        "excludeByName": {},
    }
    sort = {"fields": {}, "sort": [{"field": TIME, "desc": False}]}
    return [
        {"id": "filterFieldsByName", "options": {"include": {"names": columns}}},
        {"id": "organize", "options": arrangement},
        {"id": "sortBy", "options": sort},
    ]


def _metric(query: Elastic) -> dict[str, Any]:
    if query.value is None:
        return {"id": "1", "type": "count"}
    return {"id": "1", "type": "max", "field": query.value}


def _buckets(query: Elastic) -> list[dict[str, Any]]:
    time = {
        "id": "3",
        "type": "date_histogram",
        "field": TIME,
        "settings": {"interval": "auto", "min_doc_count": "0" if query.value is None else "1"},
    }
    if query.by is None:
        return [time]
    series = {
        "id": "2",
        "type": "terms",
        "field": query.by,
        "settings": {
            "size": MOST_SERIES,
            "order": "desc",
            "orderBy": "_count",
            "min_doc_count": "1",
        },
    }
    return [series, time]
