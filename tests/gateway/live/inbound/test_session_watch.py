"""A host's sockets live as long as the session they were opened in."""

from __future__ import annotations

from db.accounts import Accounts
from db.ids import new_id
from db.sessions import Session, Sessions
from db.sharing import Sharing
from quiz.rights import Right
from telemetry.clock import now_ms
from tests.gateway.live.client import Client, until
from tests.gateway.live.conftest import TOKENS, Connect
from tests.gateway.live.inbound.test_joining import connect_refused
from tests.gateway.live.stage import Show, Stores


async def signed_in(stores: Stores, show: Show) -> str:
    now = now_ms()
    session = Session(new_id(), now, now + 60_000, now, "password", None, None)
    await Sessions(stores.engine).create(session, show.host_id, session.id.encode())
    return session.id


async def watching(connect: Connect, show: Show, session_id: str) -> Client:
    token = TOKENS.sign_access_token(show.host_id, session_id)
    host = await connect(namespace="/host", token=token, run_id=show.run_id)
    await host.hears("snapshot")
    return host


async def test_sockets_end_with_their_session_and_others_stay(
    connect: Connect, show: Show, stores: Stores
) -> None:
    ended, kept = await signed_in(stores, show), await signed_in(stores, show)
    first, second = await watching(connect, show, ended), await watching(connect, show, ended)
    other = await watching(connect, show, kept)
    assert await Sessions(stores.engine).end(show.host_id, ended)
    await until(lambda: first.disconnected and second.disconnected)
    assert not other.disconnected
    token = TOKENS.sign_access_token(show.host_id, ended)
    refused = await connect_refused(connect, namespace="/host", token=token, run_id=show.run_id)
    assert refused["data"]["code"] == "unauthorized"


async def co_host(connect: Connect, show: Show, stores: Stores) -> tuple[str, Client]:
    """A new account with a right on the run, and its socket."""
    account = await Accounts(stores.engine).create(f"{new_id()}@example.org", "Bo", "hash")
    auth = {"token": TOKENS.sign_access_token(account.id), "run_id": show.run_id}
    refused = await connect_refused(connect, namespace="/host", **auth)
    assert refused["data"]["code"] == "forbidden"
    await Sharing(stores.engine).add("run", show.run_id, account.id, Right.VIEW, now_ms())
    guest = await connect(namespace="/host", **auth)
    await guest.hears("snapshot")
    return account.id, guest


async def test_a_co_host_watches_a_run_as_long_as_the_right_lasts(
    connect: Connect, show: Show, stores: Stores
) -> None:
    (removed, leaves), (_, stays) = [await co_host(connect, show, stores) for _ in range(2)]
    assert await Sharing(stores.engine).remove("run", show.run_id, removed)
    await until(lambda: leaves.disconnected)
    assert not stays.disconnected
