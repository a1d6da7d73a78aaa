from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.accounts import Accounts
from db.ids import new_id
from db.quizzes import Edition, Quizzes, StoredQuiz
from db.runs import Runs
from quiz.content import parse_quiz
from quiz.errors import ErrorCode, QuizrunError
from tests.db.make import NOW, capitals, live_run


@pytest.fixture
async def owner(engine: AsyncEngine) -> str:
    return (await Accounts(engine).create(f"{new_id()}@example.org", "Ada", "hash")).id


async def test_a_quiz_comes_back_as_it_was(engine: AsyncEngine, owner: str) -> None:
    quiz = parse_quiz(
        {
            "title": "Everything — “ünïcode”",
            "questions": [
                {"type": "number", "text": "?", "correct": {"value": 1822, "tolerance": 0.5}},
                {"type": "text", "text": "?", "correct": {"accepted": ["Paris"]}},
                {"type": "order", "text": "?", "options": ["a", "b"], "explanation": "x"},
                {"type": "slide", "text": "?", "media": {"url": "https://example.org/a.png"}},
            ],
        }
    )
    created = await Quizzes(engine).create(owner, quiz, NOW)
    assert await Quizzes(engine).get(owner, created.id) == created
    assert created.quiz == quiz


async def test_runs_keep_the_old_version_of_a_quiz(engine: AsyncEngine, owner: str) -> None:
    quizzes = Quizzes(engine)
    created = await quizzes.create(owner, capitals(1), NOW)
    replaced = await quizzes.replace(owner, created.id, capitals(2), NOW + 5, Edition(1))
    assert replaced == StoredQuiz(created.id, 2, NOW, NOW + 5, capitals(2))
    assert await quizzes.get(owner, created.id) == replaced
    assert await Runs(engine).content(created.id, 1) == capitals(1)


async def test_versions_without_runs_are_dropped_a_minute_after_the_next_one(
    engine: AsyncEngine,
) -> None:
    run = await live_run(engine)  # has version 1
    quizzes, runs, quiz_id, owner = Quizzes(engine), Runs(engine), run.quiz_id, run.host_id
    for number in range(2, 6):
        await quizzes.replace(owner, quiz_id, capitals(number), NOW + number, None)
    for version in range(1, 6):
        await runs.content(quiz_id, version)
    await quizzes.replace(owner, quiz_id, capitals(6), NOW + 4 + 60_001, None)
    kept = []
    for version in range(1, 7):
        with suppress(QuizrunError):
            assert await runs.content(quiz_id, version) == capitals(3 if version == 1 else version)
            kept.append(version)
    # 4 was replaced by 5 less than a minute ago: someone may be opening a run of it.
    assert kept == [1, 4, 5, 6]
    assert (await quizzes.get(owner, quiz_id)).version == 6


async def test_the_second_of_two_concurrent_edits_is_refused(
    engine: AsyncEngine, owner: str
) -> None:
    quizzes = Quizzes(engine)
    created = await quizzes.create(owner, capitals(1), NOW)
    outcomes = await asyncio.gather(
        *(quizzes.replace(owner, created.id, capitals(n), NOW, Edition(1)) for n in (2, 3)),
        return_exceptions=True,
    )
    (refusal,) = (outcome for outcome in outcomes if isinstance(outcome, QuizrunError))
    assert refusal.code is ErrorCode.COMMAND_NOT_ALLOWED
    assert (await quizzes.get(owner, created.id)).version == 2


async def test_a_deleted_quiz_is_hidden_from_its_owner_only(
    engine: AsyncEngine, owner: str
) -> None:
    quizzes = Quizzes(engine)
    created = await quizzes.create(owner, capitals(1), NOW)
    await quizzes.delete(owner, created.id, NOW)
    for attempt in (
        quizzes.get(owner, created.id),
        quizzes.replace(owner, created.id, capitals(2), NOW, None),
        quizzes.delete(owner, created.id, NOW),
    ):
        with pytest.raises(QuizrunError) as refused:
            await attempt
        assert refused.value.code is ErrorCode.NOT_FOUND
    assert await quizzes.page(owner, 10, 0) == ([], 0)
    assert await Runs(engine).content(created.id, 1) == capitals(1)


async def test_nobody_sees_the_quizzes_of_others(engine: AsyncEngine, owner: str) -> None:
    quizzes = Quizzes(engine)
    created = await quizzes.create(owner, capitals(1), NOW)
    for quiz_id in (created.id, new_id(), "nonsense"):
        with pytest.raises(QuizrunError) as refused:
            await quizzes.get(new_id(), quiz_id)
        assert refused.value.code is ErrorCode.NOT_FOUND


async def test_quizzes_are_listed_last_changed_first(engine: AsyncEngine, owner: str) -> None:
    quizzes = Quizzes(engine)
    ids = [(await quizzes.create(owner, capitals(n), NOW + n)).id for n in (1, 2, 3)]
    await quizzes.replace(owner, ids[0], capitals(5), NOW + 9, None)
    page, total = await quizzes.page(owner, 2, 0)
    assert [(line.id, line.version, line.question_count) for line in page] == [
        (ids[0], 2, 5),
        (ids[2], 1, 3),
    ]
    assert total == 3


async def test_an_unstorable_value_is_a_client_error(engine: AsyncEngine, owner: str) -> None:
    quiz = capitals(1)
    question = quiz.questions[0].model_copy(update={"explanation": "a\0b"})
    with pytest.raises(QuizrunError) as refused:
        await Quizzes(engine).create(owner, quiz.model_copy(update={"questions": [question]}), NOW)
    assert refused.value.code is ErrorCode.PAYLOAD_INVALID
