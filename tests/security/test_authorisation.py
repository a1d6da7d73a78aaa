"""Every operation of the HTTP API, requested by every actor."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from quiz.commands import HOST_COMMANDS
from tests.gateway.http.conftest import Api
from tests.security import matrix as m
from tests.security.actors import Credentials, World, signed_in
from tests.security.requests import ASK, Given, Scene, request_of

ROOT = Path(__file__).parents[2]
ADDRESS = "127.0.0.77"
"""An address of their own, whose limits no other test uses up."""
REPRESENTATIVES = (m.NOBODY, m.PLAYER, m.OWNER, m.EXPIRED)
"""They stand for all where anybody may do something, and credentials are not looked at."""
BY_COOKIE = (f"POST {m.V1}/auth/refresh", f"POST {m.V1}/auth/logout")
CHANGING = (m.CONTROLLER, m.EDITOR, m.OWNER, m.API["quizzes:write"], m.API["runs:write"])
"""Actors who change quizzes or runs, and get one of their own."""


def operations() -> set[str]:
    document = json.loads((ROOT / "docs" / "openapi.json").read_text())
    return {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
    }


def test_every_operation_has_a_row() -> None:
    found = operations()
    assert found - set(m.HTTP) == set(), "add a row to tests/security/matrix.py"
    assert set(m.HTTP) - found == set()
    assert set(ASK) <= found


def test_every_host_command_has_a_row() -> None:
    routes = {"kick": "players/{player_id}/kick", "configure": "settings"}
    for command in HOST_COMMANDS:
        path = routes.get(command, command.replace("_", "-"))
        method = "PATCH" if command == "configure" else "POST"
        assert f"{method} {m.RUN}/{path}" in m.HTTP


@pytest.fixture(scope="module")
async def http(site: Api) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(local_addr=(ADDRESS, 0))
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(site.url, connector=connector, cookie_jar=jar) as session:
        yield session


async def test_every_actor_gets_what_the_matrix_says(
    world: World, http: aiohttp.ClientSession
) -> None:
    refused = {operation: await _refused(world, operation) for operation in m.HTTP}
    before = await _content(world)
    walks = await asyncio.gather(*(_walk(world, http, actor, refused) for actor in m.ACTORS))
    wrong = [line for lines in walks for line in lines]
    assert not wrong, "\n".join(wrong)
    assert await _content(world) == before  # refusals have changed nothing


@pytest.mark.parametrize(
    "operation",
    [
        f"DELETE {m.V1}/me/sessions/{{session_id}}",
        f"DELETE {m.V1}/me/api-tokens/{{token_id}}",
        f"DELETE {m.V1}/me/identities/{{identity_id}}",
        f"PATCH {m.V1}/me/passkeys/{{passkey_id}}",
        f"POST {m.V1}/me/passkeys/{{passkey_id}}/remove",
        f"DELETE {m.V1}/media/{{media_id}}",
    ],
)
async def test_what_belongs_to_another_account_does_not_exist(
    world: World, http: aiohttp.ClientSession, operation: str
) -> None:
    theirs = Scene(world, Credentials(account=world.key_holder), world.aside)
    mine = Scene(world, await signed_in(world.services, world.owner), world.aside)
    given = await request_of(operation, theirs)
    found, said = await _outcome(http, operation, mine, given)
    assert found == m.ABSENT, said


async def _refused(world: World, operation: str) -> Given | None:
    """The request for all who are refused: about things of the owner and of a bystander."""
    if all(outcome == m.OK for outcome in m.HTTP[operation].outcomes.values()):
        return None
    return await request_of(operation, Scene(world, Credentials(), world.aside))


async def _walk(
    world: World, http: aiohttp.ClientSession, actor: str, refused: dict[str, Given | None]
) -> list[str]:
    """Request every operation; return what differs from the matrix."""
    place = world.aside
    if actor in CHANGING:
        place = await world.place(await world.quiz())
    scene = Scene(world, world.credentials[actor], place)
    wrong = []
    for operation, row in m.HTTP.items():
        expected = row.outcomes[actor]
        given = refused[operation]
        if given is None and actor not in REPRESENTATIVES:
            continue
        if expected == m.OK or given is None:
            expected, given = str(row.status), await request_of(operation, scene)
        found, said = await _outcome(http, operation, scene, given)
        if found != expected:
            wrong.append(f"{actor}: {operation}: {found}, not {expected}: {said[:200]}")
    return wrong


async def _outcome(
    http: aiohttp.ClientSession, operation: str, scene: Scene, given: Given
) -> tuple[str, str]:
    """The status, and the code of a problem."""
    method, _, path = operation.partition(" ")
    headers = scene.credentials.headers
    if operation in BY_COOKIE:
        headers = {"Cookie": f"quizrun_session={scene.credentials.cookie or ''}"}
    body: dict[str, Any] = {"json": given.json} if given.json is not None else {}
    if given.content is not None:
        body = {"data": given.content}
    async with http.request(method, path.format(**given.path), headers=headers, **body) as reply:
        content = await reply.read()
        if reply.content_type != "application/problem+json":
            return str(reply.status), ""
        problem = json.loads(content)
        return f"{reply.status} {problem['code']}", content.decode()


async def _content(world: World) -> list[tuple[Any, ...]]:
    """The stored rows of the place that no actor may change."""
    queries = (
        "SELECT * FROM quizzes WHERE id = CAST(:quiz AS uuid)",
        "SELECT * FROM quiz_versions WHERE quiz_id = CAST(:quiz AS uuid)",
        "SELECT pin, phase, version, settings, locked FROM runs WHERE id = CAST(:run AS uuid)",
        """SELECT * FROM players WHERE run_id = CAST(:run AS uuid)
           AND nickname NOT LIKE 'Moving %' ORDER BY id""",
    )
    values = {"quiz": world.aside.quiz_id, "run": world.aside.run_id}
    rows: list[tuple[Any, ...]] = []
    async with world.api.engine.connect() as connection:
        for query in queries:
            found = await connection.execute(
                text(query).bindparams(
                    **{name: value for name, value in values.items() if f":{name}" in query}
                )
            )
            rows += [tuple(row) for row in found]
    return rows
