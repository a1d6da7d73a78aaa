"""The services of the HTTP API, wired to the clients of a process."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from bus.producer import Producer
from db.account_deletion import AccountDeletion
from db.account_events import AccountEvents
from db.accounts import Accounts
from db.answers import Answers
from db.api_tokens import ApiTokens
from db.corrected_scores import CorrectedScores
from db.corrections import Corrections
from db.failures import Failures
from db.health import store_checks
from db.idempotency import IdempotencyKeys
from db.identities import Identities
from db.invitations import Invitations
from db.leaderboard import Leaderboard
from db.live_runs import LiveRuns
from db.media import Media
from db.one_time_tokens import OneTimeTokens
from db.operator_actions import OperatorActions
from db.outgoing_mail import Inbox, OutgoingMail
from db.passkeys import Passkeys
from db.players import Players
from db.presence import Presence
from db.quiz_drafts import QuizDrafts
from db.quizzes import Quizzes
from db.rate_limit import RateLimiter
from db.receipts import Receipts
from db.recovery_codes import RecoveryCodes
from db.redis import RedisClient
from db.results import Results
from db.reviews import Reviews
from db.roster import Roster
from db.run_state import RunStates
from db.runs import Runs
from db.scoring import Scoring
from db.sessions import Sessions
from db.sharing import Sharing
from db.teams import Teams
from db.used_once import UsedOnce
from gateway.abandoning import Abandoner
from gateway.account_archive import AccountArchives, SignInMethods
from gateway.account_mail import AccountMail
from gateway.corrected_scores import CorrectedScorePublisher
from gateway.correcting import Corrector
from gateway.credentials import Credentials
from gateway.export.workbook import Workbooks
from gateway.factors.factors import make_factors
from gateway.http.admin_access import AdminAccess
from gateway.http.services import Services
from gateway.mail.delivery import Delivery, inbox_delivery, smtp_delivery
from gateway.mail.sender import Mailer
from gateway.media.cache import MediaCache
from gateway.oidc.accounts import OidcAccounts
from gateway.oidc.attempt import AttemptSeal
from gateway.oidc.service import OidcSignIn
from gateway.opening import RunOpener
from gateway.operations.commands import OperatorCommands
from gateway.operations.inspection import Inspector, Sources
from gateway.operations.workflow_view import Workflows
from gateway.safety import SafeRooms
from gateway.security import Passwords, Tokens
from gateway.sessions import HostSessions, SessionLimits
from gateway.settings import GatewaySettings
from gateway.sign_in_limits import FailureLimits, SignInLimits
from gateway.slots import Slots
from gateway.temporal import RunWorkflows
from telemetry.clock import now_ms
from telemetry.environment import reread
from telemetry.exposition import Exposition
from telemetry.health import HealthCheck

MAX_IMPORTS = 8
"""At the same time: each has an archive in memory."""


@dataclass(frozen=True, slots=True)
class Clients:
    """The connections that a process shares among everything in it."""

    engine: AsyncEngine
    redis: RedisClient
    temporal: Client


def http_services(
    settings: GatewaySettings,
    clients: Clients,
    producer: Producer,
    metrics: Exposition,
    further_checks: tuple[HealthCheck, ...] = (),
) -> Services:
    """Everything that routes work with. Nothing is connected yet."""
    engine, redis = clients.engine, clients.redis
    runs, quizzes, media = Runs(engine), Quizzes(engine), Media(engine)
    run_states, workflows = RunStates(redis, runs), RunWorkflows(clients.temporal)
    abandoner = Abandoner(runs, run_states, producer)
    corrections, leaderboard = Corrections(engine), Leaderboard(redis)
    presence, live_runs, actions = Presence(redis), LiveRuns(engine), OperatorActions(engine)
    health = (
        *store_checks(engine, redis),
        # What is not required can be done without for a while: docs/outages.md.
        HealthCheck("temporal", workflows.check, required=False),
        *further_checks,
    )
    sources = Sources(live_runs, run_states, presence, actions, Workflows(clients.temporal), health)
    sessions, account_events = Sessions(engine), AccountEvents(engine)
    secret, inbox = settings.secret.get_secret_value(), Inbox(engine)
    accounts, identities = Accounts(engine), Identities(engine)
    tokens, api_tokens, sharing = make_tokens(settings), ApiTokens(engine), Sharing(engine)
    one_time_tokens, results = OneTimeTokens(engine), Results(engine)
    mailer = Mailer(OutgoingMail(engine), _mail_delivery(settings, inbox), secret)
    account_mail = AccountMail(mailer, one_time_tokens, settings.public_url)
    return Services(
        settings=settings,
        accounts=accounts,
        account_events=account_events,
        sessions=sessions,
        host_sessions=HostSessions(
            sessions,
            account_events,
            account_mail,
            secret,
            SessionLimits(settings.session_ttl_s, settings.session_max_age_s),
        ),
        account_archives=AccountArchives(
            account_events,
            sessions,
            SignInMethods(identities, api_tokens, Passkeys(engine)),
            quizzes,
            runs,
            results,
            media,
        ),
        account_deletion=AccountDeletion(engine),
        api_tokens=api_tokens,
        sharing=sharing,
        invitations=Invitations(engine),
        teams=Teams(engine),
        credentials=Credentials(tokens, sessions, api_tokens, sharing),
        one_time_tokens=one_time_tokens,
        identities=identities,
        oidc=OidcSignIn(
            settings.oidc_providers,
            settings.public_url,
            AttemptSeal(secret),
            UsedOnce(redis),
            OidcAccounts(accounts, identities, RecoveryCodes(engine), account_events, account_mail),
        ),
        mailer=mailer,
        account_mail=account_mail,
        sign_in_limits=SignInLimits(
            Failures(redis, settings.auth_window_s),
            account_events,
            FailureLimits(
                settings.auth_limit_per_email,
                settings.auth_limit_per_email_anywhere,
                settings.auth_window_s,
            ),
        ),
        factors=make_factors(settings, engine, redis, account_events, account_mail),
        inbox=inbox,
        quizzes=quizzes,
        quiz_drafts=QuizDrafts(engine),
        runs=runs,
        players=Players(engine),
        presence=presence,
        roster=Roster(engine),
        answers=Answers(engine),
        results=results,
        receipts=Receipts(engine),
        reviews=Reviews(engine),
        corrections=corrections,
        corrector=Corrector(
            runs,
            corrections,
            Scoring(engine),
            run_states,
            leaderboard,
            producer,
            CorrectedScorePublisher(CorrectedScores(engine), producer),
        ),
        workbooks=Workbooks(),
        media=media,
        import_slots=Slots(MAX_IMPORTS),
        media_cache=MediaCache(media.content, max_bytes=settings.media_cache_bytes),
        leaderboard=leaderboard,
        run_states=run_states,
        idempotency=IdempotencyKeys(engine),
        rate_limiter=RateLimiter(redis),
        passwords=Passwords(threads=settings.password_threads, queue=settings.password_queue),
        tokens=tokens,
        workflows=workflows,
        opener=RunOpener(quizzes, runs, run_states, workflows, abandoner, settings.idle_timeouts),
        abandoner=abandoner,
        safety=SafeRooms(engine, producer),
        live_runs=live_runs,
        inspector=Inspector(
            sources, ui_url=settings.temporal_ui_url, namespace=settings.temporal_namespace
        ),
        operator_commands=OperatorCommands(runs, workflows, abandoner, actions),
        operator_actions=actions,
        admin_access=AdminAccess(settings.admin_token.get_secret_value()),
        health=health,
        metrics=metrics,
    )


def _mail_delivery(settings: GatewaySettings, inbox: Inbox) -> Delivery | None:
    if settings.mail_inbox:
        return inbox_delivery(inbox)
    if not settings.smtp_url:
        return None
    password = settings.smtp_password

    def current_password() -> str | None:
        with suppress(OSError, ValueError):  # the last known password is still worth a try
            if changed := reread("smtp_password"):
                return changed
        return password.get_secret_value() if password else None

    return smtp_delivery(settings.smtp_url, current_password, settings.mail_from)


def make_tokens(settings: GatewaySettings) -> Tokens:
    """The signer of access and player tokens; alike in all gateways with the same secret."""
    return Tokens(
        settings.secret.get_secret_value(),
        now_ms=now_ms,
        access_ttl_s=settings.access_token_ttl_s,
        player_ttl_s=settings.player_token_ttl_s,
        review_ttl_s=settings.review_token_ttl_s,
    )
