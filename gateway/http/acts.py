"""Which requests are acts for the audit log, and why the others are not.

A test compares both lists with the generated OpenAPI: every operation that changes something is in
exactly one of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from quiz.acts import Act

API = "/api/v1"

ACTS: Mapping[str, Act] = {
    "POST /auth/register": Act.REGISTER,
    "POST /auth/login": Act.SIGN_IN,
    "POST /auth/login/second-factor": Act.SIGN_IN,
    "POST /auth/passkey": Act.SIGN_IN,
    "GET /auth/oidc/{provider}/callback": Act.SIGN_IN,
    "POST /auth/logout": Act.SIGN_OUT,
    "POST /auth/password/reset": Act.RESET_PASSWORD,
    "POST /auth/email/verify": Act.VERIFY_EMAIL,
    "POST /me/password": Act.CHANGE_PASSWORD,
    "POST /me/email": Act.ASK_EMAIL_CHANGE,
    "PATCH /me/profile": Act.CHANGE_PROFILE,
    "POST /me/deletion": Act.PLAN_DELETION,
    "DELETE /me/deletion": Act.CANCEL_DELETION,
    "GET /me/archive": Act.EXPORT_ACCOUNT,
    "DELETE /me/sessions/{session_id}": Act.END_SESSION,
    "DELETE /me/sessions": Act.END_OTHER_SESSIONS,
    "DELETE /me/identities/{identity_id}": Act.UNLINK_IDENTITY,
    "POST /me/passkeys": Act.ADD_PASSKEY,
    "PATCH /me/passkeys/{passkey_id}": Act.RENAME_PASSKEY,
    "POST /me/passkeys/{passkey_id}/remove": Act.REMOVE_PASSKEY,
    "POST /me/totp": Act.ADD_APP,
    "POST /me/totp/remove": Act.REMOVE_APP,
    "POST /me/recovery-codes": Act.RENEW_RECOVERY_CODES,
    "POST /me/api-tokens": Act.CREATE_API_TOKEN,
    "DELETE /me/api-tokens/{token_id}": Act.REVOKE_API_TOKEN,
    "POST /quizzes": Act.CREATE_QUIZ,
    "POST /quizzes/drafts": Act.CREATE_QUIZ,
    "POST /quizzes/{quiz_id}/duplicate": Act.CREATE_QUIZ,
    "POST /templates/{template_id}/quizzes": Act.CREATE_QUIZ,
    "POST /quizzes/import": Act.IMPORT_QUIZ,
    "PUT /quizzes/{quiz_id}": Act.CHANGE_QUIZ,
    "DELETE /quizzes/{quiz_id}": Act.DELETE_QUIZ,
    "GET /quizzes/{quiz_id}/export": Act.EXPORT_QUIZ,
    "PUT /quizzes/{quiz_id}/team": Act.PUT_INTO_LIBRARY,
    "DELETE /quizzes/{quiz_id}/team": Act.TAKE_OUT_OF_LIBRARY,
    "DELETE /media/{media_id}": Act.DELETE_MEDIA,
    "POST /quizzes/{quiz_id}/invitations": Act.INVITE,
    "POST /runs/{run_id}/invitations": Act.INVITE,
    "POST /teams/{team_id}/invitations": Act.INVITE,
    "DELETE /quizzes/{quiz_id}/invitations/{invitation_id}": Act.REVOKE_INVITATION,
    "DELETE /runs/{run_id}/invitations/{invitation_id}": Act.REVOKE_INVITATION,
    "DELETE /teams/{team_id}/invitations/{invitation_id}": Act.REVOKE_INVITATION,
    "POST /invitations/accept": Act.ACCEPT_INVITATION,
    "DELETE /quizzes/{quiz_id}/members/{account_id}": Act.REMOVE_MEMBER,
    "DELETE /runs/{run_id}/members/{account_id}": Act.REMOVE_MEMBER,
    "DELETE /teams/{team_id}/members/{account_id}": Act.REMOVE_MEMBER,
    "POST /teams": Act.CREATE_TEAM,
    "PATCH /teams/{team_id}": Act.RENAME_TEAM,
    "DELETE /teams/{team_id}": Act.DELETE_TEAM,
    "POST /runs": Act.OPEN_RUN,
    "POST /runs/{run_id}/start": Act.START_RUN,
    "POST /runs/{run_id}/end": Act.END_RUN,
    "PATCH /runs/{run_id}/settings": Act.CHANGE_RUN_SETTINGS,
    "POST /runs/{run_id}/players/{player_id}/kick": Act.REMOVE_PLAYER,
    "POST /runs/{run_id}/players/{player_id}/let-back": Act.LET_PLAYER_BACK,
    "PUT /runs/{run_id}/players/{player_id}/extra-time": Act.GIVE_EXTRA_TIME,
    "POST /runs/{run_id}/waiting/admit": Act.ADMIT_PLAYERS,
    "POST /runs/{run_id}/waiting/{player_id}/decline": Act.DECLINE_PLAYER,
    "POST /runs/{run_id}/questions/{question}/answers/{verdict}": Act.MODERATE_ANSWERS,
    "POST /runs/{run_id}/corrections": Act.CORRECT_RUN,
    "GET /runs/{run_id}/results": Act.EXPORT_RUN,
    "PATCH /admin/accounts/{account_id}": Act.CHANGE_ACCOUNT,
    "DELETE /admin/accounts/{account_id}/sessions": Act.SIGN_ACCOUNT_OUT,
    "DELETE /admin/accounts/{account_id}/factors": Act.REMOVE_FACTORS,
    "GET /admin/acts/export": Act.EXPORT_ACTS,
    "GET /me/acts/export": Act.EXPORT_ACTS,
    "POST /admin/runs/{run_id}/{command}": Act.COMMAND_RUN,
}
"""Acts by method and path (without `API`)."""

_PACE = "moves the run on; the workflow's history has it"
_PREPARES = "changes nothing yet; the request that completes it is recorded"

NOT_RECORDED: Mapping[str, str] = {
    "POST /auth/refresh": "renews a session whose beginning is recorded",
    "POST /auth/password/forgot": "tells nobody whether the account exists; the reset is recorded",
    "POST /auth/passkey/options": _PREPARES,
    "POST /me/email/verification": _PREPARES,
    "POST /me/identities/{provider}": _PREPARES,
    "POST /me/passkeys/options": _PREPARES,
    "POST /me/totp/setup": _PREPARES,
    "POST /quizzes/import/preview": "stores nothing",
    "PUT /quizzes/{quiz_id}/draft": "the editor saves while a host types; versions are recorded",
    "POST /invitations/look": "stores nothing",
    "POST /media": "adds to the host's own uploads, which are listed and limited",
    "POST /play/move-code": "a player's act",
    "POST /play/move": "a player's act",
    "POST /runs/{run_id}/pause": _PACE,
    "POST /runs/{run_id}/resume": _PACE,
    "POST /runs/{run_id}/next": _PACE,
    "POST /runs/{run_id}/skip": _PACE,
    "POST /runs/{run_id}/lock": _PACE,
    "POST /runs/{run_id}/unlock": _PACE,
    "POST /runs/{run_id}/show-standings": _PACE,
    "POST /runs/{run_id}/hide-standings": _PACE,
}
"""Why other requests that change something are not recorded."""

TARGETS: Mapping[str, str] = {
    "run_id": "run",
    "quiz_id": "quiz",
    "team_id": "team",
    "account_id": "account",
    "token_id": "api_token",
    "session_id": "session",
    "passkey_id": "passkey",
    "identity_id": "identity",
    "media_id": "media",
}
"""What a request is about, by path parameter; the first one that it has. The rest are details."""


def act_of(method: str, path: str) -> Act | None:
    """Return the act of a route, if it is one."""
    return ACTS.get(f"{method} {path.removeprefix(API)}")
