"""OpenID Connect redirects: to the provider and back."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from db.acting import acting, by, refused
from gateway.http.accounts import sign_in
from gateway.http.auth import limit_address, origin_of, session_token
from gateway.http.cookies import OIDC_COOKIE, OIDC_PATH, forget, keep
from gateway.http.openapi import problems
from gateway.http.routing import ApiRoute
from gateway.http.services import Services, ServicesDep
from gateway.oidc.attempt import HOME, TTL_S, Attempt, return_page
from gateway.oidc.person import Person
from gateway.oidc.providers import ProviderSettings
from gateway.oidc.refusals import OidcRefusedError, Refusal
from gateway.oidc.service import METHOD
from quiz.acts import Act
from quiz.errors import QuizrunError

SIGN_IN_PAGE = "/host/sign-in"
ACCOUNT_PAGE = "/host/account/identities"

router = APIRouter(tags=["accounts"], route_class=ApiRoute)
browser_router = APIRouter(prefix=OIDC_PATH, include_in_schema=False, route_class=ApiRoute)

log = structlog.get_logger(__name__)


class ProviderView(BaseModel):
    """A sign-in provider."""

    name: str = Field(examples=["school"])
    label: str = Field(description="The text of its button", examples=["Example School"])
    preset: str | None = Field(description="Selects the logo of its button", examples=["google"])
    login_url: str = Field(
        description="The button's target; `?next=` takes the page to return to",
        examples=["/auth/oidc/school/login"],
    )


class Providers(BaseModel):
    """Providers in configured order."""

    providers: list[ProviderView]


@router.get("/auth/providers", responses=problems(503))
async def providers(services: ServicesDep) -> Providers:
    """List the sign-in providers."""
    return Providers(
        providers=[
            ProviderView(
                name=each.name,
                label=each.title,
                preset=each.preset,
                login_url=f"{OIDC_PATH}/{each.name}/login",
            )
            for each in services.sign_in.oidc.providers
        ]
    )


@browser_router.get("/{provider}/login")
async def login(
    request: Request,
    provider: str,
    services: ServicesDep,
    next_page: Annotated[str | None, Query(alias="next")] = None,
) -> Response:
    """Redirect the browser to the provider."""
    attempt = Attempt(provider, return_page(next_page))
    try:
        await limit_address(request)
        url, kept = await services.sign_in.oidc.begin(attempt)
    except (OidcRefusedError, QuizrunError) as error:
        return _refused(services, error, attempt)
    response = _redirect(url)
    keep_attempt(response, services, kept)
    return response


@browser_router.get("/{provider}/callback")
async def callback(request: Request, provider: str, services: ServicesDep) -> Response:
    """Complete a sign-in or link when the browser returns from the provider."""
    attempt: Attempt | None = None
    try:
        await limit_address(request)
        kept, state = request.cookies.get(OIDC_COOKIE), request.query_params.get("state", "")
        attempt = services.sign_in.oidc.open_attempt(provider, kept, state)
        settings, person = await services.sign_in.oidc.finish(attempt, request.query_params)
        response: Response = _redirect(attempt.next)
        if attempt.account_id:
            act = acting()
            if act is not None:
                act.action = Act.LINK_IDENTITY
            await _link(request, services, attempt, settings, person)
        else:
            await _sign_in(request, response, services, settings, person)
    except (OidcRefusedError, QuizrunError) as error:
        response = _refused(services, error, attempt)
    if attempt is not None:  # otherwise the cookie may belong to another tab
        forget_attempt(response, services)
    return response


async def _sign_in(
    request: Request,
    response: Response,
    services: Services,
    settings: ProviderSettings,
    person: Person,
) -> None:
    method = f"{METHOD}{settings.name}"
    account = await services.sign_in.oidc.accounts.account_of(
        settings, person, origin_of(request, method)
    )
    await sign_in(request, response, services, account, method)


async def _link(
    request: Request,
    services: Services,
    attempt: Attempt,
    settings: ProviderSettings,
    person: Person,
) -> None:
    token = session_token(request)
    session = await services.sign_in.host_sessions.find(token) if token else None
    if session is None or (session.id, session.account.id) != (
        attempt.session_id,
        attempt.account_id,
    ):
        raise OidcRefusedError(Refusal.SESSION_CHANGED)
    by(session.account.id, session.id)
    await services.sign_in.oidc.accounts.link(
        settings, person, session.account.id, origin_of(request)
    )


def keep_attempt(response: Response, services: Services, kept: str) -> None:
    """Store the sealed attempt in a cookie until the browser returns."""
    keep(response, OIDC_COOKIE, kept, max_age=TTL_S, secure=services.settings.secure_cookies)


def forget_attempt(response: Response, services: Services) -> None:
    """Delete the attempt's cookie."""
    forget(response, OIDC_COOKIE, secure=services.settings.secure_cookies)


def _refused(
    services: Services, error: OidcRefusedError | QuizrunError, attempt: Attempt | None
) -> Response:
    code = error.code.value
    refused(code)
    name = attempt.provider if attempt else ""
    known = name in {each.name for each in services.sign_in.oidc.providers}
    reason = error.reason if isinstance(error, OidcRefusedError) else code
    log.info("oidc.refused", dependency=name if known else None, code=code, reason=reason)
    query = {"error": code} | ({"provider": name} if known else {})
    if attempt is not None and attempt.account_id:
        return _redirect(f"{ACCOUNT_PAGE}?{urlencode(query)}")
    if attempt is not None and attempt.next != HOME:
        query["next"] = attempt.next
    return _redirect(f"{SIGN_IN_PAGE}?{urlencode(query)}")


def _redirect(url: str) -> RedirectResponse:
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(url, 303, headers)
