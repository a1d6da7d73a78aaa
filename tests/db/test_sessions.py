from __future__ import annotations

import secrets

from sqlalchemy.ext.asyncio import AsyncEngine

from db.accounts import Account, Accounts
from db.ids import new_id
from db.sessions import GRACE_MS, Session, Sessions

NOW = 1_000_000


async def new_session(
    engine: AsyncEngine, account: Account, *, expires_at: int = NOW + 9_000
) -> tuple[str, bytes]:
    """A new session of the account: its id and the hash of its token."""
    hashed = secrets.token_bytes(32)
    session = Session(new_id(), NOW, expires_at, NOW, "password", "::1", "test")
    await Sessions(engine).create(session, account.id, hashed)
    return session.id, hashed


async def an_account(engine: AsyncEngine) -> Account:
    return await Accounts(engine).create(f"{new_id()}@example.org", "Ada", "hash")


async def test_a_session_ends_when_it_expires_or_is_ended(engine: AsyncEngine) -> None:
    sessions, account = Sessions(engine), await an_account(engine)
    short_id, short = await new_session(engine, account, expires_at=NOW + 1_000)
    long_id, long = await new_session(engine, account)
    found = await sessions.find(short, short_id, NOW)
    assert found is not None
    assert (found.account, found.session.id, found.generation) == (account, short_id, "current")
    assert await sessions.find(short, short_id, NOW + 1_000) is None
    assert await sessions.active([short_id, long_id], NOW + 1_000) == {long_id}
    assert await sessions.end(account.id, long_id)
    assert not await sessions.end(account.id, long_id)
    assert await sessions.find(long, long_id, NOW) is None
    assert await sessions.active([long_id, "nonsense"], NOW) == set()


async def test_nobody_ends_the_session_of_another_account(engine: AsyncEngine) -> None:
    sessions = Sessions(engine)
    ada, bo = await an_account(engine), await an_account(engine)
    hers, _ = await new_session(engine, ada)
    assert not await sessions.end(bo.id, hers)
    assert not await sessions.end(ada.id, "nonsense")
    assert await sessions.active([hers], NOW) == {hers}


async def test_a_new_password_ends_the_other_sessions_of_that_account_only(
    engine: AsyncEngine,
) -> None:
    sessions, accounts = Sessions(engine), Accounts(engine)
    ada, bo = await an_account(engine), await an_account(engine)
    (kept, _), (lost, _), (his, _) = [await new_session(engine, who) for who in (ada, ada, bo)]
    await accounts.set_password(ada.id, "another hash", keep_session=kept)
    assert await sessions.active([kept, lost, his], NOW) == {kept, his}
    await accounts.set_password(ada.id, "a third hash")
    assert await sessions.active([kept, lost, his], NOW) == {his}


async def test_the_next_token_replaces_the_current_one_when_it_is_first_used(
    engine: AsyncEngine,
) -> None:
    sessions, account = Sessions(engine), await an_account(engine)
    id_, first = await new_session(engine, account)
    second = secrets.token_bytes(32)
    for preferred in ([second], [second], [secrets.token_bytes(32), second]):
        # A response may be lost, and the next gateway may prefer another key.
        assert await sessions.offer(id_, first, preferred, NOW + 20_000, NOW) == second

    async def generation_of(token: bytes, now: int) -> str:
        found = await sessions.find(token, id_, now)
        assert found is not None
        return found.generation

    assert [await generation_of(token, NOW) for token in (first, second)] == ["current", "next"]
    for _ in range(2):  # two tabs may use it at once
        await sessions.adopt(id_, second, NOW)
    assert [await generation_of(token, NOW) for token in (first, second)] == ["previous", "current"]
    assert not await sessions.offer(id_, first, [secrets.token_bytes(32)], NOW + 20_000, NOW)
    assert await generation_of(first, NOW + GRACE_MS - 50_000) == "previous"


async def test_a_token_that_was_replaced_long_ago_counts_as_used(engine: AsyncEngine) -> None:
    sessions, account = Sessions(engine), await an_account(engine)
    id_, first = await new_session(engine, account, expires_at=NOW + 10 * GRACE_MS)
    second = secrets.token_bytes(32)
    await sessions.offer(id_, first, [second], NOW + 10 * GRACE_MS, NOW)
    await sessions.adopt(id_, second, NOW)
    found = await sessions.find(first, id_, NOW + GRACE_MS)
    assert found is not None
    assert found.generation == "used"


async def test_sessions_are_listed_last_used_first(engine: AsyncEngine) -> None:
    sessions, account = Sessions(engine), await an_account(engine)
    (older, token), (newer, _) = (
        await new_session(engine, account),
        await new_session(engine, account),
    )
    await sessions.offer(older, token, [secrets.token_bytes(32)], NOW + 9_000, NOW + 5)
    assert [session.id for session in await sessions.of_account(account.id, NOW)] == [older, newer]
    assert await sessions.end_all(account.id, keep=older) == 1
    assert [session.id for session in await sessions.of_account(account.id, NOW)] == [older]
