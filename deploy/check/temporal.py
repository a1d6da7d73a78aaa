"""Check Temporal: version, TLS, namespace and search attributes."""

from __future__ import annotations

from datetime import timedelta

from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    GetSystemInfoRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from deploy.check.finding import Finding, run_probe, yes_no
from telemetry.settings import TemporalSettings
from workers.search_attributes import missing_attributes, remedy
from workflows.connection import connect, tls_of

TIMEOUT = timedelta(seconds=5)


async def check_temporal(settings: TemporalSettings) -> Finding:
    """Check the server at `QUIZRUN_TEMPORAL_ADDRESS`."""

    async def probe(finding: Finding) -> None:
        await _examine(await connect(settings, identity="quizrun check"), finding)

    finding = Finding("Temporal", settings.temporal_address)
    finding.facts["TLS"] = yes_no(value=tls_of(settings) is not None)
    finding.facts["namespace"] = settings.temporal_namespace
    keys = list(settings.codec_keys)
    finding.facts["payloads"] = f"encrypted with the key {keys[0]}" if keys else "in plain text"
    return await run_probe(finding, probe)


async def _examine(client: Client, finding: Finding) -> None:
    service = client.workflow_service
    system = await service.get_system_info(GetSystemInfoRequest(), timeout=TIMEOUT)
    finding.facts["version"] = system.server_version
    try:
        found = await service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=TIMEOUT
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        finding.faults.append(f"There is no namespace {client.namespace} at {finding.address}.")
        return
    retention = found.config.workflow_execution_retention_ttl.ToTimedelta()
    finding.facts["retention"] = f"{retention.total_seconds() / 86_400:g} days"
    missing = await missing_attributes(client)
    names = ", ".join(key.name for key in missing.keys)
    finding.facts["search attributes"] = f"missing: {names}" if names else "complete"
    if missing.mistyped:
        finding.faults.append(
            f"Search attributes exist with another type: {', '.join(missing.mistyped)}. "
            "Use a namespace where these names are unused."
        )
    elif names:
        finding.faults.append(
            f"The namespace {client.namespace} lacks search attributes that runs require; workers "
            f"register them if permitted. {remedy(missing.keys, client.namespace)}"
        )
