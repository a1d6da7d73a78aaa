"""The configuration of Elasticsearch, Kibana and Filebeat, as far as it can be checked without
them: structure, references, and existence of fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.elastic.generate import HERE, files
from deploy.elastic.mappings import SHIPPER_FIELDS, component_template, flattened
from telemetry.log_fields import index_types

AGGREGATABLE = {"keyword", "long", "float", "boolean", "date_nanos"}
KUERY_FIELD = re.compile(r"([\w@.]+)\s*:")


def load(name: str) -> Any:
    return json.loads((HERE / name).read_text())


@pytest.fixture(scope="module")
def mapped() -> dict[str, str]:
    return flattened(component_template()["template"]["mappings"]["properties"])


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    text = (HERE / "kibana" / "quizrun.ndjson").read_text()
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_generated_files_are_up_to_date(path: Path) -> None:
    assert path.read_text() == files()[path], "run python -m deploy.elastic.generate"


def test_every_field_of_a_line_is_mapped(mapped: dict[str, str]) -> None:
    assert mapped == {**SHIPPER_FIELDS, **index_types()}


def test_the_index_template_uses_the_components_installed_by_setup() -> None:
    template, setup = load("index-template.json"), (HERE / "setup.sh").read_text()
    assert template["data_stream"] == {}
    for component in template["composed_of"]:
        assert f"_component_template/{component} " in setup
    assert "_index_template/quizrun-logs " in setup
    policy = load("component-lifecycle.json")["template"]["settings"]["index.lifecycle.name"]
    assert f"_ilm/policy/{policy} " in setup


def test_the_lifecycle_rolls_over_and_deletes(mapped: dict[str, str]) -> None:
    phases = load("ilm-policy.json")["policy"]["phases"]
    assert set(phases) == {"hot", "warm", "delete"}
    assert set(phases["hot"]["actions"]["rollover"]) == {"max_primary_shard_size", "max_age"}
    assert phases["delete"]["actions"] == {"delete": {}}
    ages = [re.fullmatch(r"(\d+)(ms|d)", phase["min_age"]) for phase in phases.values()]
    assert all(ages)


def test_saved_objects_are_of_known_types_and_their_references_resolve(
    objects: list[dict[str, Any]],
) -> None:
    known = {(one["type"], one["id"]) for one in objects}
    assert len(known) == len(objects)
    assert {kind for kind, _ in known} == {"index-pattern", "search", "visualization", "dashboard"}
    for one in objects:
        for reference in one["references"]:
            assert (reference["type"], reference["id"]) in known
        assert set(_named_references(one)) <= {r["name"] for r in one["references"]}


def test_the_data_view_reads_what_filebeat_writes(objects: list[dict[str, Any]]) -> None:
    (view,) = [one["attributes"] for one in objects if one["type"] == "index-pattern"]
    shipped = yaml.safe_load((HERE / "filebeat.yml").read_text())
    prefix = view["title"].removesuffix("*")
    assert shipped["output.elasticsearch"]["index"].startswith(prefix)
    assert load("index-template.json")["index_patterns"] == [view["title"]]
    assert view["timeFieldName"] == "@timestamp"


def test_every_field_that_kibana_shows_exists(
    objects: list[dict[str, Any]], mapped: dict[str, str]
) -> None:
    for one in objects:
        assert set(_fields(one)) <= mapped.keys(), one["id"]
        for field in _aggregated(one):
            assert mapped[field] in AGGREGATABLE, (one["id"], field)


def test_the_dashboard_shows_the_story_of_a_chosen_run(
    objects: list[dict[str, Any]],
) -> None:
    (dashboard,) = [one["attributes"] for one in objects if one["type"] == "dashboard"]
    (control,) = json.loads(dashboard["controlGroupInput"]["panelsJSON"]).values()
    assert control["explicitInput"]["fieldName"] == "quizrun.run_id"
    places = [panel["gridData"] for panel in json.loads(dashboard["panelsJSON"])]
    assert all(place["x"] + place["w"] <= 48 for place in places)
    (story,) = [one["attributes"] for one in objects if one["id"] == "quizrun-story"]
    assert story["sort"] == [["@timestamp", "asc"], ["event.sequence", "asc"]]


def test_filebeat_ships_lines_unchanged() -> None:
    shipped = yaml.safe_load((HERE / "filebeat.yml").read_text())
    for source in shipped["filebeat.inputs"]:
        parser = source["parsers"][-1]["ndjson"]
        assert parser == {
            "target": "",
            "overwrite_keys": True,
            "expand_keys": True,
            "add_error_key": True,
        }
    assert not shipped["setup.template.enabled"]
    assert "changeme" not in (HERE / "filebeat.yml").read_text()


def _named_references(one: dict[str, Any]) -> Iterator[str]:
    """The names of references used in an object's attributes."""
    attributes = one["attributes"]
    source = json.loads(attributes.get("kibanaSavedObjectMeta", {}).get("searchSourceJSON", "{}"))
    if "indexRefName" in source:
        yield source["indexRefName"]
    for panel in json.loads(attributes.get("panelsJSON", "[]")):
        yield f"{panel['panelIndex']}:{panel['panelRefName']}"
    controls = attributes.get("controlGroupInput", {}).get("panelsJSON", "{}")
    for control in json.loads(controls):
        yield f"controlGroup_{control}:optionsListDataView"


def _fields(one: dict[str, Any]) -> Iterator[str]:
    attributes = one["attributes"]
    yield from attributes.get("columns", [])
    yield from (field for field, _ in attributes.get("sort", []))
    meta = json.loads(attributes.get("kibanaSavedObjectMeta", {}).get("searchSourceJSON", "{}"))
    yield from KUERY_FIELD.findall(meta.get("query", {}).get("query", ""))
    yield from _aggregated(one)


def _aggregated(one: dict[str, Any]) -> Iterator[str]:
    attributes = one["attributes"]
    yield from (field for field, _ in attributes.get("sort", []))
    for aggregation in json.loads(attributes.get("visState", '{"aggs": []}'))["aggs"]:
        if "field" in aggregation["params"]:
            yield aggregation["params"]["field"]
    controls = attributes.get("controlGroupInput", {}).get("panelsJSON", "{}")
    for control in json.loads(controls).values():
        yield control["explicitInput"]["fieldName"]
