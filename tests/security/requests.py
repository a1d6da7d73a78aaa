"""A well-formed request for each operation of the authorisation matrix.

What an actor may not do is refused before anything is read or changed, so that a request which is
valid for the owner shows it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson
import pyotp
from sqlalchemy import text

from db.accounts import Account
from db.sessions import Origin
from gateway.account_mail import RESET, VERIFY
from gateway.http.services import Services
from gateway.media.inspect import inspect
from gateway.templates.catalogue import templates
from quiz.rights import Right
from telemetry.clock import now_ms
from tests.gateway.http.authenticator import Authenticator
from tests.gateway.http.conftest import PASSWORD, join, registration
from tests.gateway.media.pictures import png
from tests.security import matrix as m
from tests.security.actors import (
    ORIGIN,
    QUIZ,
    TYPED,
    Credentials,
    Place,
    World,
    api_token,
    new_account,
)

DAY_MS = 86_400_000
NOBODY = "00000000-0000-0000-0000-000000000000"
NEW_PASSWORD = "purple elephant dances"


@dataclass
class Given:
    """A request: parameters of the path, and its body."""

    path: dict[str, str] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None


@dataclass
class Scene:
    """One actor before one place."""

    world: World
    credentials: Credentials
    place: Place

    @property
    def services(self) -> Services:
        return self.world.services

    @property
    def account(self) -> Account:
        """The actor's own account."""
        return self.credentials.account or self.world.bystander

    async def phase(self, phase: str) -> None:
        """Wait until the run is in this phase."""
        async with asyncio.timeout(15):
            while True:
                run = await self.services.play.runs.get(self.place.run_id)
                if run.snapshot.state.phase.value == phase:
                    return
                await asyncio.sleep(0.02)

    async def someone(self) -> Account:
        return await new_account(self.services, "Someone")


Ask = Callable[[Scene], Awaitable[Given]]
ASK: dict[str, Ask] = {}


def asks(*operations: str) -> Callable[[Ask], Ask]:
    """Register what makes the request of these operations."""

    def register(make: Ask) -> Ask:
        ASK.update(dict.fromkeys(operations, make))
        return make

    return register


def body(operation: str, json: Any) -> None:
    """Register a body that is the same for all."""

    async def make(_: Scene) -> Given:
        return Given(json=json)

    ASK[operation] = make


async def request_of(operation: str, scene: Scene) -> Given:
    """Make the request; parameters that it does not name are those of the actor's place."""
    given = await ASK[operation](scene) if operation in ASK else Given()
    place = scene.place
    given.path = {
        "quiz_id": place.quiz_id,
        "run_id": place.run_id,
        "player_id": place.player_id,
        "team_id": scene.world.team_id,
        "question": str(TYPED),
        "verdict": "show",
        "provider": "school",
        "template_id": templates("en")[0].id,
    } | given.path
    return given


PROOF: dict[str, Any] = {}
body(f"PATCH {m.V1}/me/profile", {"display_name": "Ada"})
body(f"POST {m.V1}/me/password", {"password": NEW_PASSWORD})
body(f"POST {m.V1}/me/api-tokens", {"name": "Import", "scopes": ["runs:read"]})
for _path in ("identities/{provider}", "passkeys/options", "totp/setup", "recovery-codes"):
    body(f"POST {m.V1}/me/{_path}", PROOF)
body(f"POST {m.V1}/me/totp/remove", PROOF)
body(f"POST {m.V1}/me/deletion", PROOF)
body(f"PATCH {m.ACCOUNT}", {"disabled": False})
body(f"POST {m.V1}/templates/{{template_id}}/quizzes", {"language": "en"})
body(f"POST {m.V1}/quizzes", QUIZ)
body(f"PUT {m.QUIZ}", QUIZ)
body(f"POST {m.V1}/quizzes/drafts", QUIZ)
body(f"PUT {m.QUIZ}/draft", QUIZ)
body(f"POST {m.QUIZ}/invitations", {"right": "view"})
body(f"POST {m.RUN}/invitations", {"right": "view"})
body(f"POST {m.V1}/teams", {"name": "Maths"})
body(f"PATCH {m.TEAM}", {"name": "Maths"})
body(f"POST {m.TEAM}/invitations", {"right": "edit"})
body(f"PATCH {m.RUN}/settings", {"reading_s": 0})
body(f"PUT {m.RUN}/players/{{player_id}}/extra-time", {"percent": 150})
body(f"POST {m.RUN}/waiting/admit", {})
body(f"POST {m.RUN}/questions/{{question}}/answers/{{verdict}}", {"answers": ["Rome"]})
body(f"POST {m.RUN}/corrections", {"question": 0, "verdict": "void"})


@asks(f"POST {m.V1}/auth/register")
async def _register(_: Scene) -> Given:
    return Given(json=registration())


@asks(f"POST {m.V1}/auth/login")
async def _login(scene: Scene) -> Given:
    return Given(json={"email": scene.world.bystander.email, "password": PASSWORD})


@asks(f"POST {m.V1}/auth/login/second-factor")
async def _second_factor(scene: Scene) -> Given:
    factors = scene.services.sign_in.factors
    account, key = scene.world.key_holder, scene.world.key
    offer = await factors.second_step.offer(account)
    assert offer is not None
    return Given(json={"token": offer.token, "passkey": key.get(offer.passkey_options or {})})


@asks(f"POST {m.V1}/auth/passkey")
async def _passkey_sign_in(scene: Scene) -> Given:
    options = scene.services.sign_in.factors.passkeys.sign_in_options()
    return Given(json={"credential": scene.world.key.get(options)})


@asks(f"POST {m.V1}/auth/password/forgot")
async def _forgot(scene: Scene) -> Given:
    return Given(json={"email": scene.world.bystander.email})


@asks(f"POST {m.V1}/auth/password/reset")
async def _reset(scene: Scene) -> Given:
    tokens, account = scene.services.auth.one_time_tokens, scene.world.reset
    token = await tokens.issue(RESET, account.id, 60, alone=False)
    return Given(json={"token": token, "password": NEW_PASSWORD})


@asks(f"POST {m.V1}/auth/email/verify")
async def _verify(scene: Scene) -> Given:
    tokens, account = scene.services.auth.one_time_tokens, scene.world.bystander
    token = await tokens.issue(VERIFY, account.id, 60, alone=False, email=account.email)
    return Given(json={"token": token})


@asks(f"GET {m.V1}/join/{{pin}}")
async def _pin(scene: Scene) -> Given:
    return Given({"pin": (await scene.services.play.runs.get(scene.place.run_id)).pin})


@asks(f"POST {m.V1}/play/move")
async def _move(scene: Scene) -> Given:
    run_id = scene.place.run_id
    (player_id,) = await join(scene.world.api, run_id, f"Moving {uuid4().hex[:8]}")
    made = await scene.services.hosting.safety.move_code(run_id, player_id)
    return Given(json={"code": made.code})


@asks(f"DELETE {m.V1}/me/sessions/{{session_id}}")
async def _session(scene: Scene) -> Given:
    sessions = scene.services.sign_in.host_sessions
    started = await sessions.begin(scene.account, Origin("127.0.0.1", "test"))
    return Given({"session_id": started.session.id})


@asks(f"POST {m.V1}/me/email")
async def _email(_: Scene) -> Given:
    return Given(json={"email": f"{uuid4()}@example.com"})


@asks(f"DELETE {m.V1}/me/api-tokens/{{token_id}}")
async def _api_token(scene: Scene) -> Given:
    id_, _ = await api_token(scene.services, scene.account, "runs:read")
    return Given({"token_id": id_})


@asks(f"DELETE {m.V1}/me/identities/{{identity_id}}")
async def _identity(scene: Scene) -> Given:
    identities, account_id = scene.services.auth.identities, scene.account.id
    await identities.add(account_id, "school", "https://school.example", str(uuid4()), None)
    return Given({"identity_id": (await identities.of_account(account_id))[-1].id})


@asks(f"POST {m.V1}/me/passkeys")
async def _new_passkey(scene: Scene) -> Given:
    purpose = f"register {scene.account.id} {scene.credentials.session_id}"
    options = await scene.services.sign_in.factors.passkeys.registration_options(
        scene.account, purpose
    )
    return Given(json={"name": "Laptop", "credential": Authenticator(ORIGIN).create(options)})


@asks(f"PATCH {m.V1}/me/passkeys/{{passkey_id}}")
async def _rename_passkey(scene: Scene) -> Given:
    return Given({"passkey_id": await _held_passkey(scene)}, json={"name": "Phone"})


@asks(f"POST {m.V1}/me/passkeys/{{passkey_id}}/remove")
async def _remove_passkey(scene: Scene) -> Given:
    return Given({"passkey_id": await _held_passkey(scene)}, json=PROOF)


async def _held_passkey(scene: Scene) -> str:
    held = await scene.services.sign_in.factors.held_passkeys.of_account(scene.account.id)
    return held[0].id if held else NOBODY


@asks(f"POST {m.V1}/me/totp")
async def _totp(scene: Scene) -> Given:
    # The code of this step or the next: both are valid if the step ends meanwhile.
    setup = await scene.services.sign_in.factors.apps.set_up(scene.account)
    return Given(json={"token": setup.token, "code": pyotp.TOTP(setup.key).now()})


@asks(
    f"PATCH {m.ACCOUNT}",
    f"GET {m.ACCOUNT}/events",
    f"DELETE {m.ACCOUNT}/factors",
    f"DELETE {m.ACCOUNT}/sessions",
)
async def _administered(scene: Scene) -> Given:
    return Given({"account_id": scene.world.reset.id}, json={"disabled": False})


@asks(f"POST {m.V1}/media")
async def _upload(_: Scene) -> Given:
    return Given(content=_picture())


@asks(f"DELETE {m.V1}/media/{{media_id}}", "GET /media/{media_id}")
async def _media(scene: Scene) -> Given:
    quota = scene.services.settings.media_quota
    stored = await scene.services.library.media.add(
        scene.account.id, inspect(_picture()), quota, now_ms()
    )
    return Given({"media_id": stored.id})


def _picture() -> bytes:
    return png(random.randrange(1, 5_000), random.randrange(1, 5_000))


@asks(f"POST {m.V1}/quizzes/import")
async def _import(_: Scene) -> Given:
    return Given(content=orjson.dumps(QUIZ))


@asks(f"POST {m.V1}/quizzes/import/preview")
async def _preview(_: Scene) -> Given:
    return Given(content=b"Capital of France?\n* Paris\n- Rome\n")


@asks(f"DELETE {m.QUIZ}")
async def _quiz(scene: Scene) -> Given:
    return Given({"quiz_id": await scene.world.quiz()})


@asks(f"DELETE {m.QUIZ}/members/{{account_id}}")
async def _quiz_member(scene: Scene) -> Given:
    return await _member(scene, "quiz", scene.place.quiz_id, Right.VIEW)


@asks(f"DELETE {m.RUN}/members/{{account_id}}")
async def _run_member(scene: Scene) -> Given:
    return await _member(scene, "run", scene.place.run_id, Right.VIEW)


@asks(f"DELETE {m.TEAM}/members/{{account_id}}")
async def _team_member(scene: Scene) -> Given:
    return await _member(scene, "team", scene.world.team_id, Right.EDIT)


async def _member(scene: Scene, kind: str, target_id: str, right: Right) -> Given:
    account = await scene.someone()
    await scene.services.library.sharing.add(kind, target_id, account.id, right, now_ms())
    return Given({"account_id": account.id})


@asks(f"DELETE {m.QUIZ}/invitations/{{invitation_id}}")
async def _quiz_invitation(scene: Scene) -> Given:
    id_, _ = await _invitation(scene, "quiz", scene.place.quiz_id)
    return Given({"invitation_id": id_})


@asks(f"DELETE {m.RUN}/invitations/{{invitation_id}}")
async def _run_invitation(scene: Scene) -> Given:
    id_, _ = await _invitation(scene, "run", scene.place.run_id)
    return Given({"invitation_id": id_})


@asks(f"DELETE {m.TEAM}/invitations/{{invitation_id}}")
async def _team_invitation(scene: Scene) -> Given:
    id_, _ = await _invitation(scene, "team", scene.world.team_id)
    return Given({"invitation_id": id_})


@asks(f"POST {m.V1}/invitations/look", f"POST {m.V1}/invitations/accept")
async def _offered(scene: Scene) -> Given:
    _, token = await _invitation(scene, "quiz", scene.world.offered)
    return Given(json={"token": token})


async def _invitation(scene: Scene, kind: Any, target_id: str) -> tuple[str, str]:
    inviter, now = scene.world.owner.id, now_ms()
    return await scene.services.library.invitations.create(
        kind, target_id, Right.VIEW, inviter, None, now, now + DAY_MS
    )


@asks(f"PUT {m.QUIZ}/team")
async def _into_library(scene: Scene) -> Given:
    return Given(json={"team_id": scene.world.team_id, "right": "view"})


@asks(f"DELETE {m.TEAM}")
async def _team(scene: Scene) -> Given:
    world, teams = scene.world, scene.services.library.teams
    team = await teams.create(world.owner.id, "Maths", now_ms())
    editor = world.co_hosts[m.EDITOR].id
    await scene.services.library.sharing.add("team", team.id, editor, Right.EDIT, now_ms())
    return Given({"team_id": team.id})


@asks(f"POST {m.V1}/runs")
async def _open_run(scene: Scene) -> Given:
    return Given(json={"quiz_id": scene.place.quiz_id, "settings": {"countdown_s": 0}})


@asks(f"POST {m.RUN}/waiting/{{player_id}}/decline")
async def _waiting(scene: Scene) -> Given:
    id_, now = str(uuid4()), now_ms()
    async with scene.world.api.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO waiting_players (id, run_id, nickname, nickname_key, skeleton,"
                " join_key, asked_at, seen_at) VALUES"
                " (CAST(:id AS uuid), CAST(:run AS uuid), :name, :name, :name, :name, :now, :now)"
            ),
            {"id": id_, "run": scene.place.run_id, "name": id_[:20], "now": now},
        )
    return Given({"player_id": id_})


@asks(f"POST {m.RUN}/pause", f"POST {m.RUN}/skip")
async def _during_a_question(scene: Scene) -> Given:
    if scene.place is not scene.world.aside:
        await scene.phase("question")
    return Given()


@asks(f"POST {m.RUN}/corrections")
async def _after_the_end(scene: Scene) -> Given:
    if scene.place is not scene.world.aside:
        await scene.phase("finished")
    return Given(json={"question": 0, "verdict": "void"})
