from __future__ import annotations

from tests.gateway.live.client import until
from tests.gateway.live.conftest import Connect, Gateway
from tests.gateway.live.stage import Show


async def test_a_run_from_the_lobby_to_the_podium(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect()).join(show.pin, "Bob")
    snapshot = ann.joined["snapshot"]
    assert snapshot["phase"] == "lobby"
    assert snapshot["run_id"] == show.run_id
    assert snapshot["language"] == "en"
    assert snapshot["question_count"] == 8
    assert snapshot["you"] == {
        "player_id": ann.player_id,
        "nickname": "Ann",
        "score": 0,
        "rank": None,
        "streak": 0,
        "answered": False,
    }
    await ann.hears("lobby", where=lambda it: it["players"] == 2)
    await until(lambda: (show.run_id, 2) in gateway.signals.joined)

    await show.start()
    assert await ann.hears("starting") == ({"starts_at": show.state.deadline_at},)

    await show.open_question()
    (question,) = await ann.hears("question")
    assert question == {
        "question": 0,
        "question_count": 8,
        "type": "single",
        "text": "Capital of France?",
        "options": ["Paris", "Rome"],
        "points": 1000,
        "time_limit_ms": 20_000,
        "opens_at": show.state.opens_at,
        "closes_at": show.state.closes_at,
    }
    ack = await ann.answer(0, 0)
    assert ack["ok"]
    assert ack["status"] == "recorded"
    assert 0 <= ack["elapsed_ms"] < 5_000
    assert (await bob.answer(0, 1))["ok"]
    await until(lambda: (show.run_id, 0) in gateway.signals.answered)

    await show.close_question()
    await show.reveal()
    common, own = await ann.hears("reveal")
    assert common["question"] == 0
    assert common["solution"] == [0]
    assert common["explanation"] == "Since 987."
    assert common["distribution"] == [1, 1]
    assert [line["nickname"] for line in common["leaderboard"]] == ["Ann", "Bob"]
    assert own["correct"] is True
    assert own["points"] == own["score"] == common["leaderboard"][0]["score"] > 900
    assert own["rank"] == 1
    assert own["streak"] == 1
    other_common, other_own = await bob.hears("reveal")
    assert other_common == common
    assert other_own == {"correct": False, "points": 0, "score": 0, "rank": 2, "streak": 0}

    await show.finish()
    common, own = await ann.hears("finished")
    assert [line["nickname"] for line in common["podium"]] == ["Ann"]  # nobody stands on it with 0
    assert own == {"score": common["podium"][0]["score"], "rank": 1, "players": 2}
    assert not ann.disconnected

    late = await connect(token=bob.token)
    (snapshot,) = await late.hears("snapshot")
    assert snapshot["phase"] == "finished"
    assert snapshot["you"]["rank"] == 2
    assert snapshot["outcome"]["players"] == 2
    assert gateway.signals.answered.count((show.run_id, 0)) == 1
