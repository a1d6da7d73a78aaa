"""The authorisation matrix: who may use what.

Each HTTP operation of docs/openapi.json and each Socket.IO event of docs/asyncapi.yaml has a row,
and each row has an outcome for every actor: `OK`, or the status and code of the refusal. A new
operation or event without a row fails the tests beside this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

OK = "ok"
UNKNOWN = "401 unauthorized"
FORBIDDEN = "403 forbidden"
KICKED_OUT = "403 kicked"
ABSENT = "404 not_found"

NOBODY = "nobody"
PLAYER = "player"
KICKED = "kicked player"
OTHER_PLAYER = "player of another run"
OTHER_HOST = "other host"
VIEWER, CONTROLLER, EDITOR = "co-host: view", "co-host: control", "co-host: edit"
OWNER = "owner"
ADMIN = "admin"
EXPIRED = "expired token"
ENDED = "ended session"
REVOKED = "revoked API token"
SCOPES = ("quizzes:read", "quizzes:write", "runs:read", "runs:write", "results:read")
API = {scope: f"API token: {scope}" for scope in SCOPES}

PLAYERS = (PLAYER, KICKED, OTHER_PLAYER)
CO_HOSTS = (VIEWER, CONTROLLER, EDITOR)
ACCOUNTS = (OTHER_HOST, *CO_HOSTS, OWNER, ADMIN)
STRANGERS = (OTHER_HOST, ADMIN)
"""Accounts without a right on the owner's quizzes and runs. Admins have none either."""
INVALID = (EXPIRED, ENDED, REVOKED)
ACTORS = (NOBODY, *PLAYERS, *ACCOUNTS, *INVALID, *API.values())


@dataclass(frozen=True)
class Row:
    """The status that an allowed request gets, and the outcome for each actor."""

    status: int
    outcomes: Mapping[str, str]


def _row(status: int, outcomes: dict[str, str]) -> Row:
    return Row(status, {actor: outcomes.get(actor, UNKNOWN) for actor in ACTORS})


def _same(actors: Iterable[str], outcome: str) -> dict[str, str]:
    return dict.fromkeys(actors, outcome)


def _tokens(scope: str | None) -> dict[str, str]:
    return {actor: OK if held == scope else FORBIDDEN for held, actor in API.items()}


def anyone(status: int = 200) -> Row:
    """Credentials play no role."""
    return _row(status, _same(ACTORS, OK))


def account(status: int = 200, scope: str | None = None) -> Row:
    """The account's own; API tokens need `scope`, and without one cannot be used."""
    return _row(status, _same(ACCOUNTS, OK) | _tokens(scope))


def session(status: int = 200) -> Row:
    """Only the session cookie counts."""
    return _row(status, _same(ACCOUNTS, OK))


def admin(status: int = 200) -> Row:
    """Accounts with the role `admin`."""
    return _row(status, _same(ACCOUNTS, FORBIDDEN) | {ADMIN: OK} | _tokens(None))


def player(status: int = 200) -> Row:
    """A player's own seat."""
    return _row(status, _same(PLAYERS, OK) | {KICKED: KICKED_OUT})


def quiz(right: str, status: int = 200, scope: str | None = None) -> Row:
    """A quiz of the owner. Strangers do not learn whether it exists."""
    return _row(status, _shared(right) | _same(STRANGERS, ABSENT) | _tokens(scope))


def run(right: str, status: int = 200, scope: str | None = None) -> Row:
    """A run of the owner."""
    return _row(status, _shared(right) | _same(STRANGERS, FORBIDDEN) | _tokens(scope))


def team(right: str, status: int = 200) -> Row:
    """A team of the owner. `EDITOR` is a member, the other accounts are not."""
    member = OK if right == "edit" else FORBIDDEN
    return _row(status, _same(ACCOUNTS, ABSENT) | {OWNER: OK, EDITOR: member} | _tokens(None))


def _shared(right: str) -> dict[str, str]:
    held = ("view", "control", "edit", "owner")
    enough = held.index(right)
    return {
        actor: OK if place >= enough else FORBIDDEN
        for place, actor in enumerate((*CO_HOSTS, OWNER))
    }


V1 = "/api/v1"
RUN, QUIZ, TEAM = f"{V1}/runs/{{run_id}}", f"{V1}/quizzes/{{quiz_id}}", f"{V1}/teams/{{team_id}}"
ACCOUNT = f"{V1}/admin/accounts/{{account_id}}"
READ, WRITE = "runs:read", "runs:write"

HTTP: dict[str, Row] = {
    # Operation.
    "GET /healthz": anyone(),
    "GET /readyz": anyone(),
    "GET /metrics": anyone(),
    f"GET {V1}/about": anyone(),
    f"GET {V1}/inbox": anyone(),  # where mail is shown instead of sent, from this machine
    # Signing in: the proof is in the body.
    f"GET {V1}/auth/providers": anyone(),
    f"POST {V1}/auth/register": anyone(201),
    f"POST {V1}/auth/login": anyone(),
    f"POST {V1}/auth/login/second-factor": anyone(),
    f"POST {V1}/auth/passkey/options": anyone(),
    f"POST {V1}/auth/passkey": anyone(),
    f"POST {V1}/auth/password/forgot": anyone(202),
    f"POST {V1}/auth/password/reset": anyone(204),
    f"POST {V1}/auth/email/verify": anyone(),
    f"POST {V1}/auth/refresh": session(),
    # Players.
    f"GET {V1}/join/{{pin}}": anyone(),
    "GET /media/{media_id}": anyone(),
    f"GET {V1}/play/place": player(),
    f"POST {V1}/play/move-code": player(201),
    f"POST {V1}/play/move": anyone(),
    f"GET {V1}/review": player(),
    # One's own account.
    f"GET {V1}/me": account(),
    f"GET {V1}/me/profile": account(),
    f"PATCH {V1}/me/profile": account(),
    f"GET {V1}/me/events": account(),
    f"GET {V1}/me/usage": account(),
    f"GET {V1}/me/archive": account(),
    f"GET {V1}/me/acts": account(),
    f"GET {V1}/me/acts/export": account(),
    f"GET {V1}/me/sessions": account(),
    f"DELETE {V1}/me/sessions/{{session_id}}": account(204),
    f"DELETE {V1}/me/sessions": account(204),
    f"POST {V1}/me/password": account(204),
    f"POST {V1}/me/email": account(202),
    f"POST {V1}/me/email/verification": account(202),
    f"GET {V1}/me/api-tokens": account(),
    f"POST {V1}/me/api-tokens": account(201),
    f"DELETE {V1}/me/api-tokens/{{token_id}}": account(204),
    f"GET {V1}/me/identities": account(),
    f"POST {V1}/me/identities/{{provider}}": account(),
    f"DELETE {V1}/me/identities/{{identity_id}}": account(204),
    f"GET {V1}/me/factors": account(),
    f"POST {V1}/me/passkeys/options": account(),
    f"POST {V1}/me/passkeys": account(201),
    f"PATCH {V1}/me/passkeys/{{passkey_id}}": account(204),
    f"POST {V1}/me/passkeys/{{passkey_id}}/remove": account(204),
    f"POST {V1}/me/totp/setup": account(),
    f"POST {V1}/me/totp": account(201),
    f"POST {V1}/me/recovery-codes": account(),
    f"POST {V1}/me/totp/remove": account(204),
    f"POST {V1}/me/deletion": account(202),
    f"GET {V1}/me/deletion": account(),
    f"DELETE {V1}/me/deletion": account(204),
    f"GET {V1}/access-token": account(scope=READ),
    # Admins.
    f"GET {V1}/admin/accounts": admin(),
    f"PATCH {ACCOUNT}": admin(),
    f"GET {ACCOUNT}/events": admin(),
    f"DELETE {ACCOUNT}/factors": admin(204),
    f"DELETE {ACCOUNT}/sessions": admin(204),
    f"GET {V1}/admin/actions": admin(),
    f"GET {V1}/admin/acts": admin(),
    f"GET {V1}/admin/acts/export": admin(),
    f"GET {V1}/admin/settings": admin(),
    # The library.
    f"GET {V1}/media": account(scope="quizzes:read"),
    f"POST {V1}/media": account(201, scope="quizzes:write"),
    f"DELETE {V1}/media/{{media_id}}": account(204, scope="quizzes:write"),
    f"GET {V1}/templates": account(scope="quizzes:read"),
    f"POST {V1}/templates/{{template_id}}/quizzes": account(201, scope="quizzes:write"),
    f"GET {V1}/quizzes": account(scope="quizzes:read"),
    f"POST {V1}/quizzes": account(201, scope="quizzes:write"),
    f"POST {V1}/quizzes/drafts": account(201, scope="quizzes:write"),
    f"POST {V1}/quizzes/import": account(201, scope="quizzes:write"),
    f"POST {V1}/quizzes/import/preview": account(scope="quizzes:write"),
    f"GET {QUIZ}": quiz("view", scope="quizzes:read"),
    f"GET {QUIZ}/export": quiz("view", scope="quizzes:read"),
    f"GET {QUIZ}/edit": quiz("edit", scope="quizzes:read"),
    f"PUT {QUIZ}/draft": quiz("edit", scope="quizzes:write"),
    f"PUT {QUIZ}": quiz("edit", scope="quizzes:write"),
    f"POST {QUIZ}/duplicate": quiz("view", 201, scope="quizzes:write"),
    f"DELETE {QUIZ}": quiz("owner", 204, scope="quizzes:write"),
    # Sharing.
    f"GET {QUIZ}/members": quiz("view"),
    f"DELETE {QUIZ}/members/{{account_id}}": quiz("owner", 204),
    f"POST {QUIZ}/invitations": quiz("owner", 201),
    f"DELETE {QUIZ}/invitations/{{invitation_id}}": quiz("owner", 204),
    f"PUT {QUIZ}/team": quiz("owner", 204),
    f"GET {QUIZ}/team": quiz("owner"),
    f"DELETE {QUIZ}/team": quiz("owner", 204),
    f"GET {RUN}/members": run("view"),
    f"DELETE {RUN}/members/{{account_id}}": run("owner", 204),
    f"POST {RUN}/invitations": run("owner", 201),
    f"DELETE {RUN}/invitations/{{invitation_id}}": run("owner", 204),
    f"GET {V1}/shared/quizzes": account(),
    f"GET {V1}/shared/runs": account(),
    f"POST {V1}/invitations/look": account(),
    f"POST {V1}/invitations/accept": account(),
    f"GET {V1}/teams": account(),
    f"POST {V1}/teams": account(201),
    f"GET {TEAM}/members": team("edit"),
    f"PATCH {TEAM}": team("owner", 204),
    f"POST {TEAM}/invitations": team("owner", 201),
    f"DELETE {TEAM}/invitations/{{invitation_id}}": team("owner", 204),
    f"DELETE {TEAM}/members/{{account_id}}": team("owner", 204),
    f"DELETE {TEAM}": team("owner", 204),
    # Runs. The commands are in the order in which one run takes them.
    f"POST {V1}/runs": quiz("control", 201, scope=WRITE),
    f"GET {V1}/runs": account(scope=READ),
    f"GET {RUN}": run("view", scope=READ),
    f"PATCH {RUN}/settings": run("control", scope=WRITE),
    f"POST {RUN}/lock": run("control", scope=WRITE),
    f"POST {RUN}/unlock": run("control", scope=WRITE),
    f"GET {RUN}/players": run("view", scope="results:read"),
    f"GET {RUN}/players/{{player_id}}": run("view", scope="results:read"),
    f"PUT {RUN}/players/{{player_id}}/extra-time": run("control", scope=WRITE),
    f"POST {RUN}/players/{{player_id}}/kick": run("control", scope=WRITE),
    f"GET {RUN}/removed": run("view", scope=READ),
    f"POST {RUN}/players/{{player_id}}/let-back": run("control", scope=WRITE),
    f"GET {RUN}/waiting": run("view", scope=READ),
    f"POST {RUN}/waiting/{{player_id}}/decline": run("control", scope=WRITE),
    f"POST {RUN}/waiting/admit": run("control", scope=WRITE),
    f"POST {RUN}/start": run("control", scope=WRITE),
    f"POST {RUN}/pause": run("control", scope=WRITE),
    f"POST {RUN}/resume": run("control", scope=WRITE),
    f"POST {RUN}/skip": run("control", scope=WRITE),
    f"POST {RUN}/show-standings": run("control", scope=WRITE),
    f"POST {RUN}/hide-standings": run("control", scope=WRITE),
    f"POST {RUN}/next": run("control", scope=WRITE),
    f"GET {RUN}/questions/{{question}}/answers": run("view", scope=READ),
    f"POST {RUN}/questions/{{question}}/answers/{{verdict}}": run("control", scope=WRITE),
    f"POST {RUN}/end": run("control", scope=WRITE),
    # Results.
    f"GET {RUN}/leaderboard": run("view", scope="results:read"),
    f"GET {RUN}/matrix": run("view", scope="results:read"),
    f"GET {RUN}/questions": run("view", scope="results:read"),
    f"GET {RUN}/help": run("view", scope="results:read"),
    f"GET {RUN}/results": run("view", scope="results:read"),
    f"GET {RUN}/deliveries": run("view", scope="results:read"),
    f"POST {RUN}/corrections": run("control", scope=WRITE),
    f"GET {RUN}/corrections": run("view", scope="results:read"),
    f"GET {QUIZ}/comparison": account(scope="results:read"),  # of one's own runs of this quiz
    # Last: it ends the session.
    f"POST {V1}/auth/logout": anyone(204),
}

REFUSED, OUTSIDE = "refused: unauthorized", "not_joined"
SILENT = "no such event"

SOCKET_ACTORS = (
    *(NOBODY, PLAYER, KICKED, OTHER_PLAYER, OTHER_HOST, *CO_HOSTS, OWNER, ADMIN),
    *(EXPIRED, ENDED, REVOKED, API[READ]),
)
"""Whose credentials sockets are opened with. An actor with API tokens has exchanged one."""

CONNECTS: dict[str, dict[str, str]] = {
    "play": dict.fromkeys(SOCKET_ACTORS, REFUSED)
    | {NOBODY: OK, PLAYER: OK, OTHER_PLAYER: OK, KICKED: "refused: kicked"},
    "host": dict.fromkeys(SOCKET_ACTORS, REFUSED)
    | dict.fromkeys((*CO_HOSTS, OWNER, API[READ]), OK)
    | dict.fromkeys(STRANGERS, "refused: forbidden"),
}
"""What a connection to a namespace gets, with the run that belongs to `OWNER`."""

SAYS: dict[str, dict[str, str]] = {
    "play.receive.join": {NOBODY: OK, PLAYER: "payload_invalid", OTHER_PLAYER: "payload_invalid"},
    "play.receive.answer": {NOBODY: OUTSIDE, PLAYER: OK, OTHER_PLAYER: "question_not_open"},
    "play.receive.extra_time": {NOBODY: OUTSIDE, PLAYER: OK, OTHER_PLAYER: OK},
    "play.receive.sync": {NOBODY: OK, PLAYER: OK, OTHER_PLAYER: OK},
    "host.receive.sync": dict.fromkeys((*CO_HOSTS, OWNER, API[READ]), OK),
}
"""The acknowledgement of each event from a client that may connect. A player who sends `join`
again keeps the seat.
"""

ALL_PLAYERS, ALL_HOSTS = (PLAYER, KICKED), (*CO_HOSTS, OWNER, API[READ])
"""In `HEARS` the kicked player was one at first."""

HEARS: dict[str, tuple[str, ...]] = {
    "play.send.snapshot": (*ALL_PLAYERS, OTHER_PLAYER),  # each of their own run
    "play.send.lobby": ALL_PLAYERS,
    "play.send.starting": ALL_PLAYERS,
    "play.send.question": ALL_PLAYERS,
    "play.send.progress": ALL_PLAYERS,
    "play.send.paused": ALL_PLAYERS,
    "play.send.resumed": ALL_PLAYERS,
    "play.send.reveal": ALL_PLAYERS,
    "play.send.answers": ALL_PLAYERS,
    "play.send.standings": ALL_PLAYERS,
    "play.send.round_break": ALL_PLAYERS,
    "play.send.settings": ALL_PLAYERS,
    "play.send.finished": ALL_PLAYERS,
    "play.send.extra_time": (PLAYER,),
    "play.send.kicked": (KICKED,),
    "play.send.closed": ALL_PLAYERS,
    "play.send.come_back": (NOBODY, *ALL_PLAYERS, OTHER_PLAYER),
    "host.send.snapshot": ALL_HOSTS,
    "host.send.lobby": ALL_HOSTS,
    "host.send.starting": ALL_HOSTS,
    "host.send.question": ALL_HOSTS,
    "host.send.progress": ALL_HOSTS,
    "host.send.paused": ALL_HOSTS,
    "host.send.resumed": ALL_HOSTS,
    "host.send.reveal": ALL_HOSTS,
    "host.send.answers": ALL_HOSTS,
    "host.send.standings": ALL_HOSTS,
    "host.send.round_break": ALL_HOSTS,
    "host.send.finished": ALL_HOSTS,
    "host.send.closed": ALL_HOSTS,
    "host.send.come_back": ALL_HOSTS,
}
"""Who may hear each event of a run."""
