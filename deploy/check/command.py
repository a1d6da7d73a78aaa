"""Run all checks and print the findings as a table or JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from deploy.check.finding import Finding
from deploy.check.kafka import check_kafka
from deploy.check.oidc import check_oidc
from deploy.check.postgres import check_postgres
from deploy.check.redis import check_redis
from deploy.check.temporal import check_temporal
from deploy.configuration import unknown_settings
from deploy.local.environment import adopt_environment
from gateway.oidc.providers import ProviderSettings
from gateway.settings import GatewaySettings
from telemetry.environment import ConfigurationError, load_settings
from telemetry.settings import ServerSettings
from workers.settings import WorkerSettings


def check(*, as_json: bool) -> bool:
    """Print the findings; return whether all are good. Raises `ConfigurationError`."""
    settings = _settings()
    logging.disable(logging.CRITICAL)  # libraries would log the same failures again
    findings = asyncio.run(find(settings))
    unknown = [f"{name} is not a Quizrun setting." for name in unknown_settings()]
    if as_json:
        _print_json(findings, unknown)
    else:
        _print_table(findings, unknown)
    return all(finding.ok for finding in findings)


async def find(settings: ServerSettings) -> list[Finding]:
    """Check all servers concurrently."""
    return list(
        await asyncio.gather(
            check_postgres(settings),
            check_redis(settings),
            check_kafka(settings),
            check_temporal(settings),
            *(check_oidc(provider, settings.public_url) for provider in _providers(settings)),
        )
    )


def _providers(settings: ServerSettings) -> Sequence[ProviderSettings]:
    return settings.oidc_providers if isinstance(settings, GatewaySettings) else ()


def _settings() -> ServerSettings:
    # Gateways and workers share the servers, and the settings of both must be valid.
    adopt_environment()
    faults: dict[str, None] = {}
    loaded: list[ServerSettings] = []
    for kind in (GatewaySettings, WorkerSettings):
        try:
            loaded.append(load_settings(kind))
        except ConfigurationError as error:
            faults.update(dict.fromkeys(error.faults))
    if faults:
        raise ConfigurationError(list(faults))
    return loaded[0]


def _print_json(findings: Sequence[Finding], unknown: list[str]) -> None:
    ok = all(finding.ok for finding in findings)
    servers = [{**asdict(finding), "ok": finding.ok} for finding in findings]
    document = {"ok": ok, "servers": servers, "warnings": unknown}
    print(json.dumps(document, indent=2, ensure_ascii=False))


def _print_table(findings: Sequence[Finding], unknown: list[str]) -> None:
    console = Console(highlight=False)
    table = Table(box=SIMPLE_HEAD)
    for column in ("server", "address", "", "findings"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        word = "[green]ok[/]" if finding.ok else "[red]fault[/]"
        facts = "\n".join(f"{name}: {value}" for name, value in finding.facts.items())
        table.add_row(finding.server, finding.address, word, facts)
    console.print(table)
    for finding in findings:
        for sentence in finding.warnings:
            console.print(f"Warning: {sentence}", style="yellow", markup=False, soft_wrap=True)
    for sentence in unknown:
        console.print(f"Warning: {sentence}", style="yellow", markup=False, soft_wrap=True)
    sys.stdout.flush()
    for finding in findings:
        for sentence in finding.faults:
            print(sentence, file=sys.stderr)
