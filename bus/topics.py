"""The topics, all keyed by run id, so that the events of one run stay in order."""

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
"""As many as Tansu gives a topic that a client asks for before we have made it. After it has lost
its memory that can be sooner, and a reader and a writer must not differ about the number."""
REQUEST_TIMEOUT_MS = 5_000
CREATE_TIMEOUT_S = 10.0
POLL_S = 0.05
DEFAULT_REPLICATION = "default.replication.factor"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicLayout:
    """How topics are created. Those that exist are left as they are."""

    partitions: int = PARTITIONS
    replication_factor: int | None = None
    """None: what the cluster is configured with (``default.replication.factor``)."""

    @classmethod
    def of(cls, settings: KafkaSettings) -> Self:
        """What the settings ask for."""
        return cls(
            partitions=settings.kafka_partitions,
            replication_factor=settings.kafka_replication_factor,
        )


DEFAULT_LAYOUT = TopicLayout()


async def ensure_topics(
    server: KafkaConnection | str, layout: TopicLayout = DEFAULT_LAYOUT
) -> dict[str, frozenset[int]]:
    """Create the topics that are missing, and return the partitions of each.

    Safe to call at any time, and by many at once. A broker that keeps its log in memory comes
    back without its topics. Raises `KafkaError` or `TimeoutError` when the broker does not answer
    or refuses, also while there are fewer brokers than wanted replicas: a topic would keep the
    lower number.
    """
    options = KafkaConnection.to(server).options
    admin = AIOKafkaAdminClient(**options, request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        async with asyncio.timeout(CREATE_TIMEOUT_S):
            while missing := sorted(set(TOPICS).difference(known := await _partitions(admin))):
                # A broker hears of a new topic a moment later than the controller: ask again.
                await _create(admin, missing, layout)
                await asyncio.sleep(POLL_S)
            return known
    finally:
        await admin.close()


async def _partitions(admin: AIOKafkaAdminClient) -> dict[str, frozenset[int]]:
    # All topics: asking for one by its name would create it where the broker does that.
    found = await admin.describe_topics()
    return {
        topic["topic"]: frozenset(partition["partition"] for partition in topic["partitions"])
        for topic in found
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
                "topic not created: too few brokers", topic=name, replicas=replicas, brokers=brokers
            )
            raise error(f"{name}: {replicas} replicas, {brokers} brokers")
        if error not in (NoError, TopicAlreadyExistsError):
            raise error(name)
        if error is NoError:
            log.info("topic created", topic=name, partitions=layout.partitions, replicas=replicas)


async def _default_replication_factor(admin: AIOKafkaAdminClient) -> int:
    """The cluster's own default, which aiokafka's protocol version cannot ask for by itself."""
    broker = (await admin.describe_cluster())["brokers"][0]["node_id"]
    asked = ConfigResource(ConfigResourceType.BROKER, str(broker), {DEFAULT_REPLICATION: None})
    for reply in await admin.describe_configs([asked]):
        for code, message, _, _, entries in reply.resources:
            if for_code(code) is not NoError:
                raise for_code(code)(message)
            for name, value, *_ in entries:
                if name == DEFAULT_REPLICATION:
                    return int(value)
    raise KafkaError(f"the broker does not tell its {DEFAULT_REPLICATION}")
