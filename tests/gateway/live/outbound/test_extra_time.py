from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.live.outbound.watchdog import CHECK_EVERY_S
from quiz import commands
from quiz.window import ANSWER_GRACE_MS
from telemetry.clock import now_ms
from tests.db.answer_rows import answer_rows
from tests.gateway.live.client import Client, until
from tests.gateway.live.conftest import Connect, Gateway, Watch
from tests.gateway.live.stage import Show, Stores, open_show

LIMIT_MS = 1_500


async def played(
    connect: Connect, show: Show, percent: int = 200, *, to: Gateway | None = None
) -> tuple[Client, Client]:
    """Ann with extra time and Bob without; the first question is open, for `LIMIT_MS` to Bob."""
    ann = await (await connect(to)).join(show.pin, "Ann")
    bob = await (await connect()).join(show.pin, "Bob")
    changed = await show.stores.players.change_extra_time(show.run_id, ann.player_id, percent)
    await ann.hears("extra_time")
    show.apply(commands.ExtraTimes(longest=changed.longest, change=changed.changes))
    await open_for(show, LIMIT_MS)
    await asyncio.gather(ann.hears("question"), bob.hears("question"))
    return ann, bob


async def open_for(show: Show, limit_ms: int) -> None:
    lead_ms = 300
    last = now_ms() + lead_ms + 2 * limit_ms
    show.state = show.state.model_copy(update={"last_closes_at": last})
    await show.open_question(lead_ms, limit_ms)


async def closed_for_bob(show: Show) -> None:
    """Bob's time and its grace are over."""
    assert show.state.closes_at is not None
    over_at = show.state.closes_at + ANSWER_GRACE_MS + 20
    await asyncio.sleep(max(0, over_at - now_ms()) / 1000)  # time: how long the question is open


async def test_an_answer_after_the_base_closing_counts_for_one_and_is_refused_for_the_other(
    connect: Connect, show: Show
) -> None:
    ann, bob = await played(connect, show)
    await closed_for_bob(show)
    late, refused = await asyncio.gather(ann.answer(0, 0), bob.answer(0, 0))
    assert refused["error"]["code"] == "question_closed"
    assert late["ok"]
    assert late["elapsed_ms"] > LIMIT_MS
    (stored,) = await answer_rows(show.stores.engine, show.run_id)
    assert stored.elapsed_ms == late["elapsed_ms"]


async def test_only_the_player_is_told(connect: Connect, show: Show, watch: Watch) -> None:
    ann, bob = await played(connect, show, 125)
    extra = {"percent": 125, "before": 100, "from_question": 0}
    assert ann.all("extra_time")[0].args == (extra,)
    host = await watch(show)
    (seen,) = await host.hears("snapshot")
    back = await connect(token=ann.token)
    (own,) = await back.hears("snapshot")
    assert own["you"]["extra_time"] == extra
    assert own["question"] == seen["question"]
    (others,) = await (await connect(token=bob.token)).hears("snapshot")
    assert "extra_time" not in others["you"]
    assert not bob.all("extra_time")
    for heard in bob.heard:
        assert "extra" not in str(heard.args)


async def test_a_gateway_that_takes_over_knows_the_windows(
    connect: Connect, other_gateway: Gateway, show: Show
) -> None:
    """As after a crash: it has seen nothing of the run before its players come."""
    ann, bob = await played(connect, show)
    await asyncio.gather(ann.close(), bob.close())
    await closed_for_bob(show)
    back = await connect(other_gateway, token=ann.token)
    assert (await back.answer(0, 0))["ok"]
    assert not (await (await connect(other_gateway, token=bob.token)).answer(0, 0))["ok"]


async def test_a_question_closes_early_once_nobody_has_time_left_but_who_has_answered(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    """Bob never answers; his time is over, and Ann, who has more, has answered."""
    ann, _ = await played(connect, show)
    told = (show.run_id, 0)
    await ann.answer(0, 0)
    assert told not in gateway.signals.answered
    await until(lambda: told in gateway.signals.answered, 10)
    assert show.state.closes_at is not None
    assert show.state.closes_at < now_ms()


async def test_the_workflow_hears_of_the_longest_time_until_it_shows_it(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    changed = await show.stores.players.change_extra_time(show.run_id, ann.player_id, 0)
    told = (show.run_id, 0)
    await until(lambda: told in gateway.signals.longest, 10)
    await show.start()  # decided before the news came
    await until(lambda: gateway.signals.longest.count(told) == 2, 10)
    show.apply(commands.ExtraTimes(longest=0, change=changed.changes))
    await show.open_question()
    await ann.hears("question")
    await asyncio.sleep(CHECK_EVERY_S + 0.5)  # time: how often rooms are compared with the stores
    assert gateway.signals.longest.count(told) == 2


@pytest.mark.parametrize(
    ("most", "percent", "allowed"),
    [(100, 125, False), (150, 150, True), (150, 200, False), (0, 0, True)],
)
async def test_players_take_what_the_host_allows(
    connect: Connect, gateway: Gateway, stores: Stores, most: int, percent: int, allowed: bool
) -> None:
    show = await open_show(stores, own_extra_time=most)
    ann = await (await connect()).join(show.pin, "Ann")
    told: dict[str, Any] = ann.joined["snapshot"]["settings"]
    assert told.get("own_extra_time", 100) == most
    reply = await ann.ask("extra_time", {"percent": percent})
    if not allowed:
        assert reply["error"]["code"] == "forbidden"
        return
    assert reply == {"ok": True, "percent": percent, "before": 100, "from_question": 0}
    await until(lambda: (show.run_id, percent) in gateway.signals.longest, 5)
    hasty = await ann.ask("extra_time", {"percent": 100})
    assert hasty["error"]["code"] == "too_many_requests"
    assert hasty["error"]["retryable"]


async def test_a_pause_in_overtime_says_how_long_the_others_have_been_waiting(
    connect: Connect, show: Show
) -> None:
    ann, bob = await played(connect, show)
    await closed_for_bob(show)
    await show.pause()
    (paused,) = await bob.hears("paused")
    assert paused["remaining_ms"] == 0
    assert 0 < paused["overtime_ms"] < LIMIT_MS
    back = await connect(token=ann.token)
    (own,) = await back.hears("snapshot")
    assert own["overtime_ms"] == paused["overtime_ms"]
    assert own["question"]["closes_at"] == own["server_ms"] - own["overtime_ms"]
    await show.resume()
    (resumed,) = await bob.hears("resumed")
    assert (await back.answer(0, 0))["ok"]
    assert (await bob.answer(0, 0))["error"]["code"] == "question_closed"
    assert resumed["closes_at"] < now_ms()


async def test_phones_show_what_the_host_chose(stores: Stores, connect: Connect) -> None:
    show = await open_show(stores, phones="buttons")
    ann = await (await connect()).join(show.pin, "Ann")
    assert ann.joined["snapshot"]["settings"]["phones"] == "buttons"
