"""The HTTP application: routers and middleware."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from gateway.http import (
    about,
    accounts,
    admin,
    administration,
    api_tokens,
    audit,
    commands,
    comparison,
    configuring,
    corrections,
    docs,
    email_addresses,
    factors,
    health,
    identities,
    inbox,
    joining,
    media,
    moderation,
    moving,
    my_data,
    oidc,
    openapi,
    pages,
    passwords,
    people,
    players,
    problems,
    profile,
    quiz_drafts,
    quiz_files,
    quiz_preview,
    quizzes,
    results,
    review,
    runs,
    second_factor,
    sharing,
    teams,
    templates,
)
from gateway.http.cookies import CookieFilter
from gateway.http.idempotency import HEADER, REPLAYED
from gateway.http.metrics import HttpMetrics, MetricsMiddleware, RouteMiddleware
from gateway.http.middleware import DRAIN_FACTOR, BodyLimit, ErrorMiddleware, SecurityHeaders
from gateway.http.proxied import REQUEST_ID
from gateway.http.services import HttpState, Services
from gateway.settings import GatewaySettings

API_PREFIX = "/api/v1"
API_VERSION = "1.0"
AUTH_BODY_BYTES = 8 * 1024
BODY_BYTES = 16 * 1024
"""The limit of all bodies except uploads, quizzes and archives."""

Running = Callable[[], AbstractAsyncContextManager[Services]]
"""Runs the services for the duration of a block."""


def http_app(
    settings: GatewaySettings, running: Running, metrics: HttpMetrics | None = None
) -> FastAPI:
    """Build the application. Its lifespan is `running`, and requests get the services it yields."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[HttpState]:
        async with running() as services:
            yield HttpState(services=services)

    # On a port of their own: not here.
    apart = settings.operations_port is not None
    app = FastAPI(
        title="Quizrun",
        version=API_VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None if apart else docs.OPENAPI_URL,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        middleware=_middleware(settings, metrics),
    )
    problems.install(app)
    openapi.install(app)
    if not apart:
        docs.install(app)
    api = APIRouter(prefix=API_PREFIX)
    for module in (accounts, passwords, email_addresses, second_factor):
        api.include_router(module.entrance)
    for module in (
        *(profile, passwords, email_addresses, identities, oidc, factors, api_tokens),
        *(my_data, sharing, teams, administration, inbox),
        *(
            accounts,
            quizzes,
            quiz_drafts,
            quiz_files,
            quiz_preview,
            templates,
            media,
            runs,
            commands,
            configuring,
        ),
        *(people, players, moderation),
        *(results, comparison, corrections, review, joining, moving),
    ):
        api.include_router(module.router)
    api.include_router(audit.own)
    api.include_router(audit.everybody)
    api.include_router(about.router)
    api.include_router(api_tokens.exchange)
    app.include_router(api)
    app.include_router(health.public_router)
    if not apart:
        app.include_router(health.router)
    app.include_router(media.public_router)
    app.include_router(admin.router)
    app.include_router(oidc.browser_router)
    pages.install(app, settings)
    return app


def _middleware(settings: GatewaySettings, metrics: HttpMetrics | None) -> list[Middleware]:
    """List the middleware, outermost first. CORS comes first, so that browsers can read errors."""
    layers = [
        Middleware(
            SecurityHeaders, https=settings.secure_cookies, subdomains=settings.hsts_subdomains
        )
    ]
    if metrics is not None:
        layers.insert(0, Middleware(MetricsMiddleware, metrics=metrics))
    if settings.cors_origins:
        layers.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(settings.cors_origins),
                # Credentials for any origin would let every site act for the user.
                allow_credentials="*" not in settings.cors_origins,
                allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "If-Match", HEADER],
                expose_headers=[
                    *("Content-Disposition", "ETag", "Location", "Retry-After"),
                    *(REPLAYED, REQUEST_ID),
                ],
                max_age=600,
            )
        )
    layers.append(Middleware(ErrorMiddleware))
    layers.append(
        Middleware(
            BodyLimit,
            limits=_body_limits(settings),
            passed_bytes=DRAIN_FACTOR * settings.max_body_bytes,
        )
    )
    layers.append(Middleware(CookieFilter))
    if metrics is not None:
        layers.append(Middleware(RouteMiddleware, prefix=API_PREFIX))
    return layers


def _body_limits(settings: GatewaySettings) -> dict[str, int]:
    largest = settings.max_body_bytes
    return {
        f"{API_PREFIX}/quizzes/import/": largest,
        f"{API_PREFIX}/quizzes/import": settings.max_archive_bytes,
        f"{API_PREFIX}/quizzes": largest,
        f"{API_PREFIX}/media": settings.upload_limits.largest,
        f"{API_PREFIX}/auth/": min(AUTH_BODY_BYTES, largest),
        "": min(BODY_BYTES, largest),
    }
