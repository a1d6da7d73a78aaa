"""API tokens: create, list, revoke, and exchange for a short-lived access token."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, Field

from db.acting import noting
from db.api_tokens import ApiToken
from db.hashes import token_hash
from gateway.api_tokens import HINT_CHARS, Scope, new_api_token
from gateway.http.account_fields import Body, Password
from gateway.http.auth import CallerDep, identify, origin_of
from gateway.http.openapi import problems
from gateway.http.reauthentication import reauthenticate
from gateway.http.routing import ApiRoute
from gateway.http.services import ServicesDep
from gateway.person_fields import one_line
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

router = APIRouter(prefix="/me/api-tokens", tags=["accounts"], route_class=ApiRoute)
exchange = APIRouter(tags=["runs"], route_class=ApiRoute)

MAX_DAYS = 3_650
DAY_MS = 86_400_000


class NewApiToken(Body):
    """`password` is optional within 15 minutes of signing in."""

    name: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(one_line)] = Field(
        examples=["Timetable import"]
    )
    scopes: set[Scope] = Field(min_length=1)
    expires_in_days: int | None = Field(
        None, ge=1, le=MAX_DAYS, description="By default the token does not expire."
    )
    password: Password | None = None


class ApiTokenView(BaseModel):
    """A token's metadata, without the token itself."""

    id: str
    name: str
    hint: str = Field(description="The last characters of the token.")
    scopes: list[Scope]
    created_at: int
    expires_at: int | None
    last_used_at: int | None


class ApiTokenCreated(ApiTokenView):
    """The response to creating a token. The token is shown only here."""

    token: str = Field(examples=["qzr_…"])


class ApiTokenList(BaseModel):
    """API tokens, newest first."""

    tokens: list[ApiTokenView]


class AccessToken(BaseModel):
    """An access token for sockets, which do not accept API tokens."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int = Field(description="Seconds", examples=[3600])


@router.post("", status_code=201, responses=problems(401, 403, 409, 422, 429, 503))
async def create(
    request: Request, caller: CallerDep, given: NewApiToken, services: ServicesDep
) -> ApiTokenCreated:
    """Create an API token for a script."""
    account = await reauthenticate(request, services, caller, given.password)
    token, now = new_api_token(), now_ms()
    days = given.expires_in_days
    noting(scopes=sorted(given.scopes), expires_in_days=days)
    stored = await services.auth.api_tokens.create(
        account.id,
        token_hash(token),
        given.name,
        token[-HINT_CHARS:],
        given.scopes,
        now,
        None if days is None else now + days * DAY_MS,
    )
    origin = origin_of(request)
    await services.auth.events.record(account.id, "api_token_created", origin, name=given.name)
    await services.mail.api_token_created(account, given.name, origin)
    return ApiTokenCreated(**_view(stored).model_dump(), token=token)


@router.get("", responses=problems(401, 403, 503))
async def tokens(caller: CallerDep, services: ServicesDep) -> ApiTokenList:
    """List the account's API tokens."""
    found = await services.auth.api_tokens.of_account(caller.account_id)
    return ApiTokenList(tokens=[_view(item) for item in found])


@router.delete("/{token_id}", status_code=204, responses=problems(401, 403, 404, 503))
async def revoke(request: Request, token_id: str, caller: CallerDep, services: ServicesDep) -> None:
    """Revoke a token. Sockets opened with it are closed within a second."""
    if not await services.auth.api_tokens.delete(caller.account_id, token_id):
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such token.")
    await services.auth.events.record(caller.account_id, "api_token_revoked", origin_of(request))


@exchange.get("/access-token", responses=problems(401, 403, 503))
async def access_token(request: Request, services: ServicesDep) -> AccessToken:
    """Return an access token for the host's socket. API tokens need the scope `runs:read`."""
    caller = await identify(request)
    if caller.session_id is None:  # of an old release: nothing could end what it is exchanged for
        raise QuizrunError(ErrorCode.UNAUTHORIZED, "Sign in again.")
    return AccessToken(
        access_token=services.sign_in.tokens.sign_access_token(
            caller.account_id, caller.session_id
        ),
        expires_in=services.sign_in.tokens.access_ttl_s,
    )


def _view(token: ApiToken) -> ApiTokenView:
    return ApiTokenView(
        id=token.id,
        name=token.name,
        hint=token.hint,
        scopes=token.scopes,
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
    )
