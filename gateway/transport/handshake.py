"""The HTTP request that opened a connection, kept as raw bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Self
from urllib.parse import parse_qs, unquote

MAX_QUERY_BYTES = 2_000
MAX_KEPT_BYTES = 1_000
KEPT = frozenset(
    {
        b"host",
        b"origin",
        b"user-agent",
        b"x-forwarded-host",
        b"x-forwarded-proto",
    }
)
"""Headers that a session may need later; it keeps up to `MAX_KEPT_BYTES` of them."""
FORWARDED_FOR = b"x-forwarded-for"
MAX_FORWARDED_BYTES = 300
"""The end of it, which the nearest proxies have written, is kept whatever the client sent."""


def joined(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Join the values of repeated headers, as WSGI demands."""
    values: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    return [(name, b",".join(parts)) for name, parts in values.items()]


class Handshake:
    """Builds the WSGI environment and the parsed query on demand.

    python-engineio keeps both as dictionaries for as long as a socket lives, some 5 KB. The raw
    request takes a tenth of that, and is hardly ever needed once the socket is connected.
    """

    __slots__ = ("_client", "_head", "_root_path")

    def __init__(
        self, head: bytes, client: tuple[str, int] | None = None, root_path: str = ""
    ) -> None:
        self._head = head.rstrip(b"\r\n")
        self._client = client
        self._root_path = root_path

    @classmethod
    def from_scope(cls, scope: dict[str, Any]) -> Self:
        """The handshake of an ASGI HTTP request."""
        headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
        target = scope.get("raw_path") or scope["path"].encode()
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        lines = [b"GET %b HTTP/1.1" % target, *(b"%b: %b" % header for header in headers)]
        return cls(b"\r\n".join(lines), scope.get("client"))

    def trimmed(self) -> Handshake:
        """The part that a session keeps: the target and the headers in `KEPT`."""
        first, *lines = self._head.split(b"\r\n")
        kept, room = [first, *self._forwarded()], MAX_KEPT_BYTES
        for line in lines:
            if line[: line.find(b":")].lower() in KEPT and len(line) <= room:
                kept.append(line)
                room -= len(line)
        return Handshake(b"\r\n".join(kept), self._client, self._root_path)

    def _forwarded(self) -> Iterator[bytes]:
        value = b", ".join(value for name, value in self.headers() if name == FORWARDED_FOR)
        if len(value) > MAX_FORWARDED_BYTES:
            value = value[-MAX_FORWARDED_BYTES:].partition(b",")[2]
        if value:
            yield b"%b: %b" % (FORWARDED_FOR, value.strip())

    @property
    def peer(self) -> str:
        """The address at the other end of the connection; empty if there is none."""
        return self._client[0] if self._client else ""

    @property
    def path(self) -> str:
        """The decoded path, below the one at which the server is mounted."""
        return self._root_path + unquote(self._target.partition("?")[0])

    @property
    def query(self) -> dict[str, list[str]]:
        """The query parameters, each with all its values."""
        return parse_qs(self.query_string)

    @property
    def query_string(self) -> str:
        """The query as it was sent."""
        return self._target.partition("?")[2]

    def headers(self) -> Iterator[tuple[bytes, bytes]]:
        """The headers, their names in lower case."""
        for line in self._head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            yield name.strip().lower(), value.strip()

    def header(self, name: bytes) -> str:
        """The values of a header, separated by commas; empty if it is missing."""
        return b",".join(value for key, value in self.headers() if key == name).decode("latin-1")

    def environ(self) -> dict[str, Any]:
        """The environment that connect handlers of python-socketio get."""
        path, _, query = self._target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": self.path,
            "QUERY_STRING": query,
            "RAW_URI": self._target,
            "SCRIPT_NAME": "",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_SOFTWARE": "asgi",
            "SERVER_NAME": "asgi",
            "SERVER_PORT": "0",
            "REMOTE_ADDR": self._client[0] if self._client else "127.0.0.1",
            "REMOTE_PORT": str(self._client[1]) if self._client else "0",
            "wsgi.version": (1, 0),
            "wsgi.async": True,
        }
        headers = list(self.headers())
        for name, value in joined(headers):
            key = name.decode("latin-1").upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
            environ[key] = value.decode("latin-1")
        environ["wsgi.url_scheme"] = environ.get("HTTP_X_FORWARDED_PROTO", "http")
        environ["asgi.scope"] = {
            "type": "websocket",
            "path": self.path,
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "headers": headers,
            "client": self._client,
        }
        return environ

    @property
    def _target(self) -> str:
        return self._head.split(b" ", 2)[1].decode("latin-1")
