"""Second factors of an account: list, add, remove."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from gateway.http.account_fields import Body, OneTimeTokenField, Password
from gateway.http.auth import Caller, CallerDep, origin_of
from gateway.http.factor_fields import (
    Code,
    Options,
    PasskeyCredential,
    PasskeyName,
    PasskeyView,
    passkey_view,
)
from gateway.http.openapi import problems
from gateway.http.reauthentication import account_of, reauthenticate
from gateway.http.routing import ApiRoute
from gateway.http.services import ServicesDep
from quiz.errors import ErrorCode, QuizrunError

router = APIRouter(tags=["accounts"], route_class=ApiRoute)

PasskeyId = Annotated[str, Path()]


class Proof(Body):
    """`password` is optional within 15 minutes of signing in."""

    password: Password | None = None


class TotpView(BaseModel):
    """An authenticator app."""

    created_at: int
    last_used_at: int | None


class FactorsView(BaseModel):
    """The account's second factors. With a passkey or an app, a password alone is not enough."""

    passkeys: list[PasskeyView]
    totp: TotpView | None
    recovery_codes_left: int


class RegistrationOptions(BaseModel):
    """Options for `navigator.credentials.create()`, as JSON."""

    options: Options


class NewPasskey(Body):
    """The credential that the browser created, and its name."""

    name: PasskeyName
    credential: PasskeyCredential


class PasskeyChange(Body):
    """A passkey's new name."""

    name: PasskeyName


class TotpSetup(BaseModel):
    """A key for an authenticator app. It takes effect once a code is confirmed."""

    token: str = Field(description="Valid for 15 minutes")
    key: str = Field(description="Base32, for manual entry")
    uri: str = Field(description="`otpauth://…`, for a QR code")


class TotpConfirmation(Body):
    """The setup's token, and a code from the app."""

    token: OneTimeTokenField
    code: Code


class RecoveryCodes(BaseModel):
    """One-time recovery codes. They are shown only here."""

    recovery_codes: list[str]


class Added(BaseModel):
    """`recovery_codes`: new codes, shown only here; null if the account has unused ones."""

    recovery_codes: list[str] | None


class AddedPasskey(Added):
    """The added passkey as listed."""

    passkey: PasskeyView


@router.get("/me/factors", responses=problems(401, 503))
async def factors(caller: CallerDep, services: ServicesDep) -> FactorsView:
    """List the account's second factors."""
    found = services.sign_in.factors
    totp = await found.totps.find(caller.account_id)
    held = await found.codes.factors(caller.account_id)
    return FactorsView(
        passkeys=[
            passkey_view(item) for item in await found.held_passkeys.of_account(caller.account_id)
        ],
        totp=TotpView(created_at=totp.created_at, last_used_at=totp.last_used_at) if totp else None,
        recovery_codes_left=held.recovery_codes,
    )


@router.post("/me/passkeys/options", responses=problems(401, 403, 409, 422, 429, 503))
async def passkey_options(
    request: Request, caller: CallerDep, given: Proof, services: ServicesDep
) -> RegistrationOptions:
    """Return the options for creating a passkey, valid for five minutes in this session."""
    account = await reauthenticate(request, services, caller, given.password)
    options = await services.sign_in.factors.passkeys.registration_options(
        account, _purpose(caller)
    )
    return RegistrationOptions(options=options)


@router.post("/me/passkeys", status_code=201, responses=problems(401, 403, 409, 422, 503))
async def add_passkey(
    request: Request, caller: CallerDep, given: NewPasskey, services: ServicesDep
) -> AddedPasskey:
    """Register a passkey. Its challenge proves that the options were requested with a password."""
    account = await account_of(services, caller)
    passkey = await services.sign_in.factors.passkeys.register(
        account, given.name, given.credential.as_json(), _purpose(caller)
    )
    codes = await services.sign_in.factors.codes_for_new_factor(account)
    await services.sign_in.factors.notices.notify(
        account, "passkey_added", origin_of(request), passkey=passkey.name
    )
    return AddedPasskey(passkey=passkey_view(passkey), recovery_codes=codes)


@router.patch(
    "/me/passkeys/{passkey_id}", status_code=204, responses=problems(401, 403, 404, 422, 503)
)
async def rename_passkey(
    passkey_id: PasskeyId, caller: CallerDep, given: PasskeyChange, services: ServicesDep
) -> None:
    """Rename a passkey."""
    held = services.sign_in.factors.held_passkeys
    if not await held.rename(caller.account_id, passkey_id, given.name):
        raise _no_passkey()


@router.post(
    "/me/passkeys/{passkey_id}/remove",
    status_code=204,
    responses=problems(401, 403, 404, 422, 429, 503),
)
async def remove_passkey(
    request: Request, passkey_id: PasskeyId, caller: CallerDep, given: Proof, services: ServicesDep
) -> None:
    """Remove a passkey. Removing the last factor also removes the recovery codes."""
    account = await reauthenticate(request, services, caller, given.password)
    name = await services.sign_in.factors.held_passkeys.remove(account.id, passkey_id)
    if name is None:
        raise _no_passkey()
    await services.sign_in.factors.drop_unused_codes(account)
    await services.sign_in.factors.notices.notify(
        account, "passkey_removed", origin_of(request), passkey=name
    )


@router.post("/me/totp/setup", responses=problems(401, 403, 409, 422, 429, 503))
async def set_up_totp(
    request: Request, caller: CallerDep, given: Proof, services: ServicesDep
) -> TotpSetup:
    """Create a key for an authenticator app."""
    account = await reauthenticate(request, services, caller, given.password)
    setup = await services.sign_in.factors.apps.set_up(account)
    return TotpSetup(token=setup.token, key=setup.key, uri=setup.uri)


@router.post("/me/totp", status_code=201, responses=problems(401, 403, 409, 410, 422, 503))
async def add_totp(
    request: Request, caller: CallerDep, given: TotpConfirmation, services: ServicesDep
) -> Added:
    """Activate the authenticator app with one of its codes."""
    account = await account_of(services, caller)
    await services.sign_in.factors.apps.confirm(
        account, given.token.get_secret_value(), given.code.get_secret_value()
    )
    codes = await services.sign_in.factors.codes_for_new_factor(account)
    await services.sign_in.factors.notices.notify(account, "totp_added", origin_of(request))
    return Added(recovery_codes=codes)


@router.post("/me/totp/remove", status_code=204, responses=problems(401, 403, 404, 422, 429, 503))
async def remove_totp(
    request: Request, caller: CallerDep, given: Proof, services: ServicesDep
) -> None:
    """Remove the authenticator app. Removing the last factor also removes the recovery codes."""
    account = await reauthenticate(request, services, caller, given.password)
    if not await services.sign_in.factors.totps.remove(account.id):
        raise QuizrunError(ErrorCode.NOT_FOUND, "This account has no authenticator app.")
    await services.sign_in.factors.drop_unused_codes(account)
    await services.sign_in.factors.notices.notify(account, "totp_removed", origin_of(request))


@router.post("/me/recovery-codes", responses=problems(401, 403, 409, 422, 429, 503))
async def renew_recovery_codes(
    request: Request, caller: CallerDep, given: Proof, services: ServicesDep
) -> RecoveryCodes:
    """Create new recovery codes and invalidate all earlier ones."""
    account = await reauthenticate(request, services, caller, given.password)
    if not (await services.sign_in.factors.codes.factors(account.id)).any:
        raise QuizrunError(
            ErrorCode.FACTOR_CONFLICT, "Add a passkey or an authenticator app first."
        )
    codes = await services.sign_in.factors.renew_codes(account)
    await services.sign_in.factors.notices.notify(
        account, "recovery_codes_renewed", origin_of(request)
    )
    return RecoveryCodes(recovery_codes=codes)


def _purpose(caller: Caller) -> str:
    return f"register {caller.account_id} {caller.session_id}"


def _no_passkey() -> QuizrunError:
    return QuizrunError(ErrorCode.NOT_FOUND, "There is no such passkey.")
