"""What the routes are given to work with, as typed lifespan state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, TypedDict, cast

from fastapi import Depends, Request

from db.account_deletion import AccountDeletion
from db.account_events import AccountEvents
from db.accounts import Accounts
from db.answers import Answers
from db.api_tokens import ApiTokens
from db.corrections import Corrections
from db.idempotency import IdempotencyKeys
from db.identities import Identities
from db.invitations import Invitations
from db.leaderboard import Leaderboard
from db.live_runs import LiveRuns
from db.media import Media
from db.one_time_tokens import OneTimeTokens
from db.operator_actions import OperatorActions
from db.outgoing_mail import Inbox
from db.players import Players
from db.presence import Presence
from db.quiz_drafts import QuizDrafts
from db.quizzes import Quizzes
from db.rate_limit import RateLimiter
from db.receipts import Receipts
from db.results import Results
from db.reviews import Reviews
from db.roster import Roster
from db.run_state import RunStates
from db.runs import Runs
from db.sessions import Sessions
from db.sharing import Sharing
from db.teams import Teams
from gateway.abandoning import Abandoner
from gateway.account_archive import AccountArchives
from gateway.account_mail import AccountMail
from gateway.correcting import Corrector
from gateway.credentials import Credentials
from gateway.export.workbook import Workbooks
from gateway.factors.factors import Factors
from gateway.http.admin_access import AdminAccess
from gateway.lifecycle import Lifecycle
from gateway.mail.sender import Mailer
from gateway.media.cache import MediaCache
from gateway.oidc.service import OidcSignIn
from gateway.opening import RunOpener
from gateway.operations.commands import OperatorCommands
from gateway.operations.inspection import Inspector
from gateway.safety import SafeRooms
from gateway.security import Passwords, Tokens
from gateway.sessions import HostSessions
from gateway.settings import GatewaySettings
from gateway.sign_in_limits import SignInLimits
from gateway.slots import Slots
from gateway.temporal import RunWorkflows
from telemetry.exposition import Exposition
from telemetry.health import HealthCheck


@dataclass(frozen=True, slots=True)
class Services:
    """Built once in `gateway.app`; a route takes from it what it needs."""

    settings: GatewaySettings
    accounts: Accounts
    account_events: AccountEvents
    sessions: Sessions
    host_sessions: HostSessions
    account_archives: AccountArchives
    account_deletion: AccountDeletion
    api_tokens: ApiTokens
    sharing: Sharing
    invitations: Invitations
    teams: Teams
    credentials: Credentials
    one_time_tokens: OneTimeTokens
    identities: Identities
    oidc: OidcSignIn
    mailer: Mailer
    account_mail: AccountMail
    sign_in_limits: SignInLimits
    factors: Factors
    inbox: Inbox
    quizzes: Quizzes
    quiz_drafts: QuizDrafts
    runs: Runs
    players: Players
    presence: Presence
    roster: Roster
    answers: Answers
    results: Results
    receipts: Receipts
    reviews: Reviews
    corrections: Corrections
    corrector: Corrector
    workbooks: Workbooks
    media: Media
    media_cache: MediaCache
    import_slots: Slots
    leaderboard: Leaderboard
    run_states: RunStates
    idempotency: IdempotencyKeys
    rate_limiter: RateLimiter
    passwords: Passwords
    tokens: Tokens
    workflows: RunWorkflows
    opener: RunOpener
    abandoner: Abandoner
    safety: SafeRooms
    live_runs: LiveRuns
    inspector: Inspector
    operator_commands: OperatorCommands
    operator_actions: OperatorActions
    admin_access: AdminAccess
    health: tuple[HealthCheck, ...]
    metrics: Exposition
    lifecycle: Lifecycle = field(default_factory=Lifecycle)


class HttpState(TypedDict):
    """The lifespan state that every request carries."""

    services: Services


def services_of(request: Request) -> Services:
    """The services of the process that `request` reached."""
    return cast(Services, request.state.services)


ServicesDep = Annotated[Services, Depends(services_of)]
