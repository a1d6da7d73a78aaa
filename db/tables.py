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
    """A browser session of a host. Only hashes of its tokens are kept (see `db.sessions`)."""

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
    """A host as another provider knows them: `subject` is unique at its `issuer`."""

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
    """What a script signs in with; only its hash is kept. `hint` is its end."""

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
    """A token from a mail or an invitation, good once; only its hash is kept."""

    __tablename__ = "one_time_tokens"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"))
    details: Mapped[dict[str, Any]]
    created_at: Mapped[int] = _at()
    expires_at: Mapped[int] = _at(index=True)
    __table_args__ = (Index("one_time_tokens_account_id_idx", "account_id", "purpose"),)


class AccountEventRow(Base):
    """Something that was done to an account, as its owner may see it."""

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
    """A WebAuthn credential of an account. `public_key` is a COSE key, `backed_up` says whether
    the authenticator has synchronised it elsewhere.
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
    """The authenticator app of an account. `sealed` is the encrypted key, `last_step` the time step
    of the last code that was accepted: it and all before it are refused.
    """

    __tablename__ = "totp"
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[bytes]
    last_step: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[int] = _at()
    last_used_at: Mapped[int | None] = _at()


class RecoveryCodeRow(Base):
    """A code for whoever has lost all other second factors; only its hash is kept."""

    __tablename__ = "recovery_codes"
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    created_at: Mapped[int] = _at()
    used_at: Mapped[int | None] = _at()


class UsedChallengeRow(Base):
    """A WebAuthn challenge that was answered, kept until it expires: it is good once."""

    __tablename__ = "used_challenges"
    challenge_hash: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[int] = _at(index=True)


class OutgoingMailRow(Base):
    """A mail that waits to be sent; it is deleted once the mail server has taken it.

    `sealed` holds the values of the template encrypted: they contain links that are as good as a
    password.
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
    """A mail that a demo stack shows on a page instead of sending it."""

    __tablename__ = "inbox_mail"
    id: Mapped[str] = _id(primary_key=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    at: Mapped[int] = _at(index=True)


class QuizRow(Base):
    """A quiz as its owner sees it in lists; its content is in the version `version`.

    Version 0 is a quiz that has only a draft so far.
    """

    __tablename__ = "quizzes"
    id: Mapped[str] = _id(primary_key=True)
    owner_id: Mapped[str] = _id(ForeignKey("accounts.id"))
    version: Mapped[int]
    title: Mapped[str]
    question_count: Mapped[int]
    created_at: Mapped[int] = _at()
    updated_at: Mapped[int] = _at()
    deleted_at: Mapped[int | None] = _at()
    save_key: Mapped[str | None]  # of the last save, so that a repeat of it is none
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
    """Hosts who share quizzes."""

    __tablename__ = "teams"
    id: Mapped[str] = _id(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[int] = _at()


class TeamMemberRow(Base):
    """A member of a team; with the right `owner` one who invites and removes others."""

    __tablename__ = "team_members"
    team_id: Mapped[str] = _id(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[str] = _id(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    right: Mapped[str]
    added_at: Mapped[int] = _at()


class TeamQuizRow(Base):
    """A quiz in a team's library, and the right that members have on it."""

    __tablename__ = "team_quizzes"
    quiz_id: Mapped[str] = _id(ForeignKey("quizzes.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[str] = _id(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    right: Mapped[str]
    added_at: Mapped[int] = _at()


class InvitationRow(Base):
    """A link that makes one account a co-host or a member; `kind` is `quiz`, `run` or `team`."""

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
    """What a quiz is to become. It goes when a complete version is stored from it."""

    __tablename__ = "quiz_drafts"
    quiz_id: Mapped[str] = _id(ForeignKey("quizzes.id"), primary_key=True)
    revision: Mapped[int]
    based_on: Mapped[int]
    content: Mapped[dict[str, Any]]
    updated_at: Mapped[int] = _at()


class QuizVersionRow(Base):
    """What a quiz said at a version. Never changed: runs refer to it."""

    __tablename__ = "quiz_versions"
    quiz_id: Mapped[str] = _id(ForeignKey("quizzes.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]]
    created_at: Mapped[int] = _at()


class RunRow(Base):
    """A quiz run. `joined` numbers the players; `players` counts those who are still in.

    `scored_through` is the last question whose scoring has begun, `published_through` the last one
    whose scored answers have been read to be published (see `db.scoring`). `longest_window` is the
    largest factor of extra time among the players (see `db.extra_time`).
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
        Index("runs_quiz_idx", "quiz_id", "quiz_version"),
        Index("runs_finished_idx", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
        # Joins and snapshots update a run many times: room on the page keeps updates cheap (HOT).
        {"postgresql_with": {"fillfactor": 50}},
    )


class PlayerRow(Base):
    """A player of a run. `number` counts them in the order they joined, from 1. Their factor of
    extra time is `extra_time` from the question `extra_time_from` on.

    `skeleton`, `device_hash` and `left_devices` (earlier devices) recognise a removed player;
    `kicked_version` is that of the last kick. Only tokens of `token_epoch` are good.
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
    device_hash: Mapped[str | None]
    left_devices: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))
    token_epoch: Mapped[int] = mapped_column(server_default=text("0"))
    extra_time: Mapped[int] = mapped_column(SmallInteger, server_default=text("100"))
    extra_time_before: Mapped[int] = mapped_column(SmallInteger, server_default=text("100"))
    extra_time_from: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    __table_args__ = (
        UniqueConstraint("run_id", "number"),
        Index("players_kicked_idx", "run_id", postgresql_where=text("kicked_at IS NOT NULL")),
        Index(
            "players_nickname_idx",
            "run_id",
            "nickname_key",
            unique=True,
            postgresql_where=text("kicked_at IS NULL"),
        ),
        # Scores change with every question.
        {"postgresql_with": {"fillfactor": 60}},
    )


class WaitingPlayerRow(Base):
    """Someone who wants to join a run whose host lets players in one by one."""

    __tablename__ = "waiting_players"
    id: Mapped[str] = _id(primary_key=True)
    run_id: Mapped[str] = _id(ForeignKey("runs.id", ondelete="CASCADE"))
    nickname: Mapped[str]
    nickname_key: Mapped[str]
    skeleton: Mapped[str | None]
    join_key: Mapped[str | None]
    device_hash: Mapped[str | None]
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
    """A code that brings a player to another device once; only its hash is kept."""

    __tablename__ = "move_codes"
    player_id: Mapped[str] = _id(primary_key=True)
    run_id: Mapped[str] = _id(ForeignKey("runs.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[int] = _at(index=True)


class AnswerLookRow(Base):
    """What the host has said of a typed answer: whether others may see it. `answer_key` is the
    answer as texts are compared.
    """

    __tablename__ = "answer_looks"
    run_id: Mapped[str] = _id(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    answer_key: Mapped[str] = mapped_column(primary_key=True)
    shown: Mapped[bool]


class AnswerRecord(Base):
    """An acknowledged answer. `points` (with `bonus`) stay null until it is scored. `extra_time` is
    the factor of the window that it was given in; null: the normal one. `corrected_by` is the
    number of the latest correction that changed the points.
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
    """A picture or a sound. `id` is the SHA-256 of its content in hexadecimal; never changed.
    Sounds have no width and no height: 0.
    """

    __tablename__ = "media"
    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    content: Mapped[bytes]


class MediaOwnerRow(Base):
    """That an account has uploaded a file; it goes when nobody has it any more."""

    __tablename__ = "media_owners"
    account_id: Mapped[str] = _id(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    media_id: Mapped[str] = mapped_column(ForeignKey("media.id"), primary_key=True, index=True)
    created_at: Mapped[int] = _at()


class OperatorActionRow(Base):
    """Something an operator did. `run_id` has no foreign key: the record outlives the run."""

    __tablename__ = "operator_actions"
    id: Mapped[str] = _id(primary_key=True)
    at: Mapped[int] = _at()
    operator: Mapped[str]
    action: Mapped[str]
    run_id: Mapped[str | None] = _id()
    outcome: Mapped[str]
    details: Mapped[dict[str, Any]]
    __table_args__ = (Index("operator_actions_run_idx", "run_id", "at"),)


class CorrectionRow(Base):
    """What a host ruled to be right at a question of a run that was over. Rows are only added; the
    latest of a question counts. `before` and `after` are rulings (`quiz.rulings.Ruling`);
    `published_at` is null until the event stream has the scores that changed.
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
    """How many answers to a question a gateway acknowledged, each after its commit. A player's
    answer is acknowledged for the first time by one gateway only.
    """

    __tablename__ = "receipts"
    run_id: Mapped[str] = _id(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    gateway_id: Mapped[str] = mapped_column(primary_key=True)
    acknowledged: Mapped[int]


class IdempotencyKeyRow(Base):
    """A request that was made under an `Idempotency-Key`, and its response once there is one."""

    __tablename__ = "idempotency_keys"
    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int | None]
    body: Mapped[bytes | None]
    created_at: Mapped[int] = _at(index=True)
