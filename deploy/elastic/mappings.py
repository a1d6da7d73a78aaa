"""The mappings of the log index, generated from the table of log fields."""

from __future__ import annotations

from typing import Any

from telemetry.log_fields import index_types

SHIPPER_FIELDS = {
    "agent.id": "keyword",
    "agent.name": "keyword",
    "agent.version": "keyword",
    "container.id": "keyword",
    "host.name": "keyword",
    "input.type": "keyword",
    "kubernetes.container.name": "keyword",
    "kubernetes.namespace": "keyword",
    "kubernetes.node.name": "keyword",
    "kubernetes.pod.name": "keyword",
    "log.file.path": "keyword",
    "log.offset": "long",
    "service.environment": "keyword",
}
"""Fields added by Filebeat, with their types."""
KEYWORD_CHARS = 1_024


def component_template() -> dict[str, Any]:
    """Return the component template `quizrun-logs-mappings`.

    Fields that it does not name are stored, but not indexed.
    """
    properties: dict[str, Any] = {}
    for name, kind in sorted({**SHIPPER_FIELDS, **index_types()}.items()):
        *parents, leaf = name.split(".")
        level = properties
        for parent in parents:
            level = level.setdefault(parent, {"properties": {}})["properties"]
        level[leaf] = {
            "type": kind,
            **({"ignore_above": KEYWORD_CHARS} if kind == "keyword" else {}),
        }
    return {
        "template": {"mappings": {"dynamic": False, "properties": properties}},
        "_meta": {"made_by": "python -m deploy.elastic.generate"},
    }


def flattened(properties: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Return field names with their types from the `properties` of mappings."""
    found: dict[str, str] = {}
    for name, mapping in properties.items():
        if "properties" in mapping:
            found |= flattened(mapping["properties"], f"{prefix}{name}.")
        else:
            found[prefix + name] = mapping["type"]
    return found
