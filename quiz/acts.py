"""The acts of hosts and admins that the audit log records."""

from __future__ import annotations

from enum import StrEnum

DONE = "done"
"""The outcome of an act that was carried out; other outcomes are error codes."""


class Act(StrEnum):
    """The closed list of acts. Values are stored, and translated by the web client."""

    REGISTER = "account.register"
    SIGN_IN = "account.sign_in"
    SIGN_OUT = "account.sign_out"
    CHANGE_PASSWORD = "account.password_change"  # noqa: S105
    RESET_PASSWORD = "account.password_reset"  # noqa: S105
    ASK_EMAIL_CHANGE = "account.email_change"
    VERIFY_EMAIL = "account.email_verify"
    CHANGE_PROFILE = "account.profile_change"
    PLAN_DELETION = "account.deletion_plan"
    CANCEL_DELETION = "account.deletion_cancel"
    EXPORT_ACCOUNT = "account.export"
    END_SESSION = "session.end"
    END_OTHER_SESSIONS = "session.end_others"
    LINK_IDENTITY = "identity.link"
    UNLINK_IDENTITY = "identity.unlink"
    ADD_PASSKEY = "passkey.add"
    RENAME_PASSKEY = "passkey.rename"
    REMOVE_PASSKEY = "passkey.remove"
    ADD_APP = "authenticator_app.add"
    REMOVE_APP = "authenticator_app.remove"
    RENEW_RECOVERY_CODES = "recovery_codes.renew"
    CREATE_API_TOKEN = "api_token.create"  # noqa: S105
    REVOKE_API_TOKEN = "api_token.revoke"  # noqa: S105
    CREATE_QUIZ = "quiz.create"
    CHANGE_QUIZ = "quiz.change"
    DELETE_QUIZ = "quiz.delete"
    IMPORT_QUIZ = "quiz.import"
    EXPORT_QUIZ = "quiz.export"
    PUT_INTO_LIBRARY = "quiz.library_add"
    TAKE_OUT_OF_LIBRARY = "quiz.library_remove"
    DELETE_MEDIA = "media.delete"
    INVITE = "invitation.create"
    REVOKE_INVITATION = "invitation.revoke"
    ACCEPT_INVITATION = "invitation.accept"
    REMOVE_MEMBER = "member.remove"
    CREATE_TEAM = "team.create"
    RENAME_TEAM = "team.rename"
    DELETE_TEAM = "team.delete"
    OPEN_RUN = "run.open"
    START_RUN = "run.start"
    END_RUN = "run.end"
    CHANGE_RUN_SETTINGS = "run.settings_change"
    REMOVE_PLAYER = "run.player_remove"
    LET_PLAYER_BACK = "run.player_let_back"
    ADMIT_PLAYERS = "run.players_admit"
    DECLINE_PLAYER = "run.player_decline"
    GIVE_EXTRA_TIME = "run.extra_time"
    MODERATE_ANSWERS = "run.answers_moderate"
    CORRECT_RUN = "run.correct"
    EXPORT_RUN = "run.export"
    CHANGE_ACCOUNT = "admin.account_change"
    SIGN_ACCOUNT_OUT = "admin.account_sign_out"
    REMOVE_FACTORS = "admin.factors_remove"
    EXPORT_ACTS = "acts.export"
    COMMAND_RUN = "operator.run_command"
    OPERATE = "operator.command"
