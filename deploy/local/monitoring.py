"""Prometheus and Alertmanager for the local stack: the configuration in `deploy/prometheus` and
`deploy/alertmanager` with local targets.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.child import ChildSpec
from deploy.local.debian import find
from deploy.local.ports import LOOPBACK, Port, free_port
from deploy.local.probe import probe

DEPLOY = Path(__file__).resolve().parents[1]
RUNBOOKS = DEPLOY.parent / "docs" / "runbooks"
NAMES = ("prometheus", "alertmanager")
PROGRAMS = {
    "prometheus": ("prometheus",),
    "alertmanager": ("prometheus-alertmanager", "alertmanager"),  # Debian's name first
}
KEEP = "7d"
_RECEIVER = re.compile(r"^  - name: (\S+)$", re.MULTILINE)
_RUNBOOKS = re.compile(r"^(    runbooks: ).*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Targets:
    """Ports on this machine for Prometheus to scrape."""

    gateways: Sequence[int]
    workers: Sequence[int]


def missing_programs() -> list[str]:
    """Return which of the two programs are not installed."""
    return [name for name in NAMES if _program(name) is None]


def choose_ports(previous: Mapping[str, int]) -> dict[str, int]:
    """Return a port for each program: the one in `previous` if it is free."""
    chosen: dict[str, int] = {}
    for name in NAMES:
        taken = {*chosen.values(), *(port for other, port in previous.items() if other != name)}
        chosen[name] = free_port(previous.get(name), avoid=frozenset(taken))
    return chosen


def urls(ports: Mapping[str, int]) -> dict[str, str]:
    """Return the URLs for browsers."""
    return {name.capitalize(): f"http://localhost:{ports[name]}" for name in NAMES}


def monitoring_specs(
    directory: Path, ports: Mapping[str, int], targets: Targets, webhook: str | None = None
) -> list[ChildSpec]:
    """Write the configuration to `directory`, and return how to run both programs.

    `webhook` receives all notifications; without one they only appear in Alertmanager's UI.
    """
    write_prometheus(directory / "prometheus", ports, targets)
    write_alertmanager(directory / "alertmanager", webhook)
    return [
        _spec(
            "prometheus",
            ports,
            f"--config.file={directory / 'prometheus' / 'prometheus.yml'}",
            f"--storage.tsdb.path={directory / 'prometheus' / 'data'}",
            f"--storage.tsdb.retention.time={KEEP}",
            # Otherwise, alerts that fire before Alertmanager is up are resent only after a minute.
            "--rules.alert.resend-delay=5s",
        ),
        _spec(
            "alertmanager",
            ports,
            f"--config.file={directory / 'alertmanager' / 'alertmanager.yml'}",
            f"--storage.path={directory / 'alertmanager' / 'data'}",
            "--cluster.listen-address=",  # a single instance needs no cluster
        ),
    ]


def write_prometheus(directory: Path, ports: Mapping[str, int], targets: Targets) -> None:
    """Copy the configuration and rules, and write the targets."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    (directory / "targets").mkdir(exist_ok=True)
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text()
    text = _RUNBOOKS.sub(lambda found: found[1] + RUNBOOKS.as_uri(), text)
    (directory / "prometheus.yml").write_text(text)
    shutil.rmtree(directory / "rules", ignore_errors=True)
    shutil.copytree(DEPLOY / "prometheus" / "rules", directory / "rules")
    for name, found in (
        ("gateways", targets.gateways),
        ("workers", targets.workers),
        ("prometheus", [ports["prometheus"]]),
        ("alertmanagers", [ports["alertmanager"]]),
    ):
        hosts = [f"{LOOPBACK}:{port}" for port in found]
        # JSON is valid YAML.
        (directory / "targets" / f"{name}.yml").write_text(json.dumps([{"targets": hosts}]))


def write_alertmanager(directory: Path, webhook: str | None) -> None:
    """Copy the routes. The receivers, whose secrets are not here, notify `webhook` or nobody."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = (DEPLOY / "alertmanager" / "alertmanager.yml").read_text()
    routes, _, receivers = text.partition("\nreceivers:\n")
    webhooks = [
        {"name": name, "webhook_configs": [{"url": f"{webhook}/{name}"}] if webhook else []}
        for name in _RECEIVER.findall(receivers)
    ]
    (directory / "alertmanager.yml").write_text(f"{routes}\nreceivers: {json.dumps(webhooks)}\n")


def _program(name: str) -> str | None:
    return next((path for program in PROGRAMS[name] if (path := find(program))), None)


def _spec(name: str, ports: Mapping[str, int], *arguments: str) -> ChildSpec:
    address = f"{LOOPBACK}:{ports[name]}"
    health_url = f"http://{address}/-/ready"

    async def check() -> None:
        await probe(health_url)

    return ChildSpec(
        name=name,
        command=[
            _program(name) or name,
            *arguments,
            f"--web.listen-address={address}",
            "--log.level=warn",
        ],
        check=check,
        ports=[Port(ports[name])],
        start_timeout_s=60.0,
        health_url=health_url,
    )
