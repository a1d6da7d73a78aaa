"""What a gateway process is told through its environment."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from db.media import Quota
from db.retention import RetentionPeriods
from gateway.media.inspect import UploadLimits
from gateway.oidc.providers import ProviderSettings, doubles
from quiz.run import IdleTimeouts
from telemetry.reporting import DSN, WEB_ADDRESS
from telemetry.settings import ServerSettings

MIN_ADMIN_TOKEN_CHARS = 16


class GatewaySettings(ServerSettings):
    """The settings that only gateways have."""

    http_host: str = "127.0.0.1"
    """The address to listen on; `0.0.0.0` lets other hosts in."""
    http_port: int = Field(8000, ge=0, le=65_535)
    """The port to listen on."""

    cors_origins: tuple[str, ...] = ()
    """Other web origins that may call the API from a browser, as a JSON list."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses, comma-separated, whose ``X-Forwarded-*`` headers are believed."""

    web_dir: Path = Path(__file__).resolve().parents[1] / "web" / "dist"
    """Where the web client was built; without one a page says so."""
    asset_url: str = Field("", pattern=r"^(https?://[^\s;,'\"]+)?$")
    """The CDN that serves the web client's files, as in ``https://cdn.example``."""
    media_url: str = Field("", pattern=r"^(https?://[^\s;,'\"]*[^\s;,'\"/])?$")
    """The CDN that serves uploaded files; it fetches ``/media/…`` here. No slash at the end."""
    shared_assets_dir: Path | None = None
    """A directory with the files of this and earlier releases (``quizrun assets publish``); pages
    that were opened before a deployment find theirs there."""

    web_sentry_dsn: str = Field("", pattern=DSN)
    """The DSN of Sentry's project for the web client; without one browsers load nothing of it."""
    web_sentry_sample_rate: float = Field(1.0, ge=0, le=1)
    """The share of browsers' errors that is reported."""
    web_traces_url: str = Field("", pattern=WEB_ADDRESS)
    """Where browsers send traces by OTLP over HTTP; it must allow our origin (CORS)."""
    web_trace_share: float = Field(0.05, ge=0, le=1)
    """The share of visitors whose browsers take part in traces."""

    max_body_bytes: int = Field(2_000_000, ge=1_000)
    """Quizzes and pictures above this are refused while they stream in; other bodies may have a few
    kilobytes."""
    max_sound_bytes: int = Field(5_000_000, ge=1_000)
    """Uploaded sounds above this are refused."""
    max_archive_bytes: int = Field(32_000_000, ge=1_000)
    """Archives of quizzes with their files above this are neither written nor read."""
    shutdown_grace_s: int = Field(10, ge=0)
    """How long requests under way may take to finish when the process is asked to stop."""

    drain_delay_s: float = Field(0, ge=0)
    """How long ``/readyz`` says `draining` before clients are let go: what load balancers need
    to notice."""
    drain_s: float = Field(20, ge=0)
    """The longest time over which clients are let go; it takes less where the others admit them
    sooner (`admissions_per_s`)."""
    session_tag: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,32}$")
    """What the ids of Socket.IO sessions begin with: load balancers find this process by it."""

    access_token_ttl_s: int = Field(3_600, ge=60)
    """How long a host's access token is valid; the browser renews it."""
    player_token_ttl_s: int = Field(86_400, ge=3_600)
    """How long players can come back to a run."""
    review_token_ttl_s: int = Field(365 * 86_400, ge=3_600)
    """How long a player's review page can be opened, should its run be kept for so long."""
    session_ttl_s: int = Field(30 * 86_400, ge=3_600)
    """How long a host who does not come back stays signed in."""
    account_log_days: int = Field(365, ge=1)
    """How long the log of what was done with an account is kept."""
    account_deletion_days: int = Field(14, ge=0)
    """How long owners can keep an account after all that they have asked to delete."""
    session_max_age_s: int = Field(180 * 86_400, ge=3_600)
    """How long a host stays signed in at most."""

    smtp_url: str = Field("", repr=False, pattern=r"^(smtps?://\S+)?$")
    """The mail server, as in ``smtp://user@mail.example:587`` (STARTTLS) or ``smtps://…``; without
    one hosts get no mail, and cannot reset a password by themselves."""
    smtp_password: SecretStr | None = None
    """The password for the mail server, where it is kept apart from the URL."""
    mail_from: str = Field("Quizrun <noreply@localhost>", pattern=r"^[^\r\n]*[^\s<@]+@[^\s>@]+>?$")
    """The sender of mail."""
    mail_inbox: bool = False
    """Show mail at ``/inbox``, to this machine only, instead of sending it: for demos."""

    oidc_providers: tuple[ProviderSettings, ...] = ()
    """Where hosts can sign in besides, by OpenID Connect: a JSON list of objects with `name`,
    `client_id`, `client_secret` and a `preset` or an `issuer` (docs/accounts.md)."""

    auth_window_s: int = Field(60, ge=1)
    """The window of the next two limits."""
    auth_limit_per_address: int = Field(300, ge=1)
    """Logins and registrations per window from one address; a school shares one."""
    auth_limit_per_email: int = Field(20, ge=1)
    """Failed logins per window for one account from one address; for IPv6, from one /64 network."""
    auth_limit_per_email_anywhere: int = Field(200, ge=1)
    """Failed logins per window for one account from all addresses from which nobody has signed in
    to it before."""

    password_threads: int = Field(2, ge=1)
    """Password checks at the same time."""
    password_queue: int = Field(64, ge=1)
    """Password checks that may wait for a thread; more are refused at once."""

    media_max_pictures: int = Field(500, ge=1)
    """How many pictures and sounds, counted together, an account can upload."""
    media_max_total_bytes: int = Field(200_000_000, ge=1_000)
    """How much an account can upload."""
    media_cache_bytes: int = Field(64_000_000, ge=0)
    """Memory for the pictures and sounds used last."""

    lobby_timeout_s: int = Field(24 * 3_600, ge=60)
    """A lobby whose host does nothing for so long is ended; hosts are warned ten minutes before."""
    pause_timeout_s: int = Field(12 * 3_600, ge=60)
    """The same for a paused run."""
    reveal_timeout_s: int = Field(12 * 3_600, ge=60)
    """The same for a reveal that waits for the host's `next`."""

    admissions_per_s: float = Field(1_200, gt=0)
    """Players who may join or come back each second; others wait or are told when to come again."""

    admin_token: SecretStr = SecretStr("")
    """Opens the operators' page at ``/admin``, at least 16 characters; without one there is no such
    page."""
    temporal_ui_url: str = Field("", pattern=r"^(https?://\S+)?$")
    """Where operators find the Temporal UI, for links to it."""
    anonymise_after_days: int | None = Field(None, ge=1)
    """Names and texts of a run are replaced so many days after its end; without it never."""
    delete_after_days: int | None = Field(None, ge=1)
    """A run and its results are deleted so many days after its end; without it never."""

    def faults(self) -> list[str]:
        """See `EnvironmentSettings.faults`."""
        both = self.smtp_url and self.mail_inbox
        return [
            *super().faults(),
            *(["QUIZRUN_SMTP_URL and QUIZRUN_MAIL_INBOX exclude each other."] if both else []),
            *(
                f"QUIZRUN_OIDC_PROVIDERS: several providers are named {name}."
                for name in doubles(self.oidc_providers)
            ),
        ]

    @property
    def idle_timeouts(self) -> IdleTimeouts:
        """How long runs may be left alone."""
        return IdleTimeouts(
            lobby_timeout_ms=self.lobby_timeout_s * 1000,
            pause_timeout_ms=self.pause_timeout_s * 1000,
            reveal_timeout_ms=self.reveal_timeout_s * 1000,
        )

    @field_validator("admin_token")
    @classmethod
    def _long_enough(cls, token: SecretStr) -> SecretStr:
        if 0 < len(token.get_secret_value()) < MIN_ADMIN_TOKEN_CHARS:
            raise ValueError(f"must have at least {MIN_ADMIN_TOKEN_CHARS} characters")
        return token

    @property
    def retention_periods(self) -> RetentionPeriods:
        """How long the results of runs are kept, and names in them."""
        return RetentionPeriods(self.anonymise_after_days, self.delete_after_days)

    @property
    def media_quota(self) -> Quota:
        """What one account may have uploaded."""
        return Quota(self.media_max_pictures, self.media_max_total_bytes)

    @property
    def upload_limits(self) -> UploadLimits:
        """How large an uploaded file may be."""
        return UploadLimits(self.max_body_bytes, self.max_sound_bytes)

    @property
    def secure_cookies(self) -> bool:
        """Whether browsers reach us by TLS, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    @property
    def public_origin(self) -> str:
        """Scheme, host and port of `public_url`, as browsers write it into ``Origin``."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    def join_url(self, pin: str) -> str:
        """The address that takes a player straight to the run with this PIN."""
        return f"{self.public_url.rstrip('/')}/join/{pin}"
