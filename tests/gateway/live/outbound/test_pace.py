"""What clients are told of the pace that a host has chosen, and what players are not told."""

from __future__ import annotations

from typing import Any

import pytest

from quiz.commands import Configure, HideStandings, Next, Resume, ShowStandings
from quiz.run import RunState
from telemetry.clock import now_ms
from tests.gateway.live.client import Client
from tests.gateway.live.conftest import Connect, Watch
from tests.gateway.live.stage import Show, Stores, open_show


async def back(connect: Connect, token: str) -> tuple[Client, dict[str, Any]]:
    """The same player on a new connection, and what they find."""
    client = await connect(token=token)
    (snapshot,) = await client.hears("snapshot")
    return client, snapshot


async def asked(show: Show) -> None:
    """Question 0, from its opening to its reveal."""
    await show.open_question()
    await show.close_question()
    await show.reveal()


async def test_settings_reach_hosts_players_and_the_stored_run(
    connect: Connect, watch: Watch, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    host = await watch(show)
    await host.hears("snapshot")
    await show.command(Configure(changes={"timer": False, "leaderboard": "off"}))
    (told,) = await ann.hears("settings")
    assert told["settings"] == {"timer": False, "leaderboard": False, "phones": "full"}
    (snapshot,) = await host.hears("snapshot", count=2)
    assert snapshot["settings"]["timer"] is False
    assert not (await show.stores.runs.get(show.run_id)).settings.timer


async def test_players_see_standings_only_when_the_host_asks_for_them(
    connect: Connect, watch: Watch, stores: Stores
) -> None:
    show = await open_show(stores, leaderboard="asked", auto_advance=False, break_every=1)
    ann = await (await connect()).join(show.pin, "Ann")
    host = await watch(show)
    await host.hears("snapshot")
    await asked(show)
    (reveal, _) = await ann.hears("reveal")
    assert (reveal["leaderboard"], reveal["standings"]) == ([], False)
    assert "lasts_ms" not in reveal
    (reveal,) = await host.hears("reveal")
    assert [line["nickname"] for line in reveal["leaderboard"]] == ["Ann"]

    await show.command(ShowStandings())
    for client in (ann, host):
        (standings,) = await client.hears("standings")
        assert (standings["question"], standings["shown"]) == (0, True)
        assert len(standings["leaderboard"]) == 1
    token = ann.token
    ann, snapshot = await back(connect, token)
    assert snapshot["standings_shown"] is True
    assert len(snapshot["reveal"]["leaderboard"]) == 1
    await show.command(HideStandings())
    (standings,) = await ann.hears("standings")
    assert (standings["shown"], standings["leaderboard"]) == (False, [])

    await show.command(Next())
    (rest,) = await ann.hears("round_break")
    assert (rest["round"], rest["rounds"]) == (1, len(show.quiz.questions))
    assert (await back(connect, token))[1]["round_break"] == rest
    await show.pause()
    await show.command(Resume())
    (resumed,) = await host.hears("resumed")
    assert resumed["break_ends_at"] >= rest["ends_at"]


async def test_without_a_leaderboard_players_get_neither_lines_nor_ranks(
    connect: Connect, watch: Watch, stores: Stores
) -> None:
    show = await open_show(stores, leaderboard="off")
    ann = await (await connect()).join(show.pin, "Ann")
    host = await watch(show)
    await host.hears("snapshot")
    await asked(show)
    (reveal, own) = await ann.hears("reveal")
    assert (reveal["leaderboard"], own["rank"]) == ([], None)
    token = ann.token
    ann, snapshot = await back(connect, token)
    assert snapshot["you"]["rank"] is None
    await show.finish()
    (finished, own) = await ann.hears("finished")
    assert (finished["podium"], finished["leaderboard"], own["rank"]) == ([], [], None)
    assert finished["players"] == 1
    (finished,) = await host.hears("finished")
    assert len(finished["leaderboard"]) == 1
    assert (await back(connect, token))[1]["outcome"]["leaderboard"] == []


async def test_texts_stay_on_the_big_screen(connect: Connect, watch: Watch, stores: Stores) -> None:
    show = await open_show(stores, phones="buttons", timer=False)
    ann = await (await connect()).join(show.pin, "Ann")
    host = await watch(show)
    await host.hears("snapshot")
    await show.open_question()
    (question,) = await ann.hears("question")
    (full,) = await host.hears("question")
    assert (question["text"], question["on_big_screen"], question["timed"]) == ("", True, False)
    assert question["options"] == ["A", "B"]
    assert full["text"] == show.quiz.questions[0].text
    assert full["options"] == show.quiz.questions[0].options  # type: ignore[union-attr]
    ann, snapshot = await back(connect, ann.token)
    assert (snapshot["question"]["text"], "media" in snapshot["question"]) == ("", False)
    assert (await ann.answer(0, 0))["ok"]


async def test_an_answer_while_the_question_is_read_is_refused(
    connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    show.state = _reading(show.state)
    await show.open_question(lead_ms=60_000)
    (question,) = await ann.hears("question")
    assert question["shows_at"] < now_ms() < question["opens_at"]
    refusal = await ann.answer(0, 0)
    assert (refusal["error"]["code"], refusal["error"]["retryable"]) == ("question_not_open", True)


def _reading(state: RunState) -> RunState:
    return state.model_copy(update={"shows_at": now_ms() - 1})


async def test_who_joins_during_a_reveal_is_not_told_that_they_gave_no_answer(
    connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await asked(show)
    await ann.hears("reveal")
    bob = await (await connect()).join(show.pin, "Bob")
    assert "your_result" not in bob.joined["snapshot"]
    assert (await back(connect, ann.token))[1]["your_result"]["points"] == 0


@pytest.mark.parametrize(("question", "follow"), [(0, True), (6, False)])
async def test_standings_do_not_follow_a_poll(
    connect: Connect, show: Show, question: int, follow: bool
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    show.state = show.state.model_copy(update={"question": question - 1})
    await asked(show)
    (reveal, _) = await ann.hears("reveal")
    assert (reveal["standings"], reveal["lasts_ms"]) == (follow, 5_000)
