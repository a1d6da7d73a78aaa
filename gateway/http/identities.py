"""The identity providers by which an account signs in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from db.identities import Identity
from gateway.http.account_fields import Body, Password
from gateway.http.auth import CallerDep, origin_of
from gateway.http.oidc import ACCOUNT_PAGE, keep_attempt
from gateway.http.openapi import problems
from gateway.http.reauthentication import account_of, reauthenticate
from gateway.http.routing import ApiRoute
from gateway.http.services import ServicesDep
from gateway.oidc.accounts import UNLINKED
from gateway.oidc.attempt import Attempt
from gateway.oidc.refusals import OidcRefusedError, Refusal
from quiz.errors import ErrorCode, QuizrunError

router = APIRouter(tags=["accounts"], route_class=ApiRoute)


class Proof(Body):
    """`password` is optional within 15 minutes of signing in."""

    password: Password | None = None


class LinkStart(BaseModel):
    """The URL to redirect the browser to; it returns to the account's page."""

    url: str


class IdentityView(BaseModel):
    """A linked identity of a provider."""

    id: str
    provider: str = Field(examples=["school"])
    label: str = Field(examples=["Example School"])
    email: str | None = Field(description="The address that the provider verified.")
    created_at: int
    last_used_at: int | None


class IdentityList(BaseModel):
    """Linked identities, oldest first. The last way to sign in cannot be unlinked."""

    identities: list[IdentityView]
    has_password: bool


@router.get("/me/identities", responses=problems(401, 503))
async def identities(caller: CallerDep, services: ServicesDep) -> IdentityList:
    """List the account's linked identities."""
    account = await account_of(services, caller)
    labels = {each.name: each.title for each in services.sign_in.oidc.providers}
    found = await services.auth.identities.of_account(account.id)
    return IdentityList(
        identities=[_view(item, labels) for item in found], has_password=bool(account.password_hash)
    )


@router.post("/me/identities/{provider}", responses=problems(401, 403, 404, 422, 429, 503))
async def link(
    request: Request,
    response: Response,
    provider: Annotated[str, Path()],
    given: Proof,
    caller: CallerDep,
    services: ServicesDep,
) -> LinkStart:
    """Start linking an identity. The returning browser must be signed in to the same account."""
    account = await reauthenticate(request, services, caller, given.password)
    attempt = Attempt(provider, ACCOUNT_PAGE, account.id, caller.session_id or "")
    try:
        url, kept = await services.sign_in.oidc.begin(attempt)
    except OidcRefusedError as error:
        raise _problem(error) from error
    keep_attempt(response, services, kept)
    return LinkStart(url=url)


@router.delete(
    "/me/identities/{identity_id}", status_code=204, responses=problems(401, 403, 404, 409, 503)
)
async def unlink(
    request: Request,
    identity_id: Annotated[str, Path()],
    caller: CallerDep,
    services: ServicesDep,
) -> None:
    """Unlink an identity, within 15 minutes of signing in."""
    account = await reauthenticate(request, services, caller, None)
    removed = await services.auth.identities.remove(account.id, identity_id)
    if removed is None:
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such identity.")
    await services.auth.events.record(
        account.id, UNLINKED, origin_of(request), provider=removed.provider
    )
    labels = {each.name: each.title for each in services.sign_in.oidc.providers}
    provider = labels.get(removed.provider, removed.provider)
    await services.mail.identity_changed(account, UNLINKED, provider)


def _view(identity: Identity, labels: dict[str, str]) -> IdentityView:
    return IdentityView(
        id=identity.id,
        provider=identity.provider,
        label=labels.get(identity.provider, identity.provider),
        email=identity.email,
        created_at=identity.created_at,
        last_used_at=identity.last_used_at,
    )


def _problem(error: OidcRefusedError) -> QuizrunError:
    if error.code is Refusal.PROVIDER_UNKNOWN:
        return QuizrunError(ErrorCode.NOT_FOUND, "There is no such provider.")
    return QuizrunError(ErrorCode.UNAVAILABLE, "The provider is not responding. Try again later.")
