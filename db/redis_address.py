"""Parsing of Redis URLs: a single server, Sentinels, or a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from urllib.parse import unquote, urlsplit

SERVER_PORT = 6379
SENTINEL_PORT = 26379


class RedisMode(StrEnum):
    """The deployment mode of Redis."""

    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAccess:
    """Credentials and TLS files that are set apart from the URL."""

    password: str | None = None
    sentinel_username: str | None = None
    sentinel_password: str | None = None
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None

    def tls_options(self, *, encrypted: bool) -> dict[str, Any]:
        """Return the client's options for TLS; server certificates are verified."""
        if not encrypted:
            return {}
        return {
            "ssl": True,
            "ssl_ca_certs": self.ca_file,
            "ssl_certfile": self.cert_file,
            "ssl_keyfile": self.key_file,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAddress:
    """The parts of ``redis[s][+sentinel|+cluster]://user:password@host:port,…/…``."""

    mode: RedisMode
    encrypted: bool
    hosts: list[tuple[str, int]]
    username: str | None
    password: str | None
    master: str = ""
    """The master's name in the Sentinels."""
    database: int = 0

    @classmethod
    def parse(cls, url: str, access: RedisAccess) -> Self:
        """Parse `url`. Raises `ValueError` with a sentence."""
        parts = urlsplit(url)
        scheme, _, suffix = parts.scheme.partition("+")
        mode = RedisMode(suffix) if suffix else RedisMode.SINGLE  # validated by the settings
        credentials, _, netloc = parts.netloc.rpartition("@")
        username, _, password = credentials.partition(":")
        port = SENTINEL_PORT if mode is RedisMode.SENTINEL else SERVER_PORT
        path = [part for part in parts.path.split("/") if part]
        master = path.pop(0) if mode is RedisMode.SENTINEL and path else ""
        if mode is RedisMode.SENTINEL and not master:
            raise ValueError("The URL of Sentinels must end with the master's name.")
        if mode is RedisMode.CLUSTER and path and path != ["0"]:
            raise ValueError("A Redis Cluster has database 0 only.")
        return cls(
            mode=mode,
            encrypted=scheme == "rediss",
            hosts=[_host(host, port) for host in netloc.split(",") if host],
            username=unquote(username) or None,
            password=access.password or unquote(password) or None,
            master=master,
            database=int(path[0]) if path and path[0].isdecimal() else 0,
        )


def _host(text: str, default_port: int) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(default_port)
    if not port.isdecimal():
        raise ValueError(f"“{text}” is not of the form host:port.")
    return host.strip("[]"), int(port)
