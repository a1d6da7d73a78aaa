"""The dependencies of routes, as typed lifespan state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, TypedDict, cast

from fastapi import Depends, Request

from db.stores import Stores
from gateway.account_archive import AccountArchives
from gateway.account_mail import AccountMail
from gateway.concurrency_limit import ConcurrencyLimit
from gateway.correcting import Corrector
from gateway.credentials import Credentials
from gateway.export.workbook import Workbooks
from gateway.factors.factors import Factors
from gateway.http.admin_access import AdminAccess
from gateway.http.recording import ActRecorder
from gateway.lifecycle import Lifecycle
from gateway.mail.sender import Mailer
from gateway.media.cache import MediaCache
from gateway.oidc.service import OidcSignIn
from gateway.opening import RunOpener
from gateway.operations.commands import OperatorCommands
from gateway.operations.inspection import Inspector
from gateway.orphaned_runs import OrphanedRuns
from gateway.pins import PinDirectory
from gateway.request_rate import RequestRate
from gateway.safety import SafeRooms
from gateway.security import Passwords, Tokens
from gateway.sessions import HostSessions
from gateway.settings import GatewaySettings
from gateway.sign_in_limits import SignInLimits
from gateway.temporal import RunWorkflows
from telemetry.exposition import Exposition
from telemetry.health import HealthCheck, SharedChecks


@dataclass(frozen=True, slots=True)
class SignIn:
    """Authentication of callers."""

    tokens: Tokens
    passwords: Passwords
    credentials: Credentials
    host_sessions: HostSessions
    limits: SignInLimits
    request_rate: RequestRate
    factors: Factors
    oidc: OidcSignIn


@dataclass(frozen=True, slots=True)
class Hosting:
    """Operations on runs beyond reading the stores."""

    workflows: RunWorkflows
    opener: RunOpener
    orphaned_runs: OrphanedRuns
    safety: SafeRooms
    corrector: Corrector
    pins: PinDirectory


@dataclass(frozen=True, slots=True)
class Files:
    """Uploads and exports, which are costly and limited."""

    account_archives: AccountArchives
    workbooks: Workbooks
    media_cache: MediaCache
    import_limit: ConcurrencyLimit


@dataclass(frozen=True, slots=True)
class Admin:
    """The operators' console."""

    access: AdminAccess
    inspector: Inspector
    commands: OperatorCommands


@dataclass(frozen=True, slots=True)
class Process:
    """The state of the gateway process."""

    mailer: Mailer
    health: tuple[HealthCheck, ...]
    readiness: SharedChecks
    metrics: Exposition
    recorder: ActRecorder
    lifecycle: Lifecycle = field(default_factory=Lifecycle)


class Services:
    """All dependencies of routes, built once in `gateway.wiring`."""

    def __init__(
        self,
        settings: GatewaySettings,
        stores: Stores,
        sign_in: SignIn,
        mail: AccountMail,
        hosting: Hosting,
        files: Files,
        admin: Admin,
        process: Process,
    ) -> None:
        self.settings = settings
        self.auth = stores.auth
        self.library = stores.library
        self.play = stores.play
        self.live = stores.live
        self.reports = stores.reports
        self.operations = stores.operations
        self.sign_in = sign_in
        self.mail = mail
        self.hosting = hosting
        self.files = files
        self.admin = admin
        self.process = process


class HttpState(TypedDict):
    """The lifespan state of every request."""

    services: Services


def services_of(request: Request) -> Services:
    """Return the services of this process."""
    return cast(Services, request.state.services)


ServicesDep = Annotated[Services, Depends(services_of)]
