"""Check Kafka: brokers, TLS, and each topic's partitions and replicas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import KafkaError, NoError, UnrecognizedBrokerVersion, for_code

from bus.connection import KafkaConnection
from bus.topics import TOPICS
from deploy.check.finding import Finding, reason, run_probe, yes_no
from telemetry.settings import KafkaSettings

TIMEOUT_MS = 5_000
IN_SYNC = "min.insync.replicas"


async def check_kafka(settings: KafkaSettings) -> Finding:
    """Check the cluster at `QUIZRUN_KAFKA_BOOTSTRAP`."""
    connection = KafkaConnection.from_settings(settings)

    async def probe(finding: Finding) -> None:
        admin = AIOKafkaAdminClient(**connection.options, request_timeout_ms=TIMEOUT_MS)
        try:
            await admin.start()
            await _examine(admin, settings, finding)
        except (KafkaError, OSError, TimeoutError):
            # The client's error only says that no broker was found; each address knows why.
            refusals = await _refusals(connection)
            if not refusals:
                raise
            finding.faults += refusals
        finally:
            await admin.close()

    finding = Finding("Kafka", settings.kafka_bootstrap)
    finding.facts["TLS"] = yes_no(value=connection.encrypted)
    if "sasl_mechanism" in connection.security:
        finding.facts["SASL"] = settings.kafka_sasl_mechanism
    return await run_probe(finding, probe)


async def _refusals(connection: KafkaConnection) -> list[str]:
    """Return why no address accepts a connection; nothing if one of them does."""
    found = []
    for host, port, _ in collect_hosts(connection.bootstrap):
        try:
            opened = await create_conn(
                host, port, request_timeout_ms=TIMEOUT_MS, **connection.security
            )
        except UnrecognizedBrokerVersion:
            continue
        except (KafkaError, OSError, TimeoutError) as error:
            found.append(f"Kafka at {host}:{port} cannot be used: {reason(error)}.")
        else:
            opened.close()
            return []
    return found


async def _examine(admin: AIOKafkaAdminClient, settings: KafkaSettings, finding: Finding) -> None:
    cluster = await admin.describe_cluster()
    brokers = len(cluster["brokers"])
    finding.facts["brokers"] = str(brokers)
    wanted = settings.kafka_replication_factor
    if wanted and wanted > brokers:
        finding.faults.append(
            f"QUIZRUN_KAFKA_REPLICATION_FACTOR is {wanted}, but there are {brokers} brokers."
        )
    described = {topic["topic"]: topic for topic in await admin.describe_topics()}
    for name in TOPICS:
        topic = described.get(name)
        if topic is None:
            finding.facts[name] = "missing"
            finding.warnings.append(
                f"The topic {name} does not exist; gateways and workers create it if permitted."
            )
        else:
            least = await _least_in_sync(admin, name)
            _describe(finding, name, topic["partitions"], least, wanted)


def _describe(
    finding: Finding,
    name: str,
    partitions: Sequence[dict[str, Any]],
    least: int | None,
    wanted: int | None,
) -> None:
    replicas = min((len(one["replicas"]) for one in partitions), default=0)
    in_sync = min((len(one["isr"]) for one in partitions), default=0)
    words = [f"{len(partitions)} partitions", f"{replicas} replicas", f"{in_sync} in sync"]
    finding.facts[name] = ", ".join([*words, *([f"{IN_SYNC}={least}"] if least else [])])
    if any(one["leader"] < 0 for one in partitions):
        finding.faults.append(f"A partition of the topic {name} has no leader.")
    if least and in_sync < least:
        finding.faults.append(
            f"The topic {name} rejects messages: {in_sync} replicas in sync, {IN_SYNC}={least}."
        )
    if wanted and replicas < wanted:
        finding.warnings.append(
            f"The topic {name} has {replicas} replicas, not the {wanted} of "
            "QUIZRUN_KAFKA_REPLICATION_FACTOR."
        )
    if least == 1 and replicas > 1:
        finding.warnings.append(
            f"The topic {name} has {IN_SYNC}=1: messages that one broker has acknowledged may be "
            "lost with it; use 2."
        )


async def _least_in_sync(admin: AIOKafkaAdminClient, topic: str) -> int | None:
    """Return the topic's `min.insync.replicas`; None if unknown."""
    asked = ConfigResource(ConfigResourceType.TOPIC, topic, {IN_SYNC: None})
    try:
        replies = await admin.describe_configs([asked])
    except KafkaError:
        return None
    for reply in replies:
        for code, _, _, _, entries in reply.resources:
            if for_code(code) is NoError:
                return next((int(value) for name, value, *_ in entries if name == IN_SYNC), None)
    return None
