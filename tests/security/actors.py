"""The actors of the authorisation matrix, with real credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from argon2 import PasswordHasher
from sqlalchemy import text

from db.accounts import Account
from db.hashes import token_hash
from db.sessions import Origin
from gateway.api_tokens import HINT_CHARS, new_api_token
from gateway.factors.passkeys import SIGN_IN
from gateway.http.services import Services
from gateway.keys import KeyRing
from gateway.security import Tokens
from quiz.content import parse_quiz
from quiz.rights import Right
from quiz.run import RunSettings
from telemetry.clock import now_ms
from tests.gateway.http.authenticator import Authenticator
from tests.gateway.http.conftest import PASSWORD, Api, join
from tests.gateway.live.conftest import TOKENS
from tests.security import matrix as m

QUIZ: dict[str, Any] = {
    "title": "Capitals",
    "language": "en",
    "questions": [
        {"type": "single", "text": "Capital of France?", "options": ["Paris", "Rome"],
         "correct": [0], "time_limit_s": 120},
        {"type": "text", "text": "Capital of Italy?", "correct": {"accepted": ["Rome"]},
         "time_limit_s": 120},
    ],
}  # fmt: skip
CALM = RunSettings(countdown_s=0, auto_advance=False, own_extra_time=0)
"""A run that advances only on command."""
TYPED = 1
"""The question with typed answers."""
ORIGIN = "http://localhost:8000"
SECRET = "0123456789abcdef0123456789abcdef"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True)
class Credentials:
    """What an actor sends. `account` is None for those without one."""

    bearer: str | None = None
    cookie: str | None = None
    account: Account | None = None
    session_id: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}


@dataclass(frozen=True)
class Place:
    """A quiz and a run of the owner that only one actor uses, with a player in it."""

    quiz_id: str
    run_id: str
    player_id: str


@dataclass
class World:
    """The owner's things, and everybody's credentials."""

    api: Api
    owner: Account
    co_hosts: dict[str, Account]
    credentials: dict[str, Credentials]
    bystander: Account
    """For what requests of actors without an account are about."""
    reset: Account
    """Whose password is reset, and which admins change."""
    key_holder: Account
    key: Authenticator
    """A passkey of this account."""
    team_id: str
    aside: Place = Place("", "", "")
    """What actors try to change who may not, and what others only read."""
    offered: str = ""
    """The quiz that invitations are for."""

    @property
    def services(self) -> Services:
        return self.api.services

    async def quiz(self) -> str:
        """Store a quiz of the owner that the co-hosts share."""
        library, now = self.services.library, now_ms()
        stored = await library.quizzes.create(self.owner.id, parse_quiz(QUIZ), now)
        for right, actor in zip((Right.VIEW, Right.CONTROL, Right.EDIT), m.CO_HOSTS, strict=True):
            await library.sharing.add("quiz", stored.id, self.co_hosts[actor].id, right, now)
        return str(stored.id)

    async def place(self, quiz_id: str, **settings: Any) -> Place:
        """Open a run of this quiz with a player."""
        snapshot = await self.services.hosting.opener.open(
            self.owner.id, self.owner.id, quiz_id, CALM.model_copy(update=settings), None
        )
        run_id = snapshot.state.run_id
        (player_id,) = await join(self.api, run_id, "Bob")
        return Place(quiz_id, run_id, player_id)


async def new_account(services: Services, name: str) -> Account:
    email = f"{uuid4()}@example.com"
    return await services.auth.accounts.create(email, name, CHEAP.hash(PASSWORD), language="en")


async def signed_in(services: Services, account: Account) -> Credentials:
    started = await services.sign_in.host_sessions.begin(account, Origin("127.0.0.1", "test"))
    session_id = started.session.id
    bearer = TOKENS.sign_access_token(account.id, session_id)
    return Credentials(bearer, started.token, account, session_id)


async def api_token(services: Services, account: Account, *scopes: str) -> tuple[str, str]:
    """Create an API token; return its id and the token."""
    token = new_api_token()
    stored = await services.auth.api_tokens.create(
        account.id, token_hash(token), "test", token[-HINT_CHARS:], scopes, now_ms(), None
    )
    return stored.id, token


async def open_world(api: Api) -> World:
    services = api.services
    accounts = {name: await new_account(services, name) for name in m.ACCOUNTS}
    await services.auth.accounts.administer(
        accounts[m.ADMIN].id, role="admin", disabled=None, now=now_ms()
    )
    owner = accounts[m.OWNER]
    given = {name: await signed_in(services, account) for name, account in accounts.items()}
    team = await services.library.teams.create(owner.id, "Maths", now_ms())
    await services.library.sharing.add("team", team.id, accounts[m.EDITOR].id, Right.EDIT, now_ms())
    bystander, reset, key_holder = [await new_account(services, "Bystander") for _ in range(3)]
    world = World(
        api=api,
        owner=owner,
        co_hosts={name: accounts[name] for name in m.CO_HOSTS},
        credentials=given,
        bystander=bystander,
        reset=reset,
        key_holder=key_holder,
        key=await _passkey(services, key_holder),
        team_id=team.id,
    )
    world.aside = await world.place(await world.quiz())
    world.offered = await world.quiz()
    given |= await _players(world)
    given |= await _invalid(world)
    for scope, actor in m.API.items():
        _, token = await api_token(services, owner, scope)
        given[actor] = Credentials(token, account=owner)
    given[m.NOBODY] = Credentials()
    return world


async def _passkey(services: Services, account: Account) -> Authenticator:
    key, passkeys = Authenticator(ORIGIN), services.sign_in.factors.passkeys
    options = await passkeys.registration_options(account, SIGN_IN)
    await passkeys.register(account, "Laptop", key.create(options), SIGN_IN)
    return key


async def _players(world: World) -> dict[str, Credentials]:
    """A player and a kicked one of the owner's run, and one of another host's run."""
    run_id = world.aside.run_id
    _, kicked = await join(world.api, run_id, "Ann", "Zoe")
    async with world.api.engine.begin() as connection:
        await connection.execute(
            text("UPDATE players SET kicked_at = 1, nickname_key = id::text WHERE id = :id"),
            {"id": kicked},
        )
    elsewhere = world.credentials[m.OTHER_HOST].account
    assert elsewhere is not None
    stored = await world.services.library.quizzes.create(elsewhere.id, parse_quiz(QUIZ), now_ms())
    snapshot = await world.services.hosting.opener.open(
        elsewhere.id, elsewhere.id, stored.id, CALM, None
    )
    other_run = snapshot.state.run_id
    (other,) = await join(world.api, other_run, "Ann")
    return {
        m.PLAYER: Credentials(TOKENS.sign_player_token(run_id, world.aside.player_id)),
        m.KICKED: Credentials(TOKENS.sign_player_token(run_id, kicked)),
        m.OTHER_PLAYER: Credentials(TOKENS.sign_player_token(other_run, other)),
    }


async def _invalid(world: World) -> dict[str, Credentials]:
    """Credentials of the owner that are no longer valid."""
    services, owner = world.services, world.owner
    live = await signed_in(services, owner)
    long_ago = Tokens(
        KeyRing(SECRET), now_ms=lambda: now_ms() - 7_200_000, access_ttl_s=3600, player_ttl_s=3600
    )
    expired = long_ago.sign_access_token(owner.id, live.session_id)
    ended = await signed_in(services, owner)
    await services.sign_in.host_sessions.end(ended.cookie or "")
    revoked_id, revoked = await api_token(services, owner, *m.SCOPES)
    await services.auth.api_tokens.delete(owner.id, revoked_id)
    return {
        m.EXPIRED: Credentials(expired),
        m.ENDED: Credentials(ended.bearer, ended.cookie),
        m.REVOKED: Credentials(revoked),
    }
