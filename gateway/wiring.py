"""Wire the HTTP API's services to the process's clients."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from bus.producer import Producer
from db.health import store_checks
from db.outgoing_mail import Inbox
from db.redis import RedisClient
from db.stores import OperationStores, PlayStores, Stores
from gateway.account_archive import AccountArchives
from gateway.account_mail import AccountMail
from gateway.concurrency_limit import ConcurrencyLimit
from gateway.corrected_scores import CorrectedScorePublisher
from gateway.correcting import Corrector
from gateway.credentials import Credentials
from gateway.export.workbook import Workbooks
from gateway.factors.factors import make_factors
from gateway.guess_limit import GuessLimit
from gateway.http.admin_access import AdminAccess
from gateway.http.recording import ActRecorder
from gateway.http.services import Admin, Files, Hosting, Process, Services, SignIn
from gateway.keys import KeyRing
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
from gateway.orphaned_runs import OrphanedRuns
from gateway.pins import PinDirectory
from gateway.request_rate import RequestRate
from gateway.safety import SafeRooms
from gateway.security import Passwords, Tokens
from gateway.sessions import HostSessions, SessionLimits
from gateway.settings import GatewaySettings
from gateway.sign_in_limits import FailureLimits, SignInLimits
from gateway.temporal import RunWorkflows
from telemetry.clock import now_ms
from telemetry.environment import reread
from telemetry.exposition import Exposition
from telemetry.health import HealthCheck, SharedChecks

PIN_GUESSES_WINDOW_S = 60
MAX_IMPORTS = 8
"""Concurrent imports, each of which holds an archive in memory."""


@dataclass(frozen=True, slots=True)
class Clients:
    """The connections shared by the whole process."""

    engine: AsyncEngine
    live_engine: AsyncEngine
    """For what players wait for: no HTTP request can use up these connections."""
    answer_engine: AsyncEngine
    """Records answers."""
    redis: RedisClient
    temporal: Client


def http_services(
    settings: GatewaySettings,
    clients: Clients,
    producer: Producer,
    metrics: Exposition,
    further_checks: tuple[HealthCheck, ...] = (),
) -> Services:
    """Build the services of all routes. Nothing connects yet."""
    stores = Stores(
        clients.engine,
        clients.redis,
        live_engine=clients.live_engine,
        answer_engine=clients.answer_engine,
    )
    mailer = Mailer(
        stores.operations.outgoing_mail,
        _mail_delivery(settings, stores.operations.inbox),
        KeyRing.of(settings),
    )
    mail = AccountMail(mailer, stores.auth.one_time_tokens, settings.public_url)
    hosting = _hosting(settings, stores, producer, RunWorkflows(clients.temporal))
    health = (
        # By the connections of the players: a flood of requests must not take the gateway out of
        # service.
        *store_checks(clients.live_engine, clients.redis),
        # The system works without optional servers for a while (docs/outages.md).
        HealthCheck("temporal", hosting.workflows.check, required=False),
        *further_checks,
    )
    return Services(
        settings=settings,
        stores=stores,
        sign_in=_sign_in(settings, stores, mail),
        mail=mail,
        hosting=hosting,
        files=_files(settings, stores),
        admin=_admin(settings, stores, hosting, Workflows(clients.temporal), health),
        process=Process(
            mailer,
            health,
            SharedChecks(health),
            metrics,
            ActRecorder(stores.operations.audit),
        ),
    )


def _sign_in(settings: GatewaySettings, stores: Stores, mail: AccountMail) -> SignIn:
    auth, keys, tokens = stores.auth, KeyRing.of(settings), make_tokens(settings)
    window_s = settings.auth_window_s
    return SignIn(
        tokens=tokens,
        passwords=Passwords(threads=settings.password_threads, queue=settings.password_queue),
        credentials=Credentials(tokens, auth.sessions, auth.api_tokens, stores.library.sharing),
        host_sessions=HostSessions(
            auth.sessions,
            auth.events,
            mail,
            keys,
            SessionLimits(settings.session_ttl_s, settings.session_max_age_s),
        ),
        limits=SignInLimits(
            stores.operations.failures(window_s),
            auth.events,
            FailureLimits(
                settings.auth_limit_per_email, settings.auth_limit_per_email_anywhere, window_s
            ),
        ),
        request_rate=RequestRate(
            settings.quota_requests_per_minute, stores.operations.rate_limiter.refused
        ),
        factors=make_factors(settings, stores, mail),
        oidc=OidcSignIn(
            settings.oidc_providers,
            settings.public_url,
            AttemptSeal(keys),
            stores.operations.used_once,
            OidcAccounts(auth.accounts, auth.identities, auth.recovery_codes, auth.events, mail),
        ),
    )


def _hosting(
    settings: GatewaySettings, stores: Stores, producer: Producer, workflows: RunWorkflows
) -> Hosting:
    play, reports = stores.play, stores.reports
    pins = pin_directory(stores.live, stores.operations, settings.pin_guesses_per_address)
    orphaned_runs = OrphanedRuns(play.runs, play.run_states, producer)
    return Hosting(
        workflows=workflows,
        opener=RunOpener(
            stores.library.quizzes,
            play.runs,
            play.run_states,
            workflows,
            orphaned_runs,
            settings.idle_timeouts,
            settings.quotas,
            pins,
        ),
        pins=pins,
        orphaned_runs=orphaned_runs,
        safety=SafeRooms(play, producer),
        corrector=Corrector(
            play.runs,
            reports.corrections,
            play.scoring,
            play.run_states,
            play.leaderboard,
            producer,
            CorrectedScorePublisher(reports.corrected_scores, producer),
        ),
    )


def pin_directory(
    live: PlayStores, operations: OperationStores, guesses_per_address: int
) -> PinDirectory:
    """Build the directory of PINs."""
    guesses = GuessLimit(
        "pin",
        guesses_per_address,
        PIN_GUESSES_WINDOW_S,
        operations.failures(PIN_GUESSES_WINDOW_S),
        operations.remembered,
        operations.rate_limiter.refused,
    )
    return PinDirectory(live.runs.open_by_pins, guesses)


def _files(settings: GatewaySettings, stores: Stores) -> Files:
    media = stores.library.media
    return Files(
        account_archives=AccountArchives(
            stores.auth,
            stores.library,
            stores.play.runs,
            stores.reports.results,
            stores.operations.audit,
        ),
        workbooks=Workbooks(),
        media_cache=MediaCache(media.content, max_bytes=settings.media_cache_bytes),
        import_limit=ConcurrencyLimit(MAX_IMPORTS),
    )


def _admin(
    settings: GatewaySettings,
    stores: Stores,
    hosting: Hosting,
    workflows: Workflows,
    health: tuple[HealthCheck, ...],
) -> Admin:
    play, actions = stores.play, stores.operations.actions
    return Admin(
        access=AdminAccess(settings.admin_token.get_secret_value()),
        inspector=Inspector(
            Sources(play.live_runs, play.run_states, play.presence, actions, workflows, health),
            ui_url=settings.temporal_ui_url,
            namespace=settings.temporal_namespace,
        ),
        commands=OperatorCommands(play.runs, hosting.workflows, hosting.orphaned_runs, actions),
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

    return smtp_delivery(settings.smtp_url.get_secret_value(), current_password, settings.mail_from)


def make_tokens(settings: GatewaySettings) -> Tokens:
    """Return the signer of tokens; gateways with the same secrets accept each other's tokens."""
    return Tokens(
        KeyRing.of(settings),
        now_ms=now_ms,
        access_ttl_s=settings.access_token_ttl_s,
        player_ttl_s=settings.player_token_ttl_s,
        review_ttl_s=settings.review_token_ttl_s,
    )
