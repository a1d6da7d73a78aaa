"""Proof of work before joining, where the operator asks for it."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import altcha
import pytest

from deploy.bots.connection import session
from deploy.bots.player import PlayerClient
from deploy.local.stack import Servers
from tests.gateway.live.client import Client
from tests.gateway.live.conftest import Connect, Gateway, running_gateway
from tests.gateway.live.stage import Show, Stores, open_show

WORK = 20


@pytest.fixture(scope="module")
async def strict(servers: Servers, stores: Stores) -> AsyncIterator[Gateway]:
    async with running_gateway(stores, servers.kafka_bootstrap, join_work=WORK) as running:
        yield running


async def ask(player: Client, show: Show, nickname: str, **more: Any) -> tuple[str, Any]:
    """Join; return the error code, and the challenge if there is one."""
    answer = await player.ask("join", {"pin": show.pin, "nickname": nickname, **more})
    if answer["ok"]:
        return "", None
    return answer["error"]["code"], answer["error"].get("challenge")


def solved(challenge: dict[str, Any]) -> str:
    found = altcha.Challenge.from_dict(challenge)
    solution = altcha.solve_challenge(found)
    assert solution is not None
    return str(altcha.Payload(found, solution).to_base64())


async def test_a_solved_challenge_lets_its_player_in_once(
    strict: Gateway, connect: Connect, show: Show
) -> None:
    player = await connect(strict)
    code, challenge = await ask(player, show, "Ann", key="of Ann")
    assert code == "proof_required"
    proof = solved(challenge)
    assert await ask(player, show, "Ann", key="of Ann", proof=proof) == ("", None)
    again = await connect(strict)  # the acknowledgement was lost
    assert await ask(again, show, "Ann", key="of Ann", proof=proof) == ("", None)
    for more in (
        {"nickname": "Bob", "key": "of Ann"},
        {"nickname": "Bob", "key": "of Bob"},
        {"nickname": "Bob"},
    ):
        code, _ = await ask(await connect(strict), show, proof=proof, **more)
        assert code == "proof_required"
    assert await show.stores.players.count(show.run_id) == 1


async def test_a_refused_name_costs_no_second_proof(
    strict: Gateway, connect: Connect, show: Show, stores: Stores
) -> None:
    await (await connect()).join(show.pin, "Ann")  # by a gateway that asks for none
    player = await connect(strict)
    _, challenge = await ask(player, show, "Ann", key="k")
    proof = solved(challenge)
    assert (await ask(player, show, "Ann", key="k", proof=proof))[0] == "nickname_taken"
    assert (await ask(player, show, "Anna", key="k", proof=proof))[0] == ""
    other = await open_show(stores)
    code, _ = await ask(await connect(strict), other, "Anna", key="k", proof=proof)
    assert code == "proof_required"


async def test_waiting_for_the_host_needs_one_proof_for_one_name(
    strict: Gateway, connect: Connect, stores: Stores
) -> None:
    show = await open_show(stores, approve_players=True)
    player = await connect(strict)
    _, challenge = await ask(player, show, "Ann", key="k")
    proof = solved(challenge)
    for _ in range(2):
        assert (await ask(player, show, "Ann", key="k", proof=proof))[0] == "waiting_for_host"
    assert (await ask(player, show, "Bob", key="k", proof=proof))[0] == "proof_required"


async def test_forged_proofs_are_refused(strict: Gateway, connect: Connect, show: Show) -> None:
    player = await connect(strict)
    _, challenge = await ask(player, show, "Ann", key="k")
    real = json.loads(base64.b64decode(solved(challenge)))
    wrong = {**real, "solution": {**real["solution"], "derivedKey": "00" * 32}}
    easier = json.loads(json.dumps(real))
    easier["challenge"]["parameters"]["keyPrefix"] = "00"
    own = altcha.create_challenge(
        "PBKDF2/SHA-256", 1, hmac_secret="ours", data=real["challenge"]["parameters"]["data"]
    )
    forged = [base64.b64encode(json.dumps(one).encode()).decode() for one in (wrong, easier)]
    for proof in (*forged, solved(own.to_dict()), "", "e30=", "nonsense", "[" * 1_900):
        assert (await ask(player, show, "Ann", key="k", proof=proof))[0] == "proof_required"
    assert (await ask(player, show, "Ann", key="k", proof="x" * 2_001))[0] == "payload_invalid"


async def test_our_own_players_do_the_work(strict: Gateway, show: Show) -> None:
    async with session() as http:
        player = PlayerClient(strict.url, http, lambda _event, _args: None)
        snapshot = await player.join(show.pin, "Ann")
        assert snapshot["you"]["nickname"] == "Ann"
        await player.close()


async def test_bots_of_a_rehearsal_need_no_proof(
    strict: Gateway, connect: Connect, stores: Stores
) -> None:
    show = await open_show(stores, rehearsal=True)
    await (await connect(strict)).join(show.pin, "Bot")
