"""Seats by network and seats of those who leave, over sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from deploy.bots.errors import RefusedError
from tests.gateway.live.client import code_of, until
from tests.gateway.live.conftest import Gateway, Watch
from tests.gateway.live.stage import Stores, open_show
from tests.system.client import PythonClient
from tests.waiting import until_async

SCHOOL, HOME = "198.51.100.7", "2001:db8:7::1"
From = Callable[[str], Awaitable[PythonClient]]


@pytest.fixture
async def from_(gateway: Gateway) -> AsyncIterator[From]:
    """Connects clients through a trusted proxy, which says what their address is."""
    opened: list[tuple[PythonClient, aiohttp.ClientSession]] = []

    async def connect(address: str) -> PythonClient:
        # A client may write what it likes before what the proxy appends.
        http = aiohttp.ClientSession(headers={"X-Forwarded-For": f"9.9.9.9, {address}"})
        client = PythonClient(http, gateway.url)
        opened.append((client, http))
        return await client.connect()

    yield connect
    for client, http in opened:
        await client.close()
        await http.close()


async def test_a_network_cannot_take_all_seats(from_: From, stores: Stores) -> None:
    show = await open_show(stores, seats_per_network=2)
    for name in ("Ann", "Ben"):
        await (await from_(SCHOOL)).join(show.pin, name)
    cleo = {"pin": show.pin, "nickname": "Cleo"}
    assert code_of(await (await from_(SCHOOL)).ask("join", cleo)) == "network_full"
    await (await from_(HOME)).join(show.pin, "Dora")
    await (await from_("2001:db8:7::2")).join(show.pin, "Emil")  # the same /64
    assert code_of(await (await from_("2001:db8:7::3")).ask("join", cleo)) == "network_full"
    await (await from_("127.0.0.1")).join(show.pin, "Cleo")
    assert await stores.players.count(show.run_id) == 5


async def test_guessing_pins_over_sockets_is_limited_by_network(
    from_: From, gateway: Gateway, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway.pins.guesses, "limit", 3)
    show, guesser = await open_show(stores), "192.0.2.77"

    async def join(address: str, pin: str) -> str:
        answer = await (await from_(address)).ask("join", {"pin": pin, "nickname": "Guess"})
        return "" if answer["ok"] else str(answer["error"]["code"])

    for pin in ("1", "2", "3"):
        assert await join(guesser, pin) == "pin_unknown"
    assert await join(guesser, show.pin) == "too_many_requests"
    assert await join("192.0.2.78", show.pin) == ""


async def test_who_leaves_a_full_lobby_for_long_makes_room(
    from_: From, gateway: Gateway, watch: Watch, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.live.inbound.departures.NOTED_AFTER_S", 0)
    show = await open_show(stores, max_players=1)
    host = await watch(show)
    ann = await (await from_(SCHOOL)).join(show.pin, "Ann")
    room = gateway.live.rooms.get(show.run_id)
    assert room is not None

    async def absent() -> bool:
        """Whether other gateways would find Ann nowhere."""
        connected = await stores.presence.connected(show.run_id, [ann.player_id])
        return not room.seats.players and connected is not None and not connected

    await ann.close()
    newcomer = await from_(HOME)
    bob = {"pin": show.pin, "nickname": "Bob"}
    await until_async(absent)
    await gateway.live.departures.sweep(gateway.live.rooms)
    assert await stores.departures.gone([show.run_id]) == {ann.player_id}
    assert code_of(await newcomer.ask("join", bob)) == "run_full"  # not gone for a minute yet
    await ann.connect(token=ann.token)
    await ann.hears("snapshot")
    assert await stores.departures.gone([show.run_id]) == set()

    await ann.close()
    await until_async(absent)
    await gateway.live.departures.sweep(gateway.live.rooms)
    monkeypatch.setattr("db.locked_run.SEAT_KEPT_MS", -60_000)
    await newcomer.join(show.pin, "Bob")
    assert await stores.players.count(show.run_id) == 1
    await until(lambda: any(ann.player_id in heard.args[0]["left"] for heard in host.all("lobby")))
    with pytest.raises(RefusedError) as refused:
        await ann.connect(token=ann.token)
    assert refused.value.error["code"] == "unauthorized"
