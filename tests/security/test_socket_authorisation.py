"""Every Socket.IO event, sent and awaited by every actor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from deploy.bots.errors import RefusedError
from tests.gateway.live.client import Client, code_of
from tests.gateway.live.conftest import TOKENS, Connect
from tests.security import matrix as m
from tests.security.actors import TYPED, Place, World
from workflows.contract import CommandInput

ROOT = Path(__file__).parents[2]
PLAYS_ALONG = "Zed"


def test_every_event_has_a_row() -> None:
    document = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text())
    found = set(document["operations"])
    assert found - set(m.SAYS) - set(m.HEARS) == set(), "add a row to tests/security/matrix.py"
    assert {*m.SAYS, *m.HEARS} - found == set()
    for namespace, outcomes in m.CONNECTS.items():
        connected = {actor for actor, outcome in outcomes.items() if outcome == m.OK}
        for event, acks in m.SAYS.items():
            if event.startswith(f"{namespace}."):
                assert set(acks) == connected, event


async def auth(world: World, actor: str) -> dict[str, Any]:
    """What a client of this actor connects with."""
    bearer = world.credentials[actor].bearer
    if actor in m.API.values():
        access = await world.services.sign_in.credentials.access(bearer or "")
        bearer = TOKENS.sign_access_token(access.account_id, access.session_id)
    return {} if bearer is None else {"token": bearer}


@pytest.mark.parametrize("namespace", ["play", "host"])
async def test_only_those_in_the_matrix_may_connect(
    world: World, connect: Connect, namespace: str
) -> None:
    place = world.aside
    for actor in m.SOCKET_ACTORS:
        given = await auth(world, actor) | {"run_id": place.run_id}
        try:
            await connect(namespace=f"/{namespace}", **given)
            found = m.OK
        except RefusedError as refusal:
            found = f"refused: {refusal.error['code']}"
        assert found == m.CONNECTS[namespace][actor], actor


@dataclass
class Room:
    """Everybody who may connect to a run, and a player who will be kicked."""

    place: Place
    clients: dict[str, Client]


@pytest.fixture
async def room(world: World, connect: Connect) -> Room:
    place = await world.place(
        await world.quiz(), leaderboard="asked", break_after=(TYPED,), countdown_s=1
    )
    player = {"token": TOKENS.sign_player_token(place.run_id, place.player_id)}
    found = {m.NOBODY: await connect(), m.PLAYER: await connect(**player)}
    found[m.OTHER_PLAYER] = await connect(**await auth(world, m.OTHER_PLAYER))
    for actor in (*m.CO_HOSTS, m.OWNER, m.API[m.READ]):
        given = await auth(world, actor) | {"run_id": place.run_id}
        found[actor] = await connect(namespace="/host", **given)
    pin = (await world.services.play.runs.get(place.run_id)).pin
    found[m.KICKED] = await (await connect()).join(pin, PLAYS_ALONG)
    return Room(place, found)


async def command(world: World, place: Place, name: str, **arguments: Any) -> None:
    wanted = CommandInput(
        key=f"{name}-{uuid4()}", **({"player_id": None, "changes": None} | arguments)
    )
    await world.services.hosting.workflows.command(place.run_id, name, wanted)


async def test_events_are_acknowledged_and_heard_as_the_matrix_says(
    world: World, room: Room, connect: Connect
) -> None:
    place, clients, services = room.place, room.clients, world.services
    run = await services.play.runs.get(place.run_id)
    player, kicked = clients[m.PLAYER], clients[m.KICKED]
    await command(world, place, "configure", changes={"phones": "buttons"})
    await player.hears("settings")
    await command(world, place, "start")
    await player.sees_question(0)

    said = {
        "answer": {"question": 0, "answer": 0},
        "extra_time": {"percent": 150},
        "sync": {"t0": 1},
        "join": {"pin": run.pin, "nickname": "Eve"},
    }
    for event, message in said.items():
        for actor, client in clients.items():
            row = f"{client.namespace.removeprefix('/')}.receive.{event}"
            if actor == m.KICKED or row not in m.SAYS:
                continue
            ack = await client.ask(event, message)
            assert (m.OK if ack["ok"] else code_of(ack)) == m.SAYS[row][actor], (row, actor, ack)

    await command(world, place, "pause")
    await player.hears("paused")
    await command(world, place, "resume")
    await player.hears("resumed")
    assert (await kicked.answer(0, 1))["ok"]
    await player.hears("progress")
    await command(world, place, "skip")
    await player.sees_reveal(0)
    await command(world, place, "show_standings")
    await player.hears("standings")
    await command(world, place, "next")
    await player.hears("round_break")
    await command(world, place, "next")
    await player.sees_question(TYPED)
    assert (await clients[m.NOBODY].answer(TYPED, "Milan"))["ok"]
    await command(world, place, "kick", player_id=kicked.player_id)
    await kicked.hears("kicked")
    await command(world, place, "skip")
    await player.sees_reveal(TYPED)
    await command(world, place, "end")
    await player.hears("finished")
    for host in (m.OWNER, m.VIEWER, m.API[m.READ]):
        await clients[host].hears("finished")
    await connect(**await auth_of(place))
    await player.hears("closed")

    heard = set()
    for actor, client in clients.items():
        listener = m.PLAYER if actor == m.NOBODY else actor  # they have joined
        for one in client.heard:
            if one.event not in ("connect", "disconnect"):
                row = f"{client.namespace.removeprefix('/')}.send.{one.event}"
                assert listener in m.HEARS[row], (actor, row)
                heard.add(row)
    assert set(m.HEARS) - heard == RARE


RARE = {
    *("play.send.come_back", "host.send.come_back", "host.send.closed", "play.send.extra_time"),
    *("play.send.answers", "host.send.answers"),
}
"""Events that this run does not have. They go to the same rooms."""


async def auth_of(place: Place) -> dict[str, Any]:
    return {"token": TOKENS.sign_player_token(place.run_id, place.player_id)}
