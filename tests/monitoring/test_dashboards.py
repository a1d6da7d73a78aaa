"""Dashboards and their provisioning, without servers.

`test_alerts.py` checks that every panel shows data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.elastic.mappings import component_template, flattened
from deploy.grafana.as_json import COLUMNS, PROMETHEUS
from deploy.grafana.elastic_json import ELASTICSEARCH
from deploy.grafana.generate import DASHBOARDS, files
from deploy.grafana.model import Dashboard, Elastic, Panel
from deploy.grafana.objectives import ANSWER_S, BUDGETS, OBJECTIVES, PAGE_BURN_RATE, REVEAL_S
from tests.monitoring.panels import promql
from tests.monitoring.test_configuration import RUNBOOK_URL, RUNBOOKS, alerts
from tests.system.system import ROOT

GRAFANA = ROOT / "deploy" / "grafana"
DOCS = ROOT / "docs"
METRIC = re.compile(r"\b((?:quizrun|temporal)_[a-z_]+)")
SUFFIXES = ("_bucket", "_sum", "_count")
ELSEWHERE = {"quizrun_errors"}  # part of recorded series' names: slo:quizrun_errors:…
LUCENE_FIELD = re.compile(r"([\w.@]+):")
AGGREGATABLE = {"keyword", "long", "float", "boolean", "date_nanos"}
BY_UID = {one.uid: one for one in DASHBOARDS}


def document(uid: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GRAFANA / "dashboards" / f"{uid}.json").read_text())
    return found


def panels() -> Iterator[tuple[str, Panel]]:
    for dashboard in DASHBOARDS:
        for panel in dashboard.panels:
            yield f"{dashboard.uid}: {panel.title}", panel


def searches() -> Iterator[Elastic]:
    for _, panel in panels():
        yield from (query for query in panel.queries if isinstance(query, Elastic))


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_generated_files_are_up_to_date(path: Path) -> None:
    assert path.read_text() == files()[path], "run make generate"


def test_dashboard_files_match_the_dashboards() -> None:
    subjects = ("overview", "run", "gateways", "workers", "kafka", "postgres", "redis")
    assert set(BY_UID) == {f"quizrun-{subject}" for subject in subjects}
    assert {path.stem for path in (GRAFANA / "dashboards").iterdir()} == set(BY_UID)
    assert len({one.title for one in DASHBOARDS}) == len(DASHBOARDS)


@pytest.mark.parametrize("uid", BY_UID)
def test_grafana_can_read_the_document(uid: str) -> None:
    found = document(uid)
    assert found["uid"] == uid
    assert len(uid) <= 40
    assert "id" not in found  # specific to a Grafana database
    assert isinstance(found["schemaVersion"], int)
    assert found["schemaVersion"] >= 36  # data sources have uids since then
    ids = [panel["id"] for panel in found["panels"]]
    assert len(ids) == len(set(ids))
    variables = {one["name"] for one in found["templating"]["list"]}
    used = set(re.findall(r"\$(\w+)", json.dumps([one.get("targets") for one in found["panels"]])))
    assert {name for name in used if not name.startswith("__")} == variables
    for panel in found["panels"]:
        if panel["type"] == "row":
            continue
        refs = [target["refId"] for target in panel["targets"]]
        assert len(refs) == len(set(refs)) > 0
        assert all(target["datasource"] == panel["datasource"] for target in panel["targets"])
        steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        assert steps[0]["value"] is None


@pytest.mark.parametrize("uid", BY_UID)
def test_panels_do_not_overlap(uid: str) -> None:
    places = [panel["gridPos"] for panel in document(uid)["panels"]]
    for one in places:
        assert one["x"] >= 0
        assert one["x"] + one["w"] <= COLUMNS
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)


def test_panels_have_descriptions_and_runbook_links() -> None:
    for name, panel in panels():
        assert panel.title[0].isupper(), name
        assert len(panel.description) > 30, name
        assert panel.description.endswith("."), name
        for alert in panel.alerts:
            assert (RUNBOOKS / f"{alert}.md").exists(), name


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one.uid)
def test_titles_are_unique_per_dashboard(dashboard: Dashboard) -> None:
    titles = [panel.title for panel in dashboard.panels]
    assert len(titles) == len(set(titles))


def test_runbook_links_match_the_alerts() -> None:
    config = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    base = config["global"]["external_labels"]["runbooks"]
    links = [
        link["url"]
        for uid in BY_UID
        for panel in document(uid)["panels"]
        for link in panel.get("links", [])
    ]
    of_alerts = {alert["annotations"]["runbook_url"] for alert in alerts()}
    assert {link.replace(f"{base}/", RUNBOOK_URL) for link in links} <= of_alerts
    assert len(links) > 40


def test_thresholds_match_the_alerts() -> None:
    """Except burn rates: those panels draw the objective, which the next test compares."""
    expressions: dict[str, str] = {}
    for alert in alerts():
        expressions[alert["alert"]] = expressions.get(alert["alert"], "") + alert["expr"]
    objectives = {one.alert for one in OBJECTIVES}
    for name, panel in panels():
        others = set(panel.alerts) - objectives - {"QuizrunWatchdog"}
        if panel.limit is None or not others:
            continue
        above = panel.limit.bad == "above"
        wanted = {f"> {panel.limit.value:g}"} if above else {"== 0", "absent(up"}
        fires = [expressions[alert] for alert in others]
        assert any(word in one for one in fires for word in wanted), (name, wanted, fires)


def test_objectives_match_the_documentation_and_the_rules() -> None:
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", (DOCS / "slo.md").read_text(), re.MULTILINE)
    stated = {slo: text for slo, text in rows if slo in BUDGETS}
    assert stated.keys() == BUDGETS.keys()
    for slo, text in stated.items():
        goal = re.search(r"([\d.]+) %", text)
        assert goal is not None
        assert 1 - float(goal[1]) / 100 == pytest.approx(BUDGETS[slo])
    assert f"within {ANSWER_S * 1000:g} ms" in stated["answers"]
    assert f"within {REVEAL_S:g} s" in stated["reveals"]
    burn = (ROOT / "deploy" / "prometheus" / "rules" / "burn.yml").read_text()
    for objective in OBJECTIVES:
        rate = f'{{slo="{objective.slo}"}} > {PAGE_BURN_RATE:g} * {objective.budget:g}\n'
        assert rate in burn


def test_every_queried_metric_is_documented() -> None:
    """`test_series.py` checks that documented ones exist."""
    documented = set(METRIC.findall((DOCS / "metrics.md").read_text()))
    for query in promql():
        for metric in set(METRIC.findall(query.expr)) - ELSEWHERE:
            bases = {metric, *(metric.removesuffix(suffix) for suffix in SUFFIXES)}
            assert bases & documented, query.expr


def test_searches_use_existing_fields_and_events() -> None:
    mapped = flattened(component_template()["template"]["mappings"]["properties"])
    events = set(re.findall(r"`([a-z]+\.[a-z_]+)`", (DOCS / "logging.md").read_text()))
    found = list(searches())
    assert len(found) >= 7
    for search in found:
        assert set(LUCENE_FIELD.findall(search.query)) <= mapped.keys()
        assert set(search.columns) <= mapped.keys()
        assert "quizrun.run_id" in search.query
        for field in (search.value, search.by, "@timestamp"):
            assert field is None or mapped[field] in AGGREGATABLE
        for group in re.findall(r"event\.action:\(([^)]*)\)", search.query):
            assert set(group.split(" OR ")) <= events


def test_provisioning_defines_the_panels_data_sources() -> None:
    provisioned = yaml.safe_load((GRAFANA / "provisioning/datasources/quizrun.yml").read_text())
    assert provisioned["apiVersion"] == 1
    sources = {(one["type"], one["uid"]): one for one in provisioned["datasources"]}
    prometheus = sources.pop((PROMETHEUS["type"], PROMETHEUS["uid"]))
    elastic = sources.pop((ELASTICSEARCH["type"], ELASTICSEARCH["uid"]))
    assert not sources
    scraping = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    assert prometheus["jsonData"]["timeInterval"] == scraping["global"]["scrape_interval"]
    template = json.loads((ROOT / "deploy" / "elastic" / "index-template.json").read_text())
    assert elastic["jsonData"]["index"] in template["index_patterns"]
    mapped = flattened(component_template()["template"]["mappings"]["properties"])
    for name in ("timeField", "logMessageField", "logLevelField"):
        assert elastic["jsonData"][name] in mapped


def test_compose_mounts_the_provisioned_files() -> None:
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yml").read_text())
    grafana = compose["services"]["grafana"]
    mounts = dict(mount.split(":")[:2][::-1] for mount in grafana["volumes"])
    for kind in ("datasources", "dashboards"):
        source = ROOT / "deploy" / mounts[f"/etc/grafana/provisioning/{kind}"]
        assert list(source.glob("*.yml"))
    (provider,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/quizrun.yml").read_text())[
        "providers"
    ]
    assert ROOT / "deploy" / mounts[provider["options"]["path"]] == GRAFANA / "dashboards"
    text = (GRAFANA / "provisioning/datasources/quizrun.yml").read_text()
    for secret in re.findall(r"\$__file{/run/secrets/(\w+)}", text):
        assert secret in grafana["secrets"]
        assert secret in compose["services"]["elastic-setup"]["secrets"]
    hosts = re.findall(r"url: http://([\w-]+):", text)
    for host in hosts:
        assert set(compose["services"][host]["networks"]) & set(grafana["networks"])
