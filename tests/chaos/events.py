"""A consumer of the event stream that deduplicates by id, and a check of what it missed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.chaos.expected import Stored

TOPICS = ("quizrun.run-events", "quizrun.answers", "quizrun.scores")
_POLL_MS = 500
MAX_QUESTIONS = 20


async def read_all(bootstrap: str) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The data of every event by id, and the ids with two different contents."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    found: dict[str, dict[str, Any]] = {}
    conflicts: list[str] = []
    try:
        partitions = []
        for topic in TOPICS:
            await consumer._client.add_topic(topic)
            await consumer._client.force_metadata_update()
            numbers = consumer.partitions_for_topic(topic) or set()
            partitions += [TopicPartition(topic, number) for number in numbers]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(one) < ends[one] for one in partitions]):
            batches = await consumer.getmany(timeout_ms=_POLL_MS)
            for message in (message for batch in batches.values() for message in batch):
                event = json.loads(message.value)
                data = event["data"]
                first = found.setdefault(event["id"], data)
                if first != data:
                    conflicts.append(f"{event['id']}: {_short(first)}, then {_short(data)}")
    finally:
        await consumer.stop()
    return found, conflicts


def _short(data: Mapping[str, Any]) -> Any:
    """The distinguishing part of an event: type and state of run events, all of others."""
    if "snapshot" not in data:
        return data
    state = data["snapshot"]["state"]
    names = ("version", "phase", "due", "question", "opens_at", "closes_at", "paused_at", "players")
    return data["type"], {name: state.get(name) for name in names}


def missing(events: Mapping[str, dict[str, Any]], run_id: str, stored: Stored) -> Iterator[str]:
    """Events of a run that the stream lacks."""
    for version in range(1, stored.version + 1):
        if f"{run_id}/{version}" not in events:
            yield f"no event of version {version} of {stored.version}"
    for (question, player_id), row in stored.answers.items():
        if player_id not in stored.players or stored.players[player_id].kicked:
            continue
        answer = events.get(f"{run_id}/{question}/{player_id}/answer")
        if answer is None:
            yield f"no answer event for question {question} of {player_id}: {row}"
        elif (answer["answer"], answer["elapsed_ms"]) != (row.answer, row.elapsed_ms):
            yield f"question {question} of {player_id}: {answer}, stored {row}"
        score = _latest_score(events, f"{run_id}/{question}/{player_id}/score")
        if score is None:
            yield f"no score event for question {question} of {player_id}: {row}"
        elif (score["points"], score["bonus"], score["correct"]) != (
            row.points,
            row.bonus,
            row.correct,
        ):
            yield f"question {question} of {player_id}: {score}, stored {row}"


def _latest_score(events: Mapping[str, dict[str, Any]], id_: str) -> dict[str, Any] | None:
    """The final score: late answers and corrected bonuses have separate ids."""
    later = (events.get(f"{id_}/{scored_in}") for scored_in in range(MAX_QUESTIONS, -1, -1))
    return next((event for event in later if event is not None), events.get(id_))
