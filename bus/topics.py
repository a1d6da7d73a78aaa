"""The topics, keyed by run id so that the events of a run stay in order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Self

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    InvalidReplicationFactorError,
    KafkaError,
    NoError,
    TopicAlreadyExistsError,
    for_code,
)

from bus.connection import KafkaConnection
from telemetry.settings import KafkaSettings

RUN_EVENTS = "quizrun.run-events"
ANSWERS = "quizrun.answers"
SCORES = "quizrun.scores"

TOPICS = (RUN_EVENTS, ANSWERS, SCORES)
PARTITIONS = 4
"""The number with which Tansu auto-creates topics. After it restarts with an empty log, a client's
request may create a topic before `ensure_topics` does, and both must create the same partitions."""
REQUEST_TIMEOUT_MS = 5_000
CREATE_TIMEOUT_S = 10.0
POLL_S = 0.05
DEFAULT_REPLICATION = "default.replication.factor"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicLayout:
    """How to create topics. Existing ones are not changed."""

    partitions: int = PARTITIONS
    replication_factor: int | None = None
    """None: the cluster's ``default.replication.factor``."""

    @classmethod
    def from_settings(cls, settings: KafkaSettings) -> Self:
        """Read the layout from the settings."""
        return cls(
            partitions=settings.kafka_partitions,
            replication_factor=settings.kafka_replication_factor,
        )


DEFAULT_LAYOUT = TopicLayout()


async def ensure_topics(
    server: KafkaConnection | str, layout: TopicLayout = DEFAULT_LAYOUT
) -> dict[str, frozenset[int]]:
    """Create missing topics, and return the partitions of each topic.

    Safe to call at any time and concurrently; a broker that keeps its log in memory loses its
    topics on restart. Raises `KafkaError` or `TimeoutError` if the broker does not respond or
    refuses, and while there are fewer brokers than replicas: a topic would keep the lower number.
    """
    options = KafkaConnection.coerce(server).options
    admin = AIOKafkaAdminClient(**options, request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        async with asyncio.timeout(CREATE_TIMEOUT_S):
            while missing := sorted(set(TOPICS).difference(known := await _partitions(admin))):
                # Brokers learn of a new topic a moment after the controller: poll.
                await _create(admin, missing, layout)
                await asyncio.sleep(POLL_S)
            return known
    finally:
        await admin.close()


async def _partitions(admin: AIOKafkaAdminClient) -> dict[str, frozenset[int]]:
    # Describe all topics: naming one would create it on brokers that auto-create topics.
    topics = await admin.describe_topics()
    return {
        topic["topic"]: frozenset(partition["partition"] for partition in topic["partitions"])
        for topic in topics
        if topic["topic"] in TOPICS and topic["partitions"]
    }


async def _create(admin: AIOKafkaAdminClient, names: list[str], layout: TopicLayout) -> None:
    replicas = layout.replication_factor or await _default_replication_factor(admin)
    reply = await admin.create_topics(
        [NewTopic(name, layout.partitions, replicas) for name in names]
    )
    for name, code, *_ in reply.topic_errors:
        error = for_code(code)
        if error is InvalidReplicationFactorError:
            brokers = len((await admin.describe_cluster())["brokers"])
            log.warning(
                "kafka.topic_not_created",
                reason="too few brokers",
                topic=name,
                replicas=replicas,
                brokers=brokers,
            )
            raise error(f"{name}: {replicas} replicas, {brokers} brokers")
        if error not in (NoError, TopicAlreadyExistsError):
            raise error(name)
        if error is NoError:
            log.info(
                "kafka.topic_created", topic=name, partitions=layout.partitions, replicas=replicas
            )


async def _default_replication_factor(admin: AIOKafkaAdminClient) -> int:
    # aiokafka's protocol version cannot leave the choice to the broker.
    broker = (await admin.describe_cluster())["brokers"][0]["node_id"]
    resource = ConfigResource(ConfigResourceType.BROKER, str(broker), {DEFAULT_REPLICATION: None})
    for reply in await admin.describe_configs([resource]):
        for code, message, _, _, entries in reply.resources:
            if for_code(code) is not NoError:
                raise for_code(code)(message)
            for name, value, *_ in entries:
                if name == DEFAULT_REPLICATION:
                    return int(value)
    raise KafkaError(f"the broker did not return {DEFAULT_REPLICATION}")
