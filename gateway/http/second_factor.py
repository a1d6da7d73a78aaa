"""Sign in with a passkey alone, or with a second factor after the password."""

from __future__ import annotations

from typing import Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, model_validator

from db.acting import on
from gateway.factors.passkeys import SIGN_IN
from gateway.factors.second_step import FactorInput
from gateway.http.account_fields import Body, OneTimeTokenField
from gateway.http.accounts import SignedIn, sign_in
from gateway.http.auth import check_origin, origin_of
from gateway.http.factor_fields import Code, Options, PasskeyCredential
from gateway.http.openapi import problems
from gateway.http.routing import AddressLimitedRoute
from gateway.http.services import ServicesDep
from quiz.errors import ErrorCode, QuizrunError

entrance = APIRouter(tags=["accounts"], route_class=AddressLimitedRoute)


class PasskeySignIn(Body):
    """The passkey's assertion."""

    credential: PasskeyCredential


class PasskeyOptions(BaseModel):
    """Options for `navigator.credentials.get()`, as JSON."""

    options: Options


class SecondFactor(Body):
    """The token of `second_factor_required`, and exactly one factor."""

    token: OneTimeTokenField
    code: Code | None = None
    recovery_code: Code | None = None
    passkey: PasskeyCredential | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = (self.code, self.recovery_code, self.passkey)
        if sum(item is not None for item in given) != 1:
            raise ValueError("requires exactly one of code, recovery_code and passkey")
        return self

    def factor(self) -> FactorInput:
        """The given factor."""
        passkey = self.passkey.as_json() if self.passkey else None
        code, recovery_code = (
            item.get_secret_value() if item else None for item in (self.code, self.recovery_code)
        )
        return FactorInput(code, recovery_code, passkey)


@entrance.post("/auth/passkey/options", responses=problems(403, 429, 503))
async def passkey_options(request: Request, services: ServicesDep) -> PasskeyOptions:
    """Return the options to request a passkey, valid for five minutes and one sign-in."""
    check_origin(request)
    return PasskeyOptions(options=services.sign_in.factors.passkeys.sign_in_options())


@entrance.post("/auth/passkey", responses=problems(401, 403, 422, 429, 503))
async def passkey_sign_in(
    request: Request, response: Response, given: PasskeySignIn, services: ServicesDep
) -> SignedIn:
    """Sign in with a passkey alone. The authenticator verifies the user, so no second factor is
    needed.

    Every failure, of the passkey or the account, gets the same response.
    """
    check_origin(request)
    factors = services.sign_in.factors
    proof = await factors.passkeys.prove(given.credential.as_json(), SIGN_IN)
    account = await services.auth.accounts.by_id(proof.passkey.account_id) if proof else None
    if account is not None:
        on("account", account.id)
    if proof is None or account is None or account.disabled_at is not None:
        raise _refused()
    if proof.copied:
        origin = origin_of(request, "passkey")
        await factors.notices.notify(account, "passkey_copied", origin, passkey=proof.passkey.name)
        raise _refused()
    return await sign_in(request, response, services, account, "passkey")


@entrance.post("/auth/login/second-factor", responses=problems(401, 403, 422, 429, 503))
async def second_factor(
    request: Request, response: Response, given: SecondFactor, services: ServicesDep
) -> SignedIn:
    """Complete a sign-in. The token allows five attempts within five minutes."""
    check_origin(request)
    factor = given.factor()
    method = f"password+{factor.method}"
    account = await services.sign_in.factors.second_step.complete(
        given.token.get_secret_value(), factor, origin_of(request, method)
    )
    return await sign_in(request, response, services, account, method)


def _refused() -> QuizrunError:
    return QuizrunError(ErrorCode.PASSKEY_INVALID, "The passkey was not accepted.")
