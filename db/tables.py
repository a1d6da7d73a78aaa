"""The PostgreSQL tables. All times are epoch milliseconds.

`answers` has no foreign keys: its insert joins the run and the player anyway (`db.answers`), and
two triggers a row would cost more than the row.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    SmallInteger,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


class Base(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy's own idiom)
        dict[str, Any]: JSONB,
    }


def _id(*args: Any, **options: Any) -> Mapped[str]:
    return mapped_column(Uuid(as_uuid=False), *args, **options)


def _at(**options: Any) -> Mapped[Any]:
    return mapped_column(BigInteger, **options)


class AccountRow(Base):
    """A host. `language` is the one for mail; `delete_at` is when the account will be deleted."""

    __tablename__ = "accounts"
    id: Mapped[str] = _id(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    display_name: Mapped[str]
    password_hash: Mapped[str]
    created_at: Mapped[int] = _at()
    email_verified_at: Mapped[int | None] = _at()
    role: Mapped[str] = mapped_column(server_default=text("'host'"))
    language: Mapped[str | None]
    disabled_at: Mapped[int | None] = _at()
    delete_at: Mapped[int | None] = _at()


class SessionRow(Base):
    """A browser session of a host, with hashes of its tokens (see `db.sessions`)."""

    __tablename__ = "sessions"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[int] = _at(index=True)
    created_at: Mapped[int] = _at()
    id: Mapped[str] = _id(unique=True, server_default=text("gen_random_uuid()"))
    next_hash: Mapped[bytes | None]
    previous_hash: Mapped[bytes | None]
    rotated_at: Mapped[int | None] = _at()
    last_used_at: Mapped[int | None] = _at()
    method: Mapped[str] = mapped_column(server_default=text("'password'"))
    address: Mapped[str | None]
    user_agent: Mapped[str | None]


class IdentityRow(Base):
    """A host's identity at an OpenID provider; `subject` is unique within its `issuer`."""

    __tablename__ = "identities"
    id: Mapped[str] = _id(primary_key=True)
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    provider: Mapped[str]
    issuer: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str | None]
    created_at: Mapped[int] = _at()
    last_used_at: Mapped[int | None] = _at()
    __table_args__ = (UniqueConstraint("issuer", "subject"),)


class ApiTokenRow(Base):
    """An API token, stored as a hash; `hint` is the end of the token."""

    __tablename__ = "api_tokens"
    id: Mapped[str] = _id(primary_key=True)
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    name: Mapped[str]
    hint: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    created_at: Mapped[int] = _at()
    expires_at: Mapped[int | None] = _at()
    last_used_at: Mapped[int | None] = _at()


class OneTimeTokenRow(Base):
    """A one-time token, such as a link in mail; stored as a hash."""

    __tablename__ = "one_time_tokens"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"))
    details: Mapped[dict[str, Any]]
    created_at: Mapped[int] = _at()
    expires_at: Mapped[int] = _at(index=True)
    __table_args__ = (Index("one_time_tokens_account_id_idx", "account_id", "purpose"),)


class AccountEventRow(Base):
    """An event in an account's log, which its owner can see."""

    __tablename__ = "account_events"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"))
    at: Mapped[int] = _at()
    kind: Mapped[str]
    address: Mapped[str | None]
    user_agent: Mapped[str | None]
    details: Mapped[dict[str, Any]]
    __table_args__ = (Index("account_events_account_id_idx", "account_id", "id"),)


class PasskeyRow(Base):
    """A WebAuthn credential of an account.

    `public_key` is a COSE key; `backed_up` is whether the authenticator has synchronised it.
    """

    __tablename__ = "passkeys"
    id: Mapped[str] = _id(primary_key=True)
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[list[str]] = mapped_column(ARRAY(String))
    aaguid: Mapped[str]
    name: Mapped[str]
    backup_eligible: Mapped[bool]
    backed_up: Mapped[bool]
    created_at: Mapped[int] = _at()
    last_used_at: Mapped[int | None] = _at()


class TotpRow(Base):
    """The authenticator app of an account.

    `sealed` is the encrypted key; codes up to the time step `last_step` are refused.
    """

    __tablename__ = "totp"
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[bytes]
    last_step: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[int] = _at()
    last_used_at: Mapped[int | None] = _at()


class RecoveryCodeRow(Base):
    """A recovery code for lost second factors, stored as a hash."""

    __tablename__ = "recovery_codes"
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    created_at: Mapped[int] = _at()
    used_at: Mapped[int | None] = _at()


class UsedChallengeRow(Base):
    """A used WebAuthn challenge, kept until it expires."""

    __tablename__ = "used_challenges"
    challenge_hash: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[int] = _at(index=True)


class OutgoingMailRow(Base):
    """A mail to be sent; deleted once the mail server has accepted it.

    `sealed` holds the encrypted template values, which include links that grant access.
    """

    __tablename__ = "outgoing_mail"
    id: Mapped[str] = _id(primary_key=True)
    recipient: Mapped[str]
    template: Mapped[str]
    language: Mapped[str]
    sealed: Mapped[bytes]
    created_at: Mapped[int] = _at()
    due_at: Mapped[int] = _at(index=True)
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))


class InboxMailRow(Base):
    """A mail that is shown on a page instead of being sent."""

    __tablename__ = "inbox_mail"
    id: Mapped[str] = _id(primary_key=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    at: Mapped[int] = _at(index=True)


class QuizRow(Base):
    """A quiz; its content is in the row of `version`. Version 0 means that it has only a draft."""

    __tablename__ = "quizzes"
    id: Mapped[str] = _id(primary_key=True)
    owner_id: Mapped[str] = _id(ForeignKey("accounts.id"))
    version: Mapped[int]
    title: Mapped[str]
    question_count: Mapped[int]
    created_at: Mapped[int] = _at()
    updated_at: Mapped[int] = _at()
    deleted_at: Mapped[int | None] = _at()
    save_key: Mapped[str | None]  # idempotency key of the last save
    __table_args__ = (
        Index(
            "quizzes_owner_idx",
            "owner_id",
            "updated_at",
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )


class QuizMemberRow(Base):
    """A co-host of a quiz. `right` is one of `quiz.rights.Right`."""

    __tablename__ = "quiz_members"
    quiz_id: Mapped[str] = _id(ForeignKey("quizzes.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[str] = _id(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    right: Mapped[str]
    added_at: Mapped[int] = _at()


class RunMemberRow(Base):
    """A co-host of a run."""

    __tablename__ = "run_members"
    run_id: Mapped[str] = _id(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[str] = _id(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    right: Mapped[str]
    added_at: Mapped[int] = _at()


class TeamRow(Base):
    """A team of hosts who share quizzes."""

    __tablename__ = "teams"
    id: Mapped[str] = _id(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[int] = _at()


class TeamMemberRow(Base):
    """A member of a team; those with the right `owner` can invite and remove others."""

    __tablename__ = "team_members"
    team_id: Mapped[str] = _id(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[str] = _id(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    right: Mapped[str]
    added_at: Mapped[int] = _at()


class TeamQuizRow(Base):
    """A quiz in a team's library, and the members' right on it."""

    __tablename__ = "team_quizzes"
    quiz_id: Mapped[str] = _id(ForeignKey("quizzes.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[str] = _id(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    right: Mapped[str]
    added_at: Mapped[int] = _at()


class InvitationRow(Base):
    """A link that makes an account a co-host or member; `kind` is `quiz`, `run` or `team`."""

    __tablename__ = "invitations"
    id: Mapped[str] = _id(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    kind: Mapped[str]
    target_id: Mapped[str] = _id(index=True)
    right: Mapped[str]
    inviter_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    email: Mapped[str | None]
    created_at: Mapped[int] = _at()
    expires_at: Mapped[int] = _at()
    accepted_by: Mapped[str | None] = _id()


class QuizDraftRow(Base):
    """A quiz draft, deleted when a complete version is stored from it."""

    __tablename__ = "quiz_drafts"
    quiz_id: Mapped[str] = _id(ForeignKey("quizzes.id"), primary_key=True)
    revision: Mapped[int]
    based_on: Mapped[int]
    content: Mapped[dict[str, Any]]
    updated_at: Mapped[int] = _at()


class QuizVersionRow(Base):
    """The content of a version of a quiz. Immutable, because runs refer to it."""

    __tablename__ = "quiz_versions"
    quiz_id: Mapped[str] = _id(ForeignKey("quizzes.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]]
    created_at: Mapped[int] = _at()


class RunRow(Base):
    """A quiz run. `joined` is the number of the last player who joined; `players` excludes kicked.

    `scored_through` is the last question whose scoring has started, `published_through` the last
    one whose scores were read for publishing (see `db.scoring`). `longest_window` is the largest
    extra-time factor among the players (see `db.extra_time`).
    """

    __tablename__ = "runs"
    id: Mapped[str] = _id(primary_key=True)
    host_id: Mapped[str] = _id(ForeignKey("accounts.id"))
    quiz_id: Mapped[str] = _id()
    quiz_version: Mapped[int]
    title: Mapped[str]
    pin: Mapped[str]
    seed: Mapped[str]
    settings: Mapped[dict[str, Any]]
    phase: Mapped[str]
    locked: Mapped[bool] = mapped_column(server_default=text("false"))
    players: Mapped[int] = mapped_column(server_default=text("0"))
    joined: Mapped[int] = mapped_column(server_default=text("0"))
    scored_through: Mapped[int] = mapped_column(SmallInteger, server_default=text("-1"))
    published_through: Mapped[int] = mapped_column(SmallInteger, server_default=text("-1"))
    version: Mapped[int]
    snapshot: Mapped[dict[str, Any]]
    longest_window: Mapped[int] = mapped_column(SmallInteger, server_default=text("100"))
    extra_time_changes: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[int] = _at()
    finished_at: Mapped[int | None] = _at()
    anonymised_at: Mapped[int | None] = _at()
    __table_args__ = (
        ForeignKeyConstraint(
            ["quiz_id", "quiz_version"], ["quiz_versions.quiz_id", "quiz_versions.version"]
        ),
        Index(
            "runs_live_pin_idx", "pin", unique=True, postgresql_where=text("finished_at IS NULL")
        ),
        Index("runs_host_idx", "host_id", "created_at"),
        Index("runs_live_host_idx", "host_id", postgresql_where=text("finished_at IS NULL")),
        Index("runs_quiz_idx", "quiz_id", "quiz_version"),
        Index("runs_finished_idx", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
        # Runs are updated often by joins and snapshots: free space allows cheap (HOT) updates.
        {"postgresql_with": {"fillfactor": 50}},
    )


class PlayerRow(Base):
    """A player of a run, numbered from 1 in the order of joining.

    The extra-time factor is `extra_time` from question `extra_time_from` on, `extra_time_before`
    until then. `skeleton`, `device_hash` and `left_devices` (earlier devices) identify removed
    players; `network_hash` counts those of one network; `left_at` is when a player left the lobby,
    whose seat another one may take then; `looks` is the same for names that look alike;
    `kicked_version` is the version of the last kick. Only
    tokens of `token_epoch` are valid.
    """

    __tablename__ = "players"
    id: Mapped[str] = _id(primary_key=True)
    run_id: Mapped[str] = _id(ForeignKey("runs.id"))
    number: Mapped[int]
    nickname: Mapped[str]
    nickname_key: Mapped[str]
    join_key: Mapped[str | None]
    joined_at: Mapped[int] = _at()
    score: Mapped[int] = mapped_column(server_default=text("0"))
    streak: Mapped[int] = mapped_column(server_default=text("0"))
    rank: Mapped[int | None]
    kicked_at: Mapped[int | None] = _at()
    kicked_version: Mapped[int | None]
    skeleton: Mapped[str | None]
    looks: Mapped[str | None]
    device_hash: Mapped[str | None]
    network_hash: Mapped[str | None]
    left_at: Mapped[int | None] = _at()
    left_devices: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))
    token_epoch: Mapped[int] = mapped_column(server_default=text("0"))
    extra_time: Mapped[int] = mapped_column(SmallInteger, server_default=text("100"))
    extra_time_before: Mapped[int] = mapped_column(SmallInteger, server_default=text("100"))
    extra_time_from: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    __table_args__ = (
        UniqueConstraint("run_id", "number"),
        Index("players_kicked_idx", "run_id", postgresql_where=text("kicked_at IS NOT NULL")),
        Index("players_left_idx", "run_id", postgresql_where=text("left_at IS NOT NULL")),
        Index(
            "players_network_idx",
            "run_id",
            "network_hash",
            postgresql_where=text("network_hash IS NOT NULL"),
        ),
        Index(
            "players_nickname_idx",
            "run_id",
            "nickname_key",
            unique=True,
            postgresql_where=text("kicked_at IS NULL"),
        ),
        Index("players_looks_idx", "run_id", "looks", postgresql_where=text("looks IS NOT NULL")),
        # Scores change with every question.
        {"postgresql_with": {"fillfactor": 60}},
    )


class WaitingPlayerRow(Base):
    """A player waiting for the host's approval to join."""

    __tablename__ = "waiting_players"
    id: Mapped[str] = _id(primary_key=True)
    run_id: Mapped[str] = _id(ForeignKey("runs.id", ondelete="CASCADE"))
    nickname: Mapped[str]
    nickname_key: Mapped[str]
    skeleton: Mapped[str | None]
    join_key: Mapped[str | None]
    device_hash: Mapped[str | None]
    network_hash: Mapped[str | None]
    asked_at: Mapped[int] = _at()
    seen_at: Mapped[int] = _at()
    admitted_at: Mapped[int | None] = _at()
    declined_at: Mapped[int | None] = _at()
    __table_args__ = (
        Index(
            "waiting_players_nickname_idx",
            "run_id",
            "nickname_key",
            unique=True,
            postgresql_where=text("declined_at IS NULL"),
        ),
        Index(
            "waiting_players_declined_idx",
            "run_id",
            postgresql_where=text("declined_at IS NOT NULL"),
        ),
    )


class MoveCodeRow(Base):
    """A one-time code to move a player to another device, stored as a hash."""

    __tablename__ = "move_codes"
    player_id: Mapped[str] = _id(primary_key=True)
    run_id: Mapped[str] = _id(ForeignKey("runs.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[int] = _at(index=True)


class ModeratedAnswerRow(Base):
    """The host's choice whether to show a typed answer.

    `answer_key` is `quiz.moderation.answer_key`.
    """

    __tablename__ = "answer_looks"
    run_id: Mapped[str] = _id(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    answer_key: Mapped[str] = mapped_column(primary_key=True)
    shown: Mapped[bool]


class AnswerRecord(Base):
    """An acknowledged answer. `points` (including `bonus`) is null until it is scored.

    `extra_time` is the player's factor, null for the normal one; `corrected_by` the number of the
    latest correction that changed the points.
    """

    __tablename__ = "answers"
    run_id: Mapped[str] = _id(primary_key=True)
    question: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    player_id: Mapped[str] = _id(primary_key=True)
    answer: Mapped[Any] = mapped_column(JSONB)
    elapsed_ms: Mapped[int]
    received_at: Mapped[int] = _at()
    points: Mapped[int | None]
    bonus: Mapped[int | None]
    correct: Mapped[bool | None]
    scored_in: Mapped[int | None] = mapped_column(SmallInteger)
    extra_time: Mapped[int | None] = mapped_column(SmallInteger)
    corrected_by: Mapped[int | None]
    __table_args__ = (
        Index("answers_unscored_idx", "run_id", postgresql_where=text("points IS NULL")),
        Index(
            "answers_late_idx",
            "run_id",
            "scored_in",
            postgresql_where=text("scored_in <> question"),
        ),
        # Whole runs are deleted at once (ADR 24); see migration 0004.
        {
            "postgresql_with": {
                "autovacuum_vacuum_scale_factor": 0.02,
                "autovacuum_analyze_scale_factor": 0.02,
            }
        },
    )


class MediaRow(Base):
    """An immutable picture or sound. `id` is the SHA-256 of its content in hexadecimal.

    Sounds have a width and height of 0.
    """

    __tablename__ = "media"
    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    content: Mapped[bytes]


class MediaOwnerRow(Base):
    """An account's ownership of a file; the file is deleted with its last owner."""

    __tablename__ = "media_owners"
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    media_id: Mapped[str] = mapped_column(ForeignKey("media.id"), primary_key=True, index=True)
    created_at: Mapped[int] = _at()


class OperatorActionRow(Base):
    """An operator's action. `run_id` has no foreign key, because the record outlives the run."""

    __tablename__ = "operator_actions"
    id: Mapped[str] = _id(primary_key=True)
    at: Mapped[int] = _at()
    operator: Mapped[str]
    action: Mapped[str]
    run_id: Mapped[str | None] = _id()
    outcome: Mapped[str]
    details: Mapped[dict[str, Any]]
    __table_args__ = (Index("operator_actions_run_idx", "run_id", "at"),)


class AuditRow(Base):
    """A line of the audit log. Append-only: a trigger rejects changes, except by retention.

    There are no foreign keys, because a line outlives what it is about. `owner_id` is the account
    whose run, quiz or account it was.
    """

    __tablename__ = "audit_log"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[int] = _at(index=True)
    action: Mapped[str]
    outcome: Mapped[str]
    account_id: Mapped[str | None] = _id()
    credential: Mapped[str | None]
    operator: Mapped[str | None]
    target_kind: Mapped[str | None]
    target_id: Mapped[str | None]
    owner_id: Mapped[str | None] = _id()
    address: Mapped[str | None]
    user_agent: Mapped[str | None]
    details: Mapped[dict[str, Any]]
    __table_args__ = (
        Index("audit_log_account_id_idx", "account_id", "id"),
        Index("audit_log_owner_id_idx", "owner_id", "id"),
        Index("audit_log_action_idx", "action", "id"),
        Index("audit_log_target_id_idx", "target_id", "id"),
    )


class CorrectionRow(Base):
    """A host's correction of a question in a finished run. Append-only; the latest one counts.

    `before` and `after` are rulings (`quiz.rulings.Ruling`); `published_at` is null until the
    changed scores have been published.
    """

    __tablename__ = "corrections"
    run_id: Mapped[str] = _id(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    question: Mapped[int] = mapped_column(SmallInteger)
    at: Mapped[int] = _at()
    host_id: Mapped[str] = _id()
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    answers: Mapped[int]
    totals: Mapped[int]
    published_at: Mapped[int | None] = _at()
    __table_args__ = (
        Index("corrections_unpublished_idx", "at", postgresql_where=text("published_at IS NULL")),
    )


class ReceiptRow(Base):
    """The number of answers to a question that a gateway has acknowledged.

    Each answer is counted by the one gateway that acknowledged it first.
    """

    __tablename__ = "receipts"
    run_id: Mapped[str] = _id(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    gateway_id: Mapped[str] = mapped_column(primary_key=True)
    acknowledged: Mapped[int]


class QuotaUsageRow(Base):
    """How much an account has used of a quota for a period, which began at `since`."""

    __tablename__ = "quota_usage"
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    quota: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[int] = _at()
    used: Mapped[int] = mapped_column(BigInteger)


class IdempotencyKeyRow(Base):
    """A request with an `Idempotency-Key`, and its response once it is complete."""

    __tablename__ = "idempotency_keys"
    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int | None]
    body: Mapped[bytes | None]
    created_at: Mapped[int] = _at(index=True)
