"""A run's history in Temporal does not grow with the number of players."""

from __future__ import annotations

import asyncio
import itertools

import aiohttp
from temporalio.client import Client as Temporal

from tests.system.bots import Bot, Plan, enter_all, play_all
from tests.system.hosting import Host, Run
from tests.system.quizzes import quiz, single
from tests.system.system import System

QUESTIONS = 3
ANSWERED_WITHIN_S = 1.0
REPORTED_WITHIN_S = 2.0
"""By then the workflow knows the number of players, which is reported once a second."""
MAX_EVENTS = 20
DIFFERENCE = 2
FEW, MANY = 5, 500


async def test_the_history_does_not_grow_with_the_number_of_players(
    system: System, host: Host, session: aiohttp.ClientSession
) -> None:
    async def play(players: int) -> Run:
        run = await host.open_run(quiz(*(single(f"Question {n}") for n in range(QUESTIONS))))
        bots = [
            Bot(
                session,
                system.urls[:: 1 if index % 2 else -1],
                f"bot {index}",
                dict.fromkeys(range(QUESTIONS), Plan(ANSWERED_WITHIN_S * index / players, 0)),
            )
            for index in range(players)
        ]
        await enter_all(bots, run)
        # time: gateways report how many have joined at intervals
        await asyncio.sleep(REPORTED_WITHIN_S)
        await run.command("start")
        await play_all(bots, timeout_s=60)
        assert all(len(bot.acknowledged) == QUESTIONS for bot in bots)
        return run

    few, many = [
        await _events_by_question(system, run)
        for run in await asyncio.gather(play(FEW), play(MANY))
    ]
    assert len(few) == len(many) == QUESTIONS - 1
    for with_few, with_many in zip(few, many, strict=True):
        assert with_many <= MAX_EVENTS
        assert abs(with_many - with_few) <= DIFFERENCE


async def _events_by_question(system: System, run: Run) -> list[int]:
    """The number of events from the opening of each question to that of the next.

    A question that was rescheduled, because the machine was busy, is opened more than once.
    """
    temporal = await Temporal.connect(system.servers.temporal_address)
    history = await temporal.get_workflow_handle(f"quiz-run-{run.id}").fetch_history()
    opened: dict[bytes, list[int]] = {}
    for event in history.events:
        summary = event.user_metadata.summary.data
        if summary.startswith(b'"Open question'):
            opened.setdefault(summary, []).append(event.event_id)
    return [after[0] - before[-1] for before, after in itertools.pairwise(opened.values())]
