from __future__ import annotations

from tests.gateway.live.client import Client, until
from tests.gateway.live.conftest import Connect, Gateway
from tests.gateway.live.inbound.test_joining import connect_refused
from tests.gateway.live.stage import Show, Stores, open_show


async def test_a_kicked_player_is_told_cut_off_and_kept_out(connect: Connect, show: Show) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect()).join(show.pin, "Bob", key="k")
    await show.kick(bob.player_id)
    (kicked,) = await bob.hears("kicked")
    assert kicked["reason"]
    await until(lambda: bob.disconnected)
    refusal = await connect_refused(connect, token=bob.token)
    assert refusal["data"]["code"] == "kicked"
    assert not ann.disconnected
    assert not ann.all("kicked")
    await ann.hears("lobby", where=lambda it: it["players"] == 1)


async def test_the_others_hear_of_a_kick_in_every_phase(connect: Connect, show: Show) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect()).join(show.pin, "Bob")
    cleo = await (await connect()).join(show.pin, "Cleo")
    await show.start()
    await show.open_question()
    await show.kick(cleo.player_id)
    await hears_of_leaving(ann, "Cleo", players=2)
    await show.close_question()
    await show.reveal()
    await ann.hears("reveal")
    await show.kick(bob.player_id)
    await hears_of_leaving(ann, "Bob", players=1)


async def hears_of_leaving(client: Client, name: str, players: int) -> None:
    """Late news of a join may set the number back for a moment; a second message corrects it."""
    await client.hears("lobby", where=lambda it: it.get("left") == [name])
    await until(lambda: client.all("lobby")[-1].args[0]["players"] == players)


async def test_a_kick_reaches_other_gateways(
    connect: Connect, other_gateway: Gateway, show: Show
) -> None:
    ann = await (await connect(other_gateway)).join(show.pin, "Ann")
    await show.kick(ann.player_id)
    await ann.hears("kicked")


async def test_a_cancelled_run_is_closed_for_all(connect: Connect, stores: Stores) -> None:
    show = await open_show(stores)
    ann = await (await connect()).join(show.pin, "Ann")
    await show.finish()
    assert await ann.hears("closed") == ({"reason": "cancelled"},)
    (snapshot,) = await (await connect(token=ann.token)).hears("snapshot")
    assert snapshot["phase"] == "cancelled"
