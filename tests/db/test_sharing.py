"""Rights on runs, of many accounts at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from db.accounts import Accounts
from db.ids import new_id
from db.runs import Runs
from db.sharing import Sharing
from db.teams import Teams
from quiz.rights import Right
from tests.db.make import NOW, live_run, new_run


@contextmanager
def sent(engine: AsyncEngine) -> Iterator[list[str]]:
    """The statements that are sent to PostgreSQL meanwhile."""
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def an_account(engine: AsyncEngine) -> str:
    return (await Accounts(engine).create(f"{new_id()}@example.org", "Bo", "hash")).id


async def test_one_statement_finds_the_rights_of_all_co_hosts(engine: AsyncEngine) -> None:
    sharing, teams = Sharing(engine), Teams(engine)
    run, other = await live_run(engine), await live_run(engine)
    on_run, on_quiz, in_team, stranger = [await an_account(engine) for _ in range(4)]
    await sharing.add("run", run.id, on_run, Right.CONTROL, NOW)
    await sharing.add("quiz", run.quiz_id, on_quiz, Right.EDIT, NOW)
    team = await teams.create(run.host_id, "Biology", NOW)
    await sharing.add("team", team.id, in_team, Right.EDIT, NOW)
    await teams.add_quiz(run.quiz_id, team.id, Right.VIEW, NOW)
    everyone = (run.host_id, on_run, on_quiz, in_team, stranger)
    with sent(engine) as statements:
        found = await sharing.runs([(who, which.id) for who in everyone for which in (run, other)])
    assert len(statements) == 1
    assert [found[who, run.id].right for who in everyone] == [
        Right.OWNER, Right.CONTROL, Right.EDIT, Right.VIEW, None,
    ]  # fmt: skip
    assert {found[who, other.id].right for who in everyone} == {None}
    assert found[stranger, other.id].owner_id == other.host_id


async def test_a_right_that_was_removed_is_gone_and_the_others_stay(engine: AsyncEngine) -> None:
    sharing, run = Sharing(engine), await live_run(engine)
    leaves, stays = await an_account(engine), await an_account(engine)
    for account in (leaves, stays):
        await sharing.add("run", run.id, account, Right.VIEW, NOW)
    pairs = [(leaves, run.id), (stays, run.id)]
    assert await sharing.with_access(pairs) == set(pairs)
    assert await sharing.remove("run", run.id, leaves)
    assert await sharing.with_access(pairs) == {(stays, run.id)}


async def test_a_right_on_a_quiz_does_not_extend_to_the_runs_of_a_co_host(
    engine: AsyncEngine,
) -> None:
    sharing, run = Sharing(engine), await new_run(engine)
    host, viewer = await an_account(engine), await an_account(engine)
    await Runs(engine).create(replace(run, host_id=host))
    for account in (host, viewer):
        await sharing.add("quiz", run.quiz_id, account, Right.EDIT, NOW)
    asked = [(run.host_id, run.id), (host, run.id), (viewer, run.id)]
    assert await sharing.with_access(asked) == {(host, run.id)}


async def test_what_is_no_run_or_no_account_has_no_rights(engine: AsyncEngine) -> None:
    sharing, run = Sharing(engine), await live_run(engine)
    assert await sharing.with_access([]) == set()
    unknown = [(run.host_id, new_id()), (run.host_id, "nonsense"), ("nonsense", run.id)]
    assert await sharing.runs(unknown) == {}
    assert await sharing.run(run.host_id, "nonsense") is None
    assert await sharing.quiz(run.host_id, "nonsense") is None
