"""Modified clients in one run with honest ones: nobody earns more than the rules give.

A player's own acknowledgements say what must count. The server's clock, which is this machine's,
bounds what they may say.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import text

from deploy.bots.errors import LostError, RefusedError
from quiz.content import parse_quiz
from quiz.window import ANSWER_GRACE_MS
from telemetry.clock import now_ms
from tests.gateway.live.client import Client, until
from tests.gateway.live.conftest import Connect, Gateway
from tests.gateway.live.stage import Show, Stores, open_show
from tests.system.audit import earned
from workers.settings import WorkerSettings
from workflows.policies import SETTLE_MS

LIMIT_S = 30
QUESTIONS: list[dict[str, Any]] = [
    {"type": "single", "text": "Which?", "options": ["This", "That"], "correct": [1]},
    {"type": "multiple", "text": "Primes?", "options": ["2", "3", "4"], "correct": [0, 1]},
    {"type": "number", "text": "Waterloo?", "correct": {"value": 1815, "tolerance": 5}},
    {"type": "text", "text": "City?", "correct": {"accepted": ["Sampa"]}},
]
RIGHT: tuple[Any, ...] = (1, [0, 1], 1815, "Sampa")
WRONG: tuple[Any, ...] = (0, [2], 7, "Rome")
QUIZ = parse_quiz(
    {"title": "Fair", "questions": [{**one, "time_limit_s": LIMIT_S} for one in QUESTIONS]}
)
ANNOUNCED, OPEN, CLOSING = "announced", "open", "closing"
HONEST = ("Ann", "Ben", "Cleo")
NAMES = (*HONEST, "Mia", "Max", "Mo", "Moe", "Mel")


@dataclass(frozen=True)
class Try:
    """An answer at some moment, and what the server said to it."""

    moment: str
    question: int
    answer: Any
    ack: dict[str, Any]
    sent_at: int
    acknowledged_at: int


@dataclass
class Bot:
    """A player whose client may do anything."""

    client: Client
    honest: bool = False
    tries: list[Try] = field(default_factory=list)

    async def tells(self, moment: str, question: int, answer: Any, **more: Any) -> dict[str, Any]:
        """Send an answer, and remember it."""
        sent_at = now_ms()
        ack = await self.asks("answer", {"question": question, "answer": answer, **more})
        self.tries.append(Try(moment, question, answer, ack, sent_at, now_ms()))
        return ack

    async def asks(self, event: str, message: dict[str, Any]) -> dict[str, Any]:
        """Send an event; a connection that was cut off is opened again."""
        try:
            return dict(await self.client.ask(event, message))
        except LostError:
            await self.comes_back()
            return {"ok": False, "error": {"code": "lost"}}

    async def comes_back(self) -> None:
        try:
            await self.client.come_back()
        except (LostError, RefusedError):
            return  # cut off for good


Cheat = Callable[["Table", Bot, str], Awaitable[Any]]


@dataclass
class Table:
    """The run that everybody plays."""

    show: Show
    gateways: tuple[Gateway, Gateway]
    bots: list[Bot]
    random: random.Random
    opened: dict[int, int] = field(default_factory=dict)
    """When each question opened (epoch ms)."""
    over: dict[int, int] = field(default_factory=dict)
    """When each question was over (epoch ms)."""
    paused: dict[int, int] = field(default_factory=dict)
    """How long each question was paused (ms)."""

    @property
    def question(self) -> int:
        return max(0, self.show.state.question)

    async def known(self) -> None:
        """Wait until both gateways know how the run stands."""
        show = self.show
        rooms = [gateway.live.rooms.get(show.run_id) for gateway in self.gateways]
        await until(
            lambda: all(room and room.state.version >= show.state.version for room in rooms)
        )

    async def cheats(self, moment: str) -> None:
        """Each modified client does something, chosen at random."""
        await asyncio.gather(
            *(self.random.choice(CHEATS)(self, bot, moment) for bot in self.bots if not bot.honest)
        )


async def early_or_late(table: Table, bot: Bot, moment: str) -> None:
    await bot.tells(moment, table.question, RIGHT[table.question])


async def ahead(table: Table, bot: Bot, moment: str) -> None:
    following = min(table.question + 1, len(QUESTIONS) - 1)
    await bot.tells(moment, following, RIGHT[following])


async def again(table: Table, bot: Bot, moment: str) -> None:
    """Change the answer, also one to an earlier question."""
    for question in {0, table.question}:
        await bot.tells(moment, question, WRONG[question])
        await bot.tells(moment, question, RIGHT[question])


async def replayed(table: Table, bot: Bot, moment: str) -> None:
    """Send every answer so far once more."""
    for one in bot.tries[-3:]:
        await bot.tells(moment, one.question, one.answer)


async def with_a_clock_of_its_own(table: Table, bot: Bot, moment: str) -> None:
    past = table.show.state.opens_at or 0
    await bot.asks("sync", {"t0": -1e12, "server_ms": past})
    lies = {"elapsed_ms": 0, "received_at": past, "opens_at": 0, "sent_at": past, "extra_time": 200}
    await bot.tells(moment, table.question, RIGHT[table.question], **lies)


async def for_somebody_else(table: Table, bot: Bot, moment: str) -> None:
    victim = next(other for other in table.bots if other.honest)
    whose = {"player_id": victim.client.player_id, "nickname": HONEST[0], "token": "x"}
    await bot.tells(moment, table.question, WRONG[table.question], **whose)


async def as_the_host(table: Table, bot: Bot, moment: str) -> None:
    about = {"run_id": table.show.run_id, "question": table.question, "score": 99_999}
    for event in ("start", "next", "skip", "reveal", "score", "kick", "answers"):
        ack = await bot.asks(event, about)
        assert ack["error"]["code"] in ("payload_invalid", "too_many_requests", "lost"), event


async def everything_at_once(table: Table, bot: Bot, moment: str) -> None:
    question = table.question
    tries = [bot.tells(moment, question, (WRONG, RIGHT)[n % 2][question]) for n in range(60)]
    await asyncio.gather(*tries)


async def on_two_sockets(table: Table, bot: Bot, moment: str) -> None:
    """The newest connection has the seat; both answer at the same moment, differently."""
    question, token = table.question, bot.client.token
    others = [Client(gateway.url) for gateway in table.gateways]
    twins = [Bot(await other.connect(token=token)) for other in others]
    given = [WRONG[question], RIGHT[question]]
    for twin in twins:
        twin.client.joined = bot.client.joined
    tells = (
        twin.tells(moment, question, answer) for twin, answer in zip(twins, given, strict=True)
    )
    await asyncio.gather(*tells)
    for twin in twins:
        bot.tries += twin.tries
        await twin.client.close()
    await bot.comes_back()


async def nonsense(table: Table, bot: Bot, moment: str) -> None:
    answers: tuple[Any, ...] = (
        None,
        True,
        -1,
        2**63,
        [0, 1, 2, 2],
        [[]],
        {"correct": True},
        "1" * 10_000,
    )
    for answer in answers:
        await bot.tells(moment, table.question, answer)


CHEATS: tuple[Cheat, ...] = (
    *(early_or_late, ahead, again, replayed, with_a_clock_of_its_own),
    *(for_somebody_else, as_the_host, everything_at_once, on_two_sockets, nonsense),
)


@pytest.mark.parametrize("seed", [14])
async def test_cheats_earn_nothing_and_honest_players_lose_nothing(
    connect: Connect, gateway: Gateway, other_gateway: Gateway, stores: Stores, seed: int
) -> None:
    show = await open_show(stores, QUIZ)
    gateways = (gateway, other_gateway)
    bots = []
    for number, name in enumerate(NAMES):
        client = await connect(gateways[number % 2])
        bots.append(Bot(await client.join(show.pin, name), honest=name in HONEST))
    table = Table(show, gateways, bots, random.Random(seed))
    await table.cheats("lobby")
    await show.start()
    await table.cheats("countdown")
    for index in range(len(QUESTIONS)):
        await _play(table, index)
    await show.finish()
    await bots[0].client.hears("finished")
    scores, stored = await _scores(stores, show), await _stored(stores, show)
    for bot in bots:
        own = stored[bot.client.player_id]
        assert scores[bot.client.player_id] == _due(table, bot, own), bot.tries
        if bot.honest:
            assert set(own) == set(range(len(QUESTIONS)))
            assert not bot.client.disconnected
    assert len(scores) == len(NAMES)


async def _play(table: Table, index: int) -> None:
    """Ask a question: it is announced, opens, is paused, closes, and is revealed."""
    show, honest = table.show, [bot for bot in table.bots if bot.honest]
    await show.open_question(lead_ms=500)
    assert show.state.opens_at is not None
    opens_at = table.opened[index] = show.state.opens_at
    await table.known()
    await table.cheats(ANNOUNCED)
    await until(lambda: now_ms() > opens_at)
    answers = [RIGHT, RIGHT, WRONG]
    told = [bot.tells(OPEN, index, answers[n][index]) for n, bot in enumerate(honest)]
    *acks, _ = await asyncio.gather(*told, table.cheats(OPEN))
    assert [ack and ack["ok"] for ack in acks] == [True] * len(honest), acks
    await show.pause()
    await table.known()
    await table.cheats("paused")
    await show.resume()
    await show.close_question()
    await table.known()
    await table.cheats(CLOSING)
    table.paused[index] = show.state.paused_ms
    over_at = table.over[index] = show.state.over_at or 0
    await until(lambda: now_ms() > over_at + SETTLE_MS)  # as scoring waits
    await show.reveal()
    await table.known()
    for bot in honest:
        await bot.client.sees_reveal(index)
    await table.cheats("revealed")


def test_nobody_can_answer_once_a_solution_is_out() -> None:
    """Answers are taken for a time of grace, and scoring waits for longer."""
    assert SETTLE_MS > ANSWER_GRACE_MS
    with pytest.raises(ValidationError):
        WorkerSettings(settle_ms=ANSWER_GRACE_MS, secret=SecretStr("0" * 32))


def _due(table: Table, bot: Bot, stored: dict[int, tuple[Any, int]]) -> int:
    """What the stored answers of a bot are worth, after checking that it may have given them."""
    for one in bot.tries:
        if one.ack["ok"]:  # one answer counts, and whoever sends it again is told the same
            assert stored[one.question] == (one.answer, one.ack["elapsed_ms"]), bot.tries
    score = 0
    for index, (answer, elapsed_ms) in stored.items():
        opened = table.opened[index]
        in_time = [
            one
            for one in bot.tries
            if (one.question, one.answer) == (index, answer)
            # A question may open while they are still being early, and has a time of grace.
            and one.moment in (ANNOUNCED, OPEN, CLOSING)
            # The acknowledgement of a connection that was replaced may be lost.
            and (one.ack["ok"] or one.ack["error"]["code"] == "lost")
        ]
        assert in_time, (
            index,
            answer,
            elapsed_ms,
            opened,
            [
                (
                    o.moment,
                    o.answer,
                    o.ack.get("error", {}).get("code") or o.ack,
                    o.sent_at - opened,
                    o.acknowledged_at - opened,
                )
                for o in bot.tries
                if o.question == index
            ],
        )
        earliest = min(one.sent_at for one in in_time) - opened - table.paused[index]
        latest = max(one.acknowledged_at for one in in_time)
        latest = min(latest, table.over[index] + ANSWER_GRACE_MS) - opened
        assert max(0, earliest) <= elapsed_ms <= latest, bot.tries
        question = {**QUESTIONS[index], "time_limit_s": LIMIT_S}
        score += earned(question, question.get("options", []), answer, elapsed_ms)
    return score


async def _stored(stores: Stores, show: Show) -> dict[str, dict[int, tuple[Any, int]]]:
    statement = text(
        "SELECT player_id, question, answer, elapsed_ms FROM answers"
        " WHERE run_id = CAST(:id AS uuid)"
    )
    found: defaultdict[str, dict[int, tuple[Any, int]]] = defaultdict(dict)
    async with stores.engine.connect() as connection:
        for row in await connection.execute(statement, {"id": show.run_id}):
            found[str(row.player_id)][row.question] = (row.answer, row.elapsed_ms)
    return found


async def _scores(stores: Stores, show: Show) -> dict[str, int]:
    statement = text("SELECT id, score FROM players WHERE run_id = CAST(:id AS uuid)")
    async with stores.engine.connect() as connection:
        rows = await connection.execute(statement, {"id": show.run_id})
        return {str(row.id): int(row.score) for row in rows}
