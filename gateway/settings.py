"""The gateway's settings, read from the environment."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from db.media import Quota
from db.retention import RetentionPeriods
from gateway.media.inspect import UploadLimits
from gateway.oidc.providers import ProviderSettings, duplicate_names
from gateway.socket_limits import SocketSettings
from quiz.quotas import Quotas
from quiz.run import IdleTimeouts
from telemetry.reporting import DSN, WEB_ADDRESS
from telemetry.settings import ServerSettings

MIN_ADMIN_TOKEN_CHARS = 16
ANSWER_WRITERS = 2


class GatewaySettings(ServerSettings, SocketSettings):
    """Settings that only gateways have."""

    http_host: str = "127.0.0.1"
    """The address to listen on; `0.0.0.0` accepts connections from other machines."""
    http_port: int = Field(8000, ge=0, le=65_535)
    """The port to listen on."""
    operations_port: int | None = Field(None, ge=0, le=65_535)
    """Serve ``/readyz``, ``/metrics`` and the API documentation on this port only; ``/healthz`` is
    on both. By default they are on `QUIZRUN_HTTP_PORT`, and the reverse proxy must hide them."""
    operations_host: str = "127.0.0.1"
    """The address to listen on for `QUIZRUN_OPERATIONS_PORT`."""

    database_live_connections: int = Field(6, ge=1)
    """How many of the `QUIZRUN_DATABASE_POOL_SIZE` connections are kept for players' joins, answers
    and reveals. HTTP requests use the others; at least one is left to them."""
    pin_guesses_per_address: int = Field(100, ge=1)
    """Wrong PINs per minute from one address (IPv6: from one /64 network). Right ones do not count:
    a whole school may share an address."""

    join_work: int = Field(0, ge=0, le=100_000)
    """The proof of work that a device must do before it joins, against bots: this many derivations
    of a key on average. 0: none. A phone takes a second or two for 1,000; needs HTTPS."""

    cors_origins: tuple[str, ...] = ()
    """Additional web origins that may call the API from a browser, as a JSON list."""
    hsts_subdomains: bool = False
    """Whether browsers shall use TLS for all subdomains of the public host, too
    (``Strict-Transport-Security``)."""
    trusted_proxies: str = "127.0.0.1"
    """Comma-separated addresses of proxies whose ``X-Forwarded-*`` headers are trusted."""

    web_dir: Path = Path(__file__).resolve().parents[1] / "web" / "dist"
    """The directory with the built web client; without it, pages say that it is missing."""
    asset_url: str = Field("", pattern=r"^(https?://[^\s;,'\"]+)?$")
    """The URL of the CDN that serves the web client's files, such as ``https://cdn.example``."""
    media_url: str = Field("", pattern=r"^(https?://[^\s;,'\"]*[^\s;,'\"/])?$")
    """The URL of the CDN for uploads, which it fetches from ``/media/…``; no trailing slash."""
    shared_assets_dir: Path | None = None
    """A directory with the web client's files of this and earlier releases (``quizrun assets
    publish``), for pages that were opened before a deployment."""

    web_sentry_dsn: str = Field("", pattern=DSN)
    """The Sentry DSN for the web client; without one, browsers do not load Sentry."""
    web_sentry_sample_rate: float = Field(1.0, ge=0, le=1)
    """The share of browser errors to report."""
    web_traces_url: str = Field("", pattern=WEB_ADDRESS)
    """The OTLP/HTTP URL to which browsers send traces; it must allow our origin (CORS)."""
    web_trace_share: float = Field(0.05, ge=0, le=1)
    """The share of visitors whose browsers send traces."""

    max_body_bytes: int = Field(2_000_000, ge=1_000)
    """The maximum size of quizzes and pictures; other request bodies are limited to a few
    kilobytes."""
    max_sound_bytes: int = Field(5_000_000, ge=1_000)
    """The maximum size of uploaded sounds."""
    max_archive_bytes: int = Field(32_000_000, ge=1_000)
    """The maximum size of exported and imported quiz archives."""
    shutdown_grace_s: int = Field(10, ge=0)
    """How long open requests may take to finish at shutdown."""

    drain_delay_s: float = Field(0, ge=0)
    """How long ``/readyz`` reports `draining` before clients are moved, so that load balancers
    notice."""
    drain_s: float = Field(20, ge=0)
    """The maximum time for moving clients away at shutdown; it is shorter if the other gateways can
    admit them sooner (`admissions_per_s`)."""
    session_tag: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,32}$")
    """A prefix of Socket.IO session ids by which load balancers route to this process."""

    access_token_ttl_s: int = Field(3_600, ge=60)
    """How long a host's access token is valid; browsers renew it."""
    player_token_ttl_s: int = Field(86_400, ge=3_600)
    """How long a player can resume a run."""
    review_token_ttl_s: int = Field(365 * 86_400, ge=3_600)
    """How long a player's review link works, provided the run is kept that long."""
    session_ttl_s: int = Field(30 * 86_400, ge=3_600)
    """How long an inactive host stays signed in."""
    account_log_days: int = Field(365, ge=1)
    """How long the activity log of an account is kept."""
    audit_days: int = Field(365, ge=1, le=3_650)
    """How long the audit log of hosts', admins' and operators' acts is kept."""
    account_deletion_days: int = Field(14, ge=0)
    """How long a requested account deletion can be cancelled."""
    session_max_age_s: int = Field(180 * 86_400, ge=3_600)
    """The maximum lifetime of a host's session."""

    smtp_url: SecretStr = SecretStr("")
    """The mail server, such as ``smtp://user@mail.example:587`` (STARTTLS) or ``smtps://…``.
    Without one, no mail is sent and hosts cannot reset their password."""
    smtp_password: SecretStr | None = None
    """The mail server's password, if it is not part of the URL."""
    mail_from: str = Field("Quizrun <noreply@localhost>", pattern=r"^[^\r\n]*[^\s<@]+@[^\s>@]+>?$")
    """The sender address of mail."""
    mail_inbox: bool = False
    """For demos: show mail at ``/inbox``, to this machine only, instead of sending it."""

    oidc_providers: tuple[ProviderSettings, ...] = ()
    """OpenID Connect providers for sign-in: a JSON list of objects with `name`, `client_id`,
    `client_secret`, and either `preset` or `issuer` (docs/accounts.md)."""

    auth_window_s: int = Field(60, ge=1)
    """The window of the sign-in limits below."""
    auth_limit_per_address: int = Field(300, ge=1)
    """Sign-ins and registrations per window from one address; a whole school may share one."""
    auth_limit_per_email: int = Field(20, ge=1)
    """Failed sign-ins per window to one account from one address (IPv6: from one /64 network)."""
    auth_limit_per_email_anywhere: int = Field(200, ge=1)
    """Failed sign-ins per window to one account from all addresses that have never signed in to
    it."""

    password_threads: int = Field(2, ge=1)
    """The number of concurrent password checks."""
    password_queue: int = Field(64, ge=1)
    """How many password checks may wait for a thread; further ones are rejected at once."""

    media_max_pictures: int = Field(500, ge=0)
    """The maximum number of pictures and sounds per account. 0: unlimited."""
    media_max_total_bytes: int = Field(200_000_000, ge=0)
    """The maximum total size of an account's uploads. 0: unlimited."""
    quota_quizzes: int = Field(2_000, ge=0)
    """The maximum number of quizzes per account. 0: unlimited. Admins are exempt from this and the
    next three quotas."""
    quota_live_runs: int = Field(500, ge=0)
    """The maximum number of live runs per account: 200 classes may start together under one. 0:
    unlimited."""
    quota_runs_per_day: int = Field(5_000, ge=0)
    """The maximum number of runs that an account opens in 24 hours. 0: unlimited."""
    quota_exports_per_hour: int = Field(120, ge=0)
    """The maximum number of files that an account exports in an hour. 0: unlimited."""
    quota_stored_replies_bytes: int = Field(50_000_000, ge=0)
    """The maximum size of an account's replies that `Idempotency-Key` keeps in 24 hours; each key
    counts as 1,000 bytes more. 0: unlimited."""
    quota_requests_per_minute: int = Field(12_000, ge=0)
    """The maximum number of API requests of an account per minute, at each gateway. 0: unlimited.
    """
    media_cache_bytes: int = Field(64_000_000, ge=0)
    """The size of the in-memory cache for uploads."""

    lobby_timeout_s: int = Field(24 * 3_600, ge=60)
    """A lobby without host activity ends after this time; hosts are warned ten minutes before."""
    pause_timeout_s: int = Field(12 * 3_600, ge=60)
    """A paused run without host activity ends after this time."""
    reveal_timeout_s: int = Field(12 * 3_600, ge=60)
    """A run whose reveal waits for the host's `next` ends after this time."""

    admissions_per_s: float = Field(1_200, gt=0)
    """How many players may join or resume per second; others wait or are asked to retry."""

    admin_token: SecretStr = SecretStr("")
    """Enables the operators' page at ``/admin`` and signs in to it; at least 16 characters."""
    temporal_ui_url: str = Field("", pattern=r"^(https?://\S+)?$")
    """The URL of the Temporal UI that the operators' page links to."""
    anonymise_after_days: int | None = Field(None, ge=1)
    """Nicknames and typed answers are anonymised this many days after a run; by default never."""
    delete_after_days: int | None = Field(None, ge=1)
    """A run and its results are deleted this many days after its end; by default never."""

    def faults(self) -> list[str]:
        """See `EnvironmentSettings.faults`."""
        both = self.smtp_url and self.mail_inbox
        return [
            *super().faults(),
            *(["QUIZRUN_SMTP_URL and QUIZRUN_MAIL_INBOX exclude each other."] if both else []),
            *(
                f"QUIZRUN_OIDC_PROVIDERS: several providers are named {name}."
                for name in duplicate_names(self.oidc_providers)
            ),
        ]

    @property
    def live_connections(self) -> int:
        """How many connections to PostgreSQL only the sockets use, but not to record answers."""
        return max(1, self._socket_connections - self.answer_connections)

    @property
    def answer_connections(self) -> int:
        """How many connections to PostgreSQL record answers, one for each writer."""
        return max(1, min(ANSWER_WRITERS, self._socket_connections - 1))

    @property
    def http_connections(self) -> int:
        """How many connections to PostgreSQL everything else uses."""
        return max(1, self.database_pool_size - self._socket_connections)

    @property
    def _socket_connections(self) -> int:
        most: int = self.database_pool_size - 1
        return max(1, min(self.database_live_connections, most))

    @property
    def idle_timeouts(self) -> IdleTimeouts:
        """The timeouts of inactive runs."""
        return IdleTimeouts(
            lobby_timeout_ms=self.lobby_timeout_s * 1000,
            pause_timeout_ms=self.pause_timeout_s * 1000,
            reveal_timeout_ms=self.reveal_timeout_s * 1000,
        )

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, url: SecretStr) -> SecretStr:
        if not re.fullmatch(r"(smtps?://\S+)?", url.get_secret_value()):
            raise ValueError("must be of the form smtp://… or smtps://…")
        return url

    @field_validator("admin_token")
    @classmethod
    def _long_enough(cls, token: SecretStr) -> SecretStr:
        if 0 < len(token.get_secret_value()) < MIN_ADMIN_TOKEN_CHARS:
            raise ValueError(f"must have at least {MIN_ADMIN_TOKEN_CHARS} characters")
        return token

    @property
    def retention_periods(self) -> RetentionPeriods:
        """How long results and the names in them are kept."""
        return RetentionPeriods(self.anonymise_after_days, self.delete_after_days)

    @property
    def media_quota(self) -> Quota:
        """The upload quota of an account."""
        return Quota(self.media_max_pictures, self.media_max_total_bytes)

    @property
    def quotas(self) -> Quotas:
        """The other quotas of an account."""
        return Quotas(
            live_runs=self.quota_live_runs,
            runs=self.quota_runs_per_day,
            quizzes=self.quota_quizzes,
            exports=self.quota_exports_per_hour,
            stored_replies=self.quota_stored_replies_bytes,
        )

    @property
    def upload_limits(self) -> UploadLimits:
        """The size limits of uploaded files."""
        return UploadLimits(self.max_body_bytes, self.max_sound_bytes)

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies can be `Secure`: the public URL uses TLS."""
        return self.public_url.startswith("https://")

    @property
    def public_origin(self) -> str:
        """Scheme, host and port of `public_url`, as browsers send them in ``Origin``."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    def join_url(self, pin: str) -> str:
        """Return the URL that opens the run with this PIN for players."""
        return f"{self.public_url.rstrip('/')}/join/{pin}"
