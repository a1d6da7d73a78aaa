"""Finishing a run: it covers every answer, terminates, and is idempotent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from activities import standings as standings_module
from bus.envelope import decode
from bus.producer import Producer
from bus.topics import SCORES
from db.runs import Runs
from db.scoring import Scoring
from db.stores import PlayStores
from deploy.local.stack import Servers
from quiz.errors import ErrorCode, QuizrunError
from quiz.ranking import Standing
from quiz.run import Phase
from quiz.snapshot import RunSnapshot
from tests.activities.conftest import SETTLE_MS, Backstage, Play
from tests.db.answer_rows import answer_rows
from workers.registry import build_activities


def press_end(play: Play, question: int) -> None:
    """The host has pressed End during this question; −1 before the first."""
    phase = Phase.QUESTION if question >= 0 else Phase.STARTING
    play.state = play.state.model_copy(
        update={"version": 7, "due": "close", "question": question, "phase": phase}
    )


async def points(play: Play) -> dict[tuple[int, str], int | None]:
    """The points of each stored answer."""
    answers = await answer_rows(play.backstage.engine, play.run_id)
    return {(row.question, row.player_id): row.points for row in answers}


async def published_scores(servers: Servers, run_id: str) -> list[dict[str, Any]]:
    """Read the scores topic to its end; return the messages of this run."""
    consumer = AIOKafkaConsumer(bootstrap_servers=servers.kafka_bootstrap)
    await consumer.start()
    try:
        numbers = consumer.partitions_for_topic(SCORES) or set()
        partitions = [TopicPartition(SCORES, number) for number in numbers]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        read = []
        async with asyncio.timeout(10):
            while any([await consumer.position(one) < ends[one] for one in partitions]):
                batches = await consumer.getmany(timeout_ms=200)
                read += [record for batch in batches.values() for record in batch]
    finally:
        await consumer.stop()
    events = [decode(record.value) for record in read]
    return [event.data | {"id": event.id} for event in events if event.subject == run_id]


@pytest.mark.parametrize("question", [-1, 0])
async def test_an_answer_to_a_later_question_than_the_current_one_is_scored_at_the_end(
    play: Play, backstage: Backstage, question: int
) -> None:
    await play.answers(0, Ada=0)
    await play.answers(1, Bob=[0])
    press_end(play, question)
    async with asyncio.timeout(5):
        result = await backstage.run(backstage.activities.standings.finish_run, play.step)
    assert result.players == 3
    earned = await points(play)
    assert len(earned) == 2
    assert None not in earned.values()
    assert (await Runs(backstage.engine).get(play.run_id)).finished_at is not None


async def test_a_retry_publishes_the_last_answers(
    play: Play, backstage: Backstage, servers: Servers
) -> None:
    await play.answers(0, Ada=0, Bob=1)
    press_end(play, 0)
    # It stores the end, and then the event stream does not respond.
    unconnected = Producer(servers.kafka_bootstrap, idempotence=False, client_id="unconnected")
    await unconnected.stop()
    stores = PlayStores(backstage.engine, backstage.redis)
    first = build_activities(stores, unconnected, settle_ms=SETTLE_MS)
    with pytest.raises(QuizrunError) as failed:
        await backstage.run(first.standings.finish_run, play.step)
    assert failed.value.code is ErrorCode.UNAVAILABLE
    stored = await Runs(backstage.engine).snapshot(play.run_id)
    assert await published_scores(servers, play.run_id) == []

    await backstage.run(backstage.activities.standings.finish_run, play.step)
    scores = await published_scores(servers, play.run_id)
    ada, bob, _ = (player.id for player in play.players)
    assert {(one["player_id"], one["points"]) for one in scores} == {(ada, 750), (bob, 0)}
    assert (await backstage.event(play.run_id, "run.finished")).snapshot == stored

    await backstage.run(backstage.activities.standings.finish_run, play.step)
    again = await published_scores(servers, play.run_id)
    assert {one["id"] for one in again} == {one["id"] for one in scores}


async def test_answers_scored_without_a_reveal_are_published_at_the_end(
    play: Play, backstage: Backstage, servers: Servers
) -> None:
    await play.answers(0, Ada=0)
    play.state = play.state.model_copy(
        update={"due": "score", "question": 0, "phase": Phase.QUESTION, "closes_at": 0}
    )
    await backstage.run(backstage.activities.scoring.score_answers, play.step)
    press_end(play, 0)
    await backstage.run(backstage.activities.standings.finish_run, play.step)
    (scored,) = await published_scores(servers, play.run_id)
    assert scored["points"] == 750


async def test_a_retry_publishes_what_the_first_attempt_stored(
    play: Play, backstage: Backstage
) -> None:
    press_end(play, 0)
    ranks = [Standing(1, player.id, player.nickname, 0) for player in play.players]
    facts = await backstage.activities.standings._facts.get(play.run_id)
    ended = play.state.model_copy(update={"due": None, "phase": Phase.FINISHED, "version": 9})
    first = facts.snapshot(ended).model_copy(update={"title": "As it was stored"})
    assert await Scoring(backstage.engine).finish(first, ranks, 1) == first
    await backstage.run(backstage.activities.standings.finish_run, play.step)
    event = await backstage.event(play.run_id, "run.finished")
    assert (event.version, event.snapshot) == (9, first)


async def test_a_finish_that_keeps_failing_is_left_to_a_retry(
    play: Play, backstage: Backstage, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    async def conflicting_finish(*_: object) -> RunSnapshot | None:
        nonlocal tries
        tries += 1
        return None

    monkeypatch.setattr(standings_module, "CLOSE_BACKOFF_S", 0.0)
    monkeypatch.setattr(backstage.activities.standings._scoring, "finish", conflicting_finish)
    press_end(play, 0)
    with pytest.raises(QuizrunError) as failed:
        await backstage.run(backstage.activities.standings.finish_run, play.step)
    assert failed.value.code is ErrorCode.UNAVAILABLE
    assert tries == standings_module.CLOSE_ATTEMPTS
