"""Prometheus and Alertmanager beside the local stack: the configuration of `deploy/prometheus` and
`deploy/alertmanager` with targets of this machine.
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
    """What Prometheus scrapes, by port on this machine."""

    gateways: Sequence[int]
    workers: Sequence[int]


def missing_programs() -> list[str]:
    """Which of the two are not installed here."""
    return [name for name in NAMES if _program(name) is None]


def choose_ports(previous: Mapping[str, int]) -> dict[str, int]:
    """A port for each of the two: the one in `previous` when it is free."""
    chosen: dict[str, int] = {}
    for name in NAMES:
        taken = {*chosen.values(), *(port for other, port in previous.items() if other != name)}
        chosen[name] = free_port(previous.get(name), avoid=frozenset(taken))
    return chosen


def urls(ports: Mapping[str, int]) -> dict[str, str]:
    """Where a person looks."""
    return {name.capitalize(): f"http://localhost:{ports[name]}" for name in NAMES}


def monitoring_specs(
    directory: Path, ports: Mapping[str, int], targets: Targets, webhook: str | None = None
) -> list[ChildSpec]:
    """Write the configuration into `directory`, and return how to run the two.

    `webhook` gets all notifications; without one they are in Alertmanager's pages only.
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
            # What fires before Alertmanager is up would be sent again after a minute only.
            "--rules.alert.resend-delay=5s",
        ),
        _spec(
            "alertmanager",
            ports,
            f"--config.file={directory / 'alertmanager' / 'alertmanager.yml'}",
            f"--storage.path={directory / 'alertmanager' / 'data'}",
            "--cluster.listen-address=",  # a single one has nobody to talk to
        ),
    ]


def write_prometheus(directory: Path, ports: Mapping[str, int], targets: Targets) -> None:
    """Copy the configuration and the rules, and name the targets."""
    (directory / "targets").mkdir(parents=True, exist_ok=True)
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
        # JSON is YAML, too.
        (directory / "targets" / f"{name}.yml").write_text(json.dumps([{"targets": hosts}]))


def write_alertmanager(directory: Path, webhook: str | None) -> None:
    """Copy the routes; the receivers, whose secrets are elsewhere, tell `webhook` or nobody."""
    directory.mkdir(parents=True, exist_ok=True)
    text = (DEPLOY / "alertmanager" / "alertmanager.yml").read_text()
    routes, _, receivers = text.partition("\nreceivers:\n")
    told = [
        {"name": name, "webhook_configs": [{"url": f"{webhook}/{name}"}] if webhook else []}
        for name in _RECEIVER.findall(receivers)
    ]
    (directory / "alertmanager.yml").write_text(f"{routes}\nreceivers: {json.dumps(told)}\n")


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
