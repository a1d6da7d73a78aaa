"""Forged, foreign and outdated tokens, on every way in."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from db.account_deletion import AccountDeletion
from gateway.security import ACCESS, ISSUER, PLAYER
from telemetry.clock import now_ms
from tests.gateway.http.conftest import Api
from tests.gateway.live.conftest import TOKENS, Connect
from tests.security import matrix as m
from tests.security.actors import SECRET, World, api_token, new_account, signed_in

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

Claims = dict[str, Any]


@pytest.fixture
async def http(site: Api) -> AsyncIterator[aiohttp.ClientSession]:
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(site.url, cookie_jar=jar) as session:
        yield session


def forged(claims: Claims) -> Iterator[tuple[str, str]]:
    """Tokens with these claims, which a server that checks them well accepts as they are."""
    now_s = now_ms() // 1000
    header = jwt.get_unverified_header(jwt.encode(claims, SECRET, "HS256"))

    def signed(change: Claims | None = None, key: Any = SECRET, **more: Any) -> str:
        algorithm = more.pop("algorithm", "HS256")
        return jwt.encode(claims | (change or {}), key, algorithm, headers=more or None)

    def without(name: str) -> str:
        kept = {key: value for key, value in claims.items() if key != name}
        return jwt.encode(kept, SECRET, "HS256")

    yield "no signature", signed(key="", algorithm="none")
    yield "a signature cut off", signed().rpartition(".")[0] + "."
    yield "the header says none", part(header | {"alg": "none"}) + "." + signed().partition(".")[2]
    yield "another key", signed(key=SECRET[::-1])
    yield "an empty key", signed(key="\0" * 32)
    yield "another HMAC", signed(algorithm="HS512")
    yield "RSA", signed(key=RSA, algorithm="RS256")
    yield "RSA's public key as a secret", signed(key=base64.b64encode(PUBLIC))
    yield "its own key in the header", signed(key=SECRET[::-1], jwk={"kty": "oct", "k": "AAAA"})
    yield "a key elsewhere", signed(key=SECRET[::-1], jku="http://169.254.169.254/keys")
    for key_id in ("unknown", "../../../../dev/null", "' OR 1=1 --", ""):
        yield f"the key id {key_id}", signed(kid=key_id)
    yield "another audience", signed({"aud": "somewhere"})
    yield "another issuer", signed({"iss": "https://quizrun.example"})
    yield "expired", signed({"exp": now_s - 1})
    yield "not valid yet", signed({"nbf": now_s + 600})
    yield "issued in the future", signed({"iat": now_s + 600})
    for name in ("exp", "aud", "iss", "sub"):
        yield f"without {name}", without(name)
    head, _, rest = signed().partition(".")
    yield "another content", f"{head}.{part(claims | {'exp': 2**33})}.{rest.partition('.')[2]}"


def part(content: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def claims(subject: str, audience: str, **more: Any) -> Claims:
    now_s = now_ms() // 1000
    return {"sub": subject, "aud": audience, "iss": ISSUER, "iat": now_s, "exp": now_s + 60} | more


def account_claims(world: World) -> Claims:
    session_id = world.credentials[m.OWNER].session_id
    return claims(world.owner.id, ACCESS, sid=session_id)


def player_claims(world: World) -> Claims:
    return claims(world.aside.player_id, PLAYER, run=world.aside.run_id)


async def status(http: aiohttp.ClientSession, path: str, token: str) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"}
    async with http.get(f"{m.V1}{path}", headers=headers) as reply:
        return reply.status, json.loads(await reply.read()).get("code", "")


@pytest.mark.parametrize(
    ("path", "of"),
    [("/me", account_claims), ("/play/place", player_claims), ("/review", player_claims)],
)
async def test_no_forged_token_is_accepted_over_http(
    world: World, http: aiohttp.ClientSession, path: str, of: Any
) -> None:
    valid = of(world)
    assert (await status(http, path, jwt.encode(valid, SECRET, "HS256")))[0] == 200
    for attack, token in forged(valid):
        assert await status(http, path, token) == (401, "unauthorized"), attack


async def test_no_forged_token_is_accepted_over_sockets(world: World, connect: Connect) -> None:
    run_id = world.aside.run_id
    for attack, token in forged(player_claims(world)):
        refused = await connect(token=token, refused=True)
        assert refused.refused["data"]["code"] == "unauthorized", attack
    for attack, token in forged(account_claims(world)):
        refused = await connect(namespace="/host", token=token, run_id=run_id, refused=True)
        assert refused.refused["data"]["code"] == "unauthorized", attack


async def test_kinds_of_tokens_are_not_interchangeable_over_http(
    world: World, http: aiohttp.ClientSession
) -> None:
    place = world.aside
    player = TOKENS.sign_player_token(place.run_id, place.player_id)
    review = TOKENS.sign_review_token(place.run_id, place.player_id)
    access = world.credentials[m.OWNER].bearer or ""
    _, api = await api_token(world.services, world.owner, *m.SCOPES)
    refused = {
        "/me": (player, review),
        "/runs": (player, review),
        "/play/place": (access, review, api),
        "/review": (access, api),
    }
    for path, tokens in refused.items():
        for token in tokens:
            assert await status(http, path, token) == (401, "unauthorized"), path
    assert (await status(http, "/review", review))[0] == 200


async def test_a_token_without_a_session_cannot_be_renewed(
    world: World, http: aiohttp.ClientSession
) -> None:
    """Nothing could end it. Old releases signed such tokens."""
    assert await status(http, "/access-token", TOKENS.sign_access_token(world.owner.id)) == (
        401,
        "unauthorized",
    )


async def test_a_player_token_is_for_one_player_of_one_run(
    world: World, http: aiohttp.ClientSession, connect: Connect
) -> None:
    other = jwt.decode(
        world.credentials[m.OTHER_PLAYER].bearer or "", options={"verify_signature": False}
    )
    mixed = TOKENS.sign_player_token(other["run"], world.aside.player_id)
    later = TOKENS.sign_player_token(world.aside.run_id, world.aside.player_id, epoch=-1)
    assert await status(http, "/play/place", mixed) == (401, "unauthorized")
    assert await status(http, "/review", mixed) == (404, "not_found")
    assert await status(http, "/play/place", later) == (409, "moved")
    refused = await connect(token=mixed, refused=True)
    assert refused.refused["data"]["code"] == "unauthorized"


async def test_no_character_of_a_resume_credential_can_be_changed(
    world: World, http: aiohttp.ClientSession
) -> None:
    token = TOKENS.sign_player_token(world.aside.run_id, world.aside.player_id)
    content, _, signature = token.rpartition(".")
    # The last character of a part has bits that encode nothing.
    places = [*range(len(content)), *range(len(content) + 1, len(token) - 1)]
    for place in places[:: len(places) // 16]:
        other = "A" if token[place] != "A" else "B"
        changed = token[:place] + other + token[place + 1 :]
        assert (await status(http, "/play/place", changed))[0] == 401, place
    assert len(signature) == 43


async def test_nothing_of_a_deleted_account_is_accepted(
    world: World, http: aiohttp.ClientSession, site: Api
) -> None:
    services = world.services
    account = await new_account(services, "Gone")
    held = await signed_in(services, account)
    _, api = await api_token(services, account, *m.SCOPES)
    cookie = {"Cookie": f"quizrun_session={held.cookie}"}
    assert (await status(http, "/quizzes", held.bearer or ""))[0] == 200
    await services.auth.deletion.schedule(account.id, now_ms() - 1)
    await AccountDeletion(site.engine).delete_due(now_ms())
    for token in (held.bearer or "", api):
        assert await status(http, "/quizzes", token) == (401, "unauthorized")
    async with http.get(f"{m.V1}/me", headers=cookie) as reply:
        assert reply.status == 401
    async with http.post(f"{m.V1}/auth/refresh", headers=cookie) as reply:
        assert reply.status == 401
