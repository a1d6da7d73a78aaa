"""Rules, routes and runbooks are checked by Prometheus's and Alertmanager's tools."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.monitoring import Targets, monitoring_specs
from tests.monitoring.quick import hurry
from tests.system.system import ROOT

PROMETHEUS = ROOT / "deploy" / "prometheus"
ALERTMANAGER = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
RUNBOOKS = ROOT / "docs" / "runbooks"
RUNBOOK_URL = "{{ $externalLabels.runbooks }}/"
HEADINGS = ["What it means", "What users notice", "How to find the cause", "What to do"]


def alerts() -> list[dict[str, Any]]:
    return [
        rule
        for path in sorted((PROMETHEUS / "rules").glob("*.yml"))
        for group in yaml.safe_load(path.read_text())["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]


def succeeds(*command: str | Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, timeout=110
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_accepts_the_configuration(promtool: str) -> None:
    succeeds(promtool, "check", "config", PROMETHEUS / "prometheus.yml")


@pytest.mark.parametrize("path", sorted((PROMETHEUS / "tests").glob("*.yml")), ids=lambda p: p.stem)
def test_alerts_fire_as_intended(promtool: str, path: Path) -> None:
    succeeds(promtool, "test", "rules", path)


def test_every_alert_is_tested() -> None:
    tested = "".join(path.read_text() for path in (PROMETHEUS / "tests").glob("*.yml"))
    assert {alert["alert"] for alert in alerts()} <= set(re.findall(r"Quizrun\w+", tested))


def test_amtool_accepts_the_routes(amtool: str) -> None:
    succeeds(amtool, "check-config", ALERTMANAGER)


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (("alertname=QuizrunWorkersDown", "severity=page"), "pager"),
        (("alertname=QuizrunSlowClients", "severity=ticket"), "tickets"),
        (("alertname=QuizrunWatchdog", "severity=none"), "heartbeat"),
    ],
)
def test_alerts_reach_their_receivers(amtool: str, labels: tuple[str, ...], receiver: str) -> None:
    output = succeeds(amtool, "config", "routes", "test", f"--config.file={ALERTMANAGER}", *labels)
    assert output.split() == [receiver]


def test_no_secret_is_in_the_alertmanager_configuration() -> None:
    text = ALERTMANAGER.read_text()
    assert "_file: " in text
    assert not re.search(r"(routing_key|service_key|api_url|password|token|api_key): ", text)


@pytest.mark.parametrize("webhook", [None, "http://127.0.0.1:1"])
def test_the_configurations_of_the_local_stack_and_the_tests_are_valid(
    promtool: str, amtool: str, tmp_path: Path, webhook: str | None
) -> None:
    ports = {"prometheus": 1, "alertmanager": 2}
    monitoring_specs(tmp_path, ports, Targets(gateways=[3, 4], workers=[5]), webhook)
    if webhook is not None:
        hurry(tmp_path)
    succeeds(promtool, "check", "config", tmp_path / "prometheus" / "prometheus.yml")
    config = tmp_path / "alertmanager" / "alertmanager.yml"
    succeeds(amtool, "check-config", config)
    original = yaml.safe_load(ALERTMANAGER.read_text())
    written = yaml.safe_load(config.read_text())
    assert [one["name"] for one in written["receivers"]] == ["pager", "tickets", "heartbeat"]
    assert written["inhibit_rules"] == original["inhibit_rules"]
    if webhook is None:
        assert written["route"] == original["route"]


def test_inhibitions_refer_to_existing_alerts() -> None:
    named = set(re.findall(r"Quizrun\w+", ALERTMANAGER.read_text()))
    assert named <= {alert["alert"] for alert in alerts()}


def test_every_alert_links_to_its_runbook() -> None:
    for alert in alerts():
        url = alert["annotations"]["runbook_url"]
        assert url == f"{RUNBOOK_URL}{alert['alert']}.md"
        assert alert["labels"]["severity"] in {"page", "ticket", "none"}
        page = RUNBOOKS / f"{alert['alert']}.md"
        assert page.exists(), page
        assert re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE) == HEADINGS, page


def test_every_runbook_belongs_to_an_alert() -> None:
    pages = {page.stem for page in RUNBOOKS.glob("Quizrun*.md")}
    assert pages == {alert["alert"] for alert in alerts()}
    index = (RUNBOOKS / "README.md").read_text()
    assert all(f"({name}.md)" in index for name in pages)
