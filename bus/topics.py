"""The topics, all keyed by run id, so that the events of one run stay in order."""

from __future__ import annotations

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import NoError, TopicAlreadyExistsError, for_code

RUN_EVENTS = "quizrun.run-events"
ANSWERS = "quizrun.answers"
SCORES = "quizrun.scores"

TOPICS = (RUN_EVENTS, ANSWERS, SCORES)
PARTITIONS = 4
"""As many as Tansu gives a topic that a client asks for before we have made it. After it has lost
its memory that can be sooner, and a reader and a writer must not differ about the number."""
REPLICAS = 3
REQUEST_TIMEOUT_MS = 5_000


async def ensure_topics(bootstrap: str) -> None:
    """Create the topics that are missing. Safe to call at any time, and by many at once.

    A broker that keeps its log in memory comes back without them. Raises `KafkaError` when the
    broker does not answer or refuses.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        missing = sorted(set(TOPICS).difference(await admin.list_topics()))
        if not missing:
            return
        # aiokafka cannot leave the number of replicas to the cluster's own default.
        replicas = min(REPLICAS, len((await admin.describe_cluster())["brokers"]))
        wanted = [NewTopic(name, PARTITIONS, replicas) for name in missing]
        reply = await admin.create_topics(wanted)
        for name, code, *_ in reply.topic_errors:
            if for_code(code) not in (NoError, TopicAlreadyExistsError):
                raise for_code(code)(name)
    finally:
        await admin.close()
