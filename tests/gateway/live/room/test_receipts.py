"""What gateways acknowledge is counted where players are told, not where answers are stored."""

from __future__ import annotations

import asyncio

from db.receipts import Delivery, Receipt, Receipts
from tests.gateway.live.conftest import Connect, Gateway
from tests.gateway.live.stage import Show, Stores, open_show


async def test_each_answer_is_counted_once_by_whichever_gateway_acknowledged_it(
    stores: Stores, show: Show, other_gateway: Gateway, connect: Connect
) -> None:
    players = [
        await (await connect(where)).join(show.pin, name)
        for where, name in ((None, "Ada"), (None, "Bob"), (other_gateway, "Cy"))
    ]
    await show.open_question()
    for player in players:
        await player.hears("question")
        assert (await player.answer(0, 0))["ok"]
        assert (await player.answer(0, 0))["ok"]  # sent again: counted once
    receipts = Receipts(stores.engine)
    async with asyncio.timeout(15):
        while True:
            found = await receipts.of_run(show.run_id)
            if found and found[0].acknowledged >= len(players):
                break
            await asyncio.sleep(0.05)
    (delivery,) = found
    assert delivery == Delivery(question=0, acknowledged=3, stored=3, scored=0)


async def test_a_count_that_is_stored_late_or_twice_changes_nothing(stores: Stores) -> None:
    show = await open_show(stores)
    receipts = Receipts(stores.engine)
    for gateway, count in (("one", 5), ("one", 5), ("one", 4), ("other", 2)):
        await receipts.add(gateway, [Receipt(show.run_id, 1, count)])
    (delivery,) = await receipts.of_run(show.run_id)
    assert (delivery.acknowledged, delivery.stored) == (7, 0)
    gone = "00000000-0000-0000-0000-000000000001"
    await receipts.add("one", [Receipt(gone, 1, 1)])  # no such run: nothing to keep
    assert await receipts.of_run(gone) == []
