"""Consumers of the event stream converge on the totals of a corrected run."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer
from sqlalchemy.ext.asyncio import AsyncEngine

from bus.envelope import decode
from bus.messages import AnswerScored
from bus.producer import Producer
from bus.topics import SCORES
from db.corrected_scores import CorrectedScores
from db.redis import RedisClient, make_redis
from db.scoring import Scoring
from db.stores import PlayStores
from deploy.local.stack import Servers
from gateway.corrected_scores import CorrectedScorePublisher
from quiz.errors import ErrorCode, QuizrunError
from tests.bus.conftest import Broker, broker, embedded_kafka, producer
from tests.db.conftest import engine
from tests.db.make import NOW
from tests.db.test_corrections import RIGHT, WRONG, Played, correct, make_quiz, play, random_answers
from workers.registry import build_activities

__all__ = ["broker", "embedded_kafka", "engine", "producer"]


@pytest.fixture
async def redis(servers: Servers) -> AsyncIterator[RedisClient]:
    client = make_redis(servers.redis_url)
    yield client
    await client.aclose()


@pytest.fixture
async def played(engine: AsyncEngine, redis: RedisClient, producer: Producer) -> Played:
    """A run played with wrong solutions, with scores published as by its workflow."""
    given = random_answers(random.Random(5), 8)
    run = await play(engine, make_quiz(WRONG), given, players=8, streak_bonus=True)
    standings = build_activities(PlayStores(engine, redis), producer, settle_ms=0).standings
    for question in range(len(WRONG) + 1):
        await standings.publish_answers(run.run.id, question)
    return run


async def published(at: Broker, run_id: str) -> dict[str, AnswerScored]:
    """All messages about the run in the topic, by event id."""
    consumer = AIOKafkaConsumer(
        SCORES, bootstrap_servers=at.kafka_bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        places = sorted(consumer.assignment())
        ends = await consumer.end_offsets(places)
        events = []
        async with asyncio.timeout(10):
            while any([await consumer.position(one) < ends[one] for one in places]):
                batches = await consumer.getmany(timeout_ms=200)
                events += [decode(one.value) for batch in batches.values() for one in batch]
    finally:
        await consumer.stop()
    return {event.id: AnswerScored(**event.data) for event in events if event.subject == run_id}


def totals_of(messages: dict[str, AnswerScored]) -> dict[str, int]:
    """The algorithm for consumers in docs/kafka.md."""

    def order(one: AnswerScored) -> tuple[int, int]:
        return (one.correction or 0, one.scored_in or one.question)

    latest: dict[tuple[str, int], AnswerScored] = {}
    for message in sorted(messages.values(), key=order):
        latest[message.player_id, message.question] = message
    totals: dict[str, int] = {}
    for message in latest.values():
        totals[message.player_id] = totals.get(message.player_id, 0) + message.points
    return totals


async def stored_totals(engine: AsyncEngine, run: Played) -> dict[str, int]:
    return {one.player_id: one.score for one in await Scoring(engine).totals(run.run.id)}


def without_kicked(run: Played, totals: dict[str, int]) -> dict[str, int]:
    return {player: score for player, score in totals.items() if player != run.players[-1]}


async def test_consumers_converge_on_the_corrected_totals(
    engine: AsyncEngine, broker: Broker, producer: Producer, played: Played
) -> None:
    publisher = CorrectedScorePublisher(CorrectedScores(engine), producer)
    run_id = played.run.id
    after = before = await published(broker, run_id)
    assert without_kicked(played, totals_of(before)) == await stored_totals(engine, played)
    for question, verdict, key in ((0, "key", RIGHT[0]), (0, "void", None), (4, "everybody", None)):
        assert await correct(engine, played, question, verdict, key)
        await publisher.publish_pending(NOW)
        after = await published(broker, run_id)
        assert without_kicked(played, totals_of(after)) == await stored_totals(engine, played)
        assert all(after[id_] == message for id_, message in before.items())
    changed = [one for one in after.values() if one.correction is not None]
    assert {one.correction for one in changed} == {1, 2, 3}
    # Streak bonuses of later questions changed, too; unchanged scores are not resent.
    assert len({one.question for one in changed}) > 2
    assert len(changed) < len(before)

    await publisher.publish_pending(NOW)
    assert await published(broker, run_id) == after


async def test_corrections_are_published_by_another_gateway_after_a_crash(
    engine: AsyncEngine, servers: Servers, broker: Broker, producer: Producer, played: Played
) -> None:
    gone = Producer(servers.kafka_bootstrap, idempotence=False, client_id="gone")
    await gone.stop()
    scores = CorrectedScores(engine)
    await correct(engine, played, 0, "key", RIGHT[0])
    await correct(engine, played, 1, "key", RIGHT[1])
    with pytest.raises(QuizrunError) as failed:
        await CorrectedScorePublisher(scores, gone).publish_pending(NOW)
    assert failed.value.code is ErrorCode.UNAVAILABLE

    class Dies(CorrectedScores):
        """Publishes everything and crashes before marking it as published."""

        async def published(self, run_id: str, number: int, now: int) -> None:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await CorrectedScorePublisher(Dies(engine), producer).publish_pending(NOW)
    half = await published(broker, played.run.id)
    all_told = asyncio.Event()

    class Counts(CorrectedScores):
        async def published(self, run_id: str, number: int, now: int) -> None:
            await super().published(run_id, number, now)
            if not await self.unpublished(NOW):
                all_told.set()

    other = asyncio.create_task(
        CorrectedScorePublisher(Counts(engine), producer).run(every_s=0.01, grace_ms=0)
    )
    async with asyncio.timeout(10):
        await all_told.wait()
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)
    whole = await published(broker, played.run.id)
    assert whole.items() > half.items()
    assert without_kicked(played, totals_of(whole)) == await stored_totals(engine, played)
