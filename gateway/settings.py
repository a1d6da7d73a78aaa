"""What a gateway process is told through its environment."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field

from db.media import Usage
from quiz.run import IdleTimeouts
from telemetry.settings import ServerSettings


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
    """The CDN that serves uploaded pictures; it fetches ``/media/…`` here. No slash at the end."""
    shared_assets_dir: Path | None = None
    """A directory with the files of this and earlier releases (``quizrun assets publish``); pages
    that were opened before a deployment find theirs there."""

    max_body_bytes: int = Field(2_000_000, ge=1_000)
    """Quizzes and pictures above this are refused while they stream in; other bodies may have a few
    kilobytes."""
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
    player_token_ttl_s: int = Field(86_400, ge=3_600)
    session_ttl_s: int = Field(30 * 86_400, ge=3_600)

    auth_window_s: int = Field(60, ge=1)
    auth_limit_per_address: int = Field(300, ge=1)
    """Logins and registrations per window from one address; a school shares one."""
    auth_limit_per_email: int = Field(20, ge=1)

    password_threads: int = Field(2, ge=1)
    password_queue: int = Field(64, ge=1)
    """Password checks that may wait for a thread; more are refused at once."""

    media_max_pictures: int = Field(500, ge=1)
    media_max_total_bytes: int = Field(200_000_000, ge=1_000)
    """How much an account can upload. One picture can be as large as any request body."""
    media_cache_bytes: int = Field(64_000_000, ge=0)
    """Memory for the pictures used last."""

    lobby_timeout_s: int = Field(24 * 3_600, ge=60)
    """A lobby whose host does nothing for so long is ended; hosts are warned ten minutes before."""
    pause_timeout_s: int = Field(12 * 3_600, ge=60)
    """The same for a paused run."""
    reveal_timeout_s: int = Field(12 * 3_600, ge=60)
    """The same for a reveal that waits for the host's `next`."""

    admissions_per_s: float = Field(1_200, gt=0)
    """Players who may join or come back each second; others wait or are told when to come again."""

    @property
    def idle_timeouts(self) -> IdleTimeouts:
        """How long runs may be left alone."""
        return IdleTimeouts(
            lobby_timeout_ms=self.lobby_timeout_s * 1000,
            pause_timeout_ms=self.pause_timeout_s * 1000,
            reveal_timeout_ms=self.reveal_timeout_s * 1000,
        )

    @property
    def media_quota(self) -> Usage:
        """What one account may have uploaded."""
        return Usage(self.media_max_pictures, self.media_max_total_bytes)

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
