"""Run all checks and print the findings as a table or JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict

from deploy.check.finding import Finding
from deploy.check.kafka import check_kafka
from deploy.check.oidc import check_oidc
from deploy.check.postgres import check_postgres
from deploy.check.redis import check_redis
from deploy.check.temporal import check_temporal
from deploy.configuration import unknown_settings
from deploy.local.environment import adopt_environment
from deploy.terminal_text import Cell, coloured, table
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
    rows = [[Cell(name, "dim") for name in ("SERVER", "ADDRESS", "", "FOUND")]]
    for finding in findings:
        verdict = Cell("ok", "green") if finding.ok else Cell("fault", "red")
        facts = "\n".join(f"{name}: {value}" for name, value in finding.facts.items())
        rows.append([Cell(finding.server), Cell(finding.address), verdict, Cell(facts)])
    print(table(rows, max_width=shutil.get_terminal_size().columns))
    for sentence in (*(one for finding in findings for one in finding.warnings), *unknown):
        print(coloured(f"Warning: {sentence}", "yellow"))
    sys.stdout.flush()
    for finding in findings:
        for sentence in finding.faults:
            print(sentence, file=sys.stderr)
