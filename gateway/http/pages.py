"""Serve the web client: its page, its files, and their content policy."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI, Request
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http.built_files import IMMUTABLE, REVALIDATE, BuiltFiles, accepted_codings
from gateway.http.client_reports import ClientReports, report_origins
from gateway.settings import GatewaySettings

NOT_BUILT = Path(__file__).parent.parent / "static" / "not-built.html"
ASSETS = "/assets"
ADDRESSES = (
    "/",
    "/join/{pin}",
    "/move",
    "/play/{run}",
    "/review",
    "/host",
    "/host/{rest:path}",
    "/screen/{run}",
    "/room-test",
    "/inbox",
)
"""The client's routes; at any other address it shows its "not found" page."""
NO_PAGES = ("/api/", f"{ASSETS}/")
"""Unknown paths below these always get a problem document."""

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def install(app: FastAPI, settings: GatewaySettings) -> None:
    """Serve the client built into `web_dir`, or a page that says it is missing."""
    index = settings.web_dir / "index.html"
    if not index.exists():
        structlog.get_logger().warning("web.client_not_built", file=str(settings.web_dir))
        _serve(app, NotBuiltPage(NOT_BUILT.read_text()))
        return
    policy = client_policy(settings)
    _serve(app, ClientPage(index, policy, settings.asset_url, ClientReports(settings)))
    if (settings.web_dir / "assets").is_dir():
        app.mount(ASSETS, BuiltFiles(*_asset_directories(settings), cache_control=IMMUTABLE))
    # A service worker is governed by the policy that its own script was served with.
    others = BuiltFiles(settings.web_dir, cache_control=REVALIDATE, policy=policy)
    for name in sorted(_root_files(settings.web_dir)):
        app.router.routes.append(Route(f"/{name}", _File(others, name), include_in_schema=False))


def _asset_directories(settings: GatewaySettings) -> list[Path]:
    """Return the directories of this and other releases' files: during a deployment, browsers ask
    any gateway for the files of the page they have loaded.
    """
    shared = settings.shared_assets_dir
    return [settings.web_dir / "assets", *([shared] if shared else [])]


def client_policy(settings: GatewaySettings) -> str:
    """Allow built scripts and styles only, and pictures from any origin that quizzes use."""
    files = " ".join(["'self'", *_origin(settings.asset_url)])
    # `'self'` does not cover WebSockets in older browsers.
    sockets = settings.public_origin.replace("http", "ws", 1)
    servers = " ".join([files, sockets, *report_origins(settings)])
    pictures = "https: data: blob:" if settings.secure_cookies else "https: http: data: blob:"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {files}",
            f"style-src {files}",
            f"font-src {files}",
            f"img-src {' '.join([files, *_origin(settings.media_url), pictures])}",
            f"media-src {' '.join([files, *_origin(settings.media_url)])}",
            f"connect-src {servers}",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            # The console embeds a player's page for rehearsals.
            "frame-src 'self'",
            "frame-ancestors 'self'",
        )
    )


class ClientPage:
    """`index.html`, reloaded when it was rebuilt, with its files at `asset_url`."""

    def __init__(self, path: Path, policy: str, asset_url: str, reports: ClientReports) -> None:
        self._path = path
        self._asset_url = asset_url.rstrip("/")
        self._reports = reports
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Frame-Options": "SAMEORIGIN",
            "Cache-Control": REVALIDATE,
            "Vary": "Accept-Encoding",
        }
        self._seen_ns = -1
        self._read()

    async def respond(self, request: Request) -> Response:
        """Return the page, or 304 if the client has it."""
        if self._path.stat().st_mtime_ns != self._seen_ns:
            self._read()
        headers = {**self._headers, "ETag": self._etag}
        if self._etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in accepted_codings(request.headers.get("accept-encoding", "")):
            return HTMLResponse(self._packed, headers={**headers, "Content-Encoding": "gzip"})
        return HTMLResponse(self._page, headers=headers)

    def _read(self) -> None:
        self._seen_ns = self._path.stat().st_mtime_ns
        page = self._reports.insert_into(self._path.read_text())
        page = page.replace(f'"{ASSETS}/', f'"{self._asset_url}{ASSETS}/')
        self._page = page.encode()
        self._packed = gzip.compress(self._page, mtime=0)
        self._etag = f'W/"{hashlib.sha256(self._page).hexdigest()[:32]}"'


class NotFoundFallback:
    """Handles unknown addresses: the client's "not found" page for browsers, a problem document
    for API clients.
    """

    def __init__(self, page: ClientPage | NotBuiltPage, otherwise: ASGIApp) -> None:
        self._page = page
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond with 404, or 304 if the client has that page."""
        if not _follows_link(scope):
            await self._otherwise(scope, receive, send)
            return
        response = await self._page.respond(Request(scope))
        if response.status_code == HTTPStatus.OK:
            response.status_code = HTTPStatus.NOT_FOUND
        response.headers["Vary"] = "Accept, Accept-Encoding"
        await response(scope, receive, send)


class NotBuiltPage:
    """Says that the client is not built, under a policy that allows just the page's own style."""

    def __init__(self, page: str) -> None:
        self._page = page
        style = _STYLE.search(page)
        digest = hashlib.sha256(style[1].encode() if style else b"").digest()
        self._policy = (
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            f"style-src 'sha256-{base64.b64encode(digest).decode()}'"
        )

    async def respond(self, _: Request) -> Response:
        """Return the page, whatever the address."""
        headers = {"Content-Security-Policy": self._policy, "Cache-Control": REVALIDATE}
        return HTMLResponse(self._page, headers=headers)


class _File:
    """A file at the root, such as the manifest or the service worker."""

    def __init__(self, files: BuiltFiles, name: str) -> None:
        self._files = files
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._files.get_response(self._name, scope)
        await response(scope, receive, send)


def _serve(app: FastAPI, page: ClientPage | NotBuiltPage) -> None:
    for address in ADDRESSES:
        app.add_api_route(address, page.respond, methods=["GET", "HEAD"], include_in_schema=False)
    app.router.default = NotFoundFallback(page, app.router.default)


def _follows_link(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] in ("GET", "HEAD")
        and not scope["path"].startswith(NO_PAGES)
        and "text/html" in Headers(scope=scope).get("accept", "")
    )


def _root_files(directory: Path) -> set[str]:
    packed = (".br", ".gz")
    return {
        path.name
        for path in directory.iterdir()
        if path.is_file() and path.suffix not in packed and path.name != "index.html"
    }


def _origin(url: str) -> list[str]:
    if not url:
        return []
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"]
