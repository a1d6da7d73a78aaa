"""Readiness, metrics and API documentation on their own port (`QUIZRUN_OPERATIONS_PORT`)."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http import docs, health, problems
from gateway.http.middleware import ErrorMiddleware, SecurityHeaders
from gateway.http.services import Services


def operations_app(api: FastAPI, services: Services) -> ASGIApp:
    """Build the application; `api` is the one that it documents."""
    app = FastAPI(
        title=api.title,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[Middleware(SecurityHeaders, https=False), Middleware(ErrorMiddleware)],
    )
    problems.install(app)
    docs.install(app)

    @app.get(docs.OPENAPI_URL, include_in_schema=False)
    async def schema() -> dict[str, Any]:
        server = {"url": services.settings.public_url.rstrip("/")}
        return {**api.openapi(), "servers": [server]}

    app.include_router(health.public_router)
    app.include_router(health.router)
    return _WithServices(app, services)


class _WithServices:
    """Gives requests the services that the lifespan of the API has started."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        scope.setdefault("state", {})["services"] = self._services
        await self._app(scope, receive, send)
