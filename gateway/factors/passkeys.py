"""The two WebAuthn ceremonies: registration and authentication."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import structlog
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, options_to_json_dict, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from db.accounts import Account
from db.ids import new_id
from db.passkeys import Passkey, Passkeys
from gateway.factors.challenges import TTL_S, Challenges
from gateway.factors.relying_party import RelyingParty
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

NAME = "Quizrun"
MAX_PASSKEYS = 20
SIGN_IN = "sign in"
_REQUIRED = UserVerificationRequirement.REQUIRED
_PREFERRED = UserVerificationRequirement.PREFERRED
_TRANSPORTS = frozenset(item.value for item in AuthenticatorTransport)

log = structlog.get_logger(__name__)

Credential = dict[str, Any]
"""The result of `PublicKeyCredential.toJSON()` in a browser."""


class Proof(NamedTuple):
    """A verified passkey. `copied`: its signature counter indicates a cloned authenticator."""

    passkey: Passkey
    user_verified: bool
    copied: bool


class PasskeyCeremonies:
    """Creates ceremony options for browsers and verifies the results."""

    def __init__(self, passkeys: Passkeys, challenges: Challenges, party: RelyingParty) -> None:
        self._passkeys = passkeys
        self._challenges = challenges
        self._party = party

    async def registration_options(self, account: Account, purpose: str) -> dict[str, Any]:
        """Return options for ``navigator.credentials.create()``."""
        held = await self._passkeys.of_account(account.id)
        if len(held) >= MAX_PASSKEYS:
            raise QuizrunError(
                ErrorCode.FACTOR_CONFLICT, f"An account has at most {MAX_PASSKEYS} passkeys."
            )
        options = generate_registration_options(
            rp_id=self._party.id,
            rp_name=NAME,
            user_id=UUID(account.id).bytes,
            user_name=account.email,
            user_display_name=account.display_name,
            challenge=self._challenges.issue(purpose),
            timeout=TTL_S * 1000,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
            ),
            exclude_credentials=[_descriptor(item) for item in held],
        )
        return options_to_json_dict(options)

    async def register(
        self, account: Account, name: str, credential: Credential, purpose: str
    ) -> Passkey:
        """Store the passkey that a browser created. Raises `payload_invalid`."""
        found = self._verified_registration(credential, purpose)
        if found is None or not await self._challenges.use(_challenge(credential)):
            raise _not_registered()
        passkey = Passkey(
            id=new_id(),
            account_id=account.id,
            credential_id=found.credential_id,
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
            transports=_transports(credential),
            aaguid=found.aaguid,
            name=name,
            backup_eligible=found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            backed_up=found.credential_backed_up,
            created_at=now_ms(),
        )
        if not await self._passkeys.add(passkey, MAX_PASSKEYS):
            raise QuizrunError(ErrorCode.FACTOR_CONFLICT, "This passkey is already registered.")
        return passkey

    def sign_in_options(self) -> dict[str, Any]:
        """Return options for ``navigator.credentials.get()`` by any user."""
        return self._request_options(self._challenges.issue(SIGN_IN), [], _REQUIRED)

    async def second_factor_options(self, account_id: str, purpose: str) -> dict[str, Any]:
        """Return options for a known account, after its password."""
        held = await self._passkeys.of_account(account_id)
        return self._request_options(self._challenges.issue(purpose), held, _PREFERRED)

    async def prove(
        self, credential: Credential, purpose: str, *, account_id: str | None = None
    ) -> Proof | None:
        """Verify an assertion; returns None if it is invalid.

        Without an `account_id`, the passkey identifies the account, and the authenticator must have
        verified the user.
        """
        passkey = await self._passkeys.find(_bytes(credential.get("rawId")))
        if passkey is None or account_id not in (None, passkey.account_id):
            return None
        found = self._verified_use(passkey, credential, purpose, alone=account_id is None)
        if found is None or not await self._challenges.use(_challenge(credential)):
            return None
        grown = await self._passkeys.record_use(
            passkey.id, found.new_sign_count, found.credential_backed_up, now_ms()
        )
        return Proof(passkey, found.user_verified, copied=not grown)

    def _request_options(
        self, challenge: bytes, allowed: list[Passkey], verification: UserVerificationRequirement
    ) -> dict[str, Any]:
        options = generate_authentication_options(
            rp_id=self._party.id,
            challenge=challenge,
            timeout=TTL_S * 1000,
            allow_credentials=[_descriptor(item) for item in allowed],
            user_verification=verification,
        )
        return options_to_json_dict(options)

    def _verified_registration(
        self, credential: Credential, purpose: str
    ) -> VerifiedRegistration | None:
        try:
            challenge = _challenge(credential)
            if not self._challenges.is_valid(challenge, purpose):
                return None
            return verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._party.id,
                expected_origin=self._party.origin,
                require_user_verification=True,
            )
        except Exception as error:  # noqa: BLE001  (its parsers raise whatever bad input leads to)
            log.info("passkey.refused", error_type=type(error).__name__)
            return None

    def _verified_use(
        self, passkey: Passkey, credential: Credential, purpose: str, *, alone: bool
    ) -> VerifiedAuthentication | None:
        try:
            challenge = _challenge(credential)
            if not self._challenges.is_valid(challenge, purpose) or not _owned(
                credential, passkey, alone=alone
            ):
                return None
            return verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._party.id,
                expected_origin=self._party.origin,
                credential_public_key=passkey.public_key,
                # The library would reject a stale counter before checking the signature;
                # `Passkeys.used` compares it after the signature is verified.
                credential_current_sign_count=0,
                require_user_verification=alone,
            )
        except Exception as error:  # noqa: BLE001  (as above)
            log.info("passkey.refused", error_type=type(error).__name__)
            return None


def _owned(credential: Credential, passkey: Passkey, *, alone: bool) -> bool:
    """Check that the user handle, mandatory without an account, names the passkey's account."""
    handle = credential["response"].get("userHandle")
    if handle is None:
        return not alone
    return _bytes(handle) == UUID(passkey.account_id).bytes


def _challenge(credential: Credential) -> bytes:
    return parse_client_data_json(_bytes(credential["response"]["clientDataJSON"])).challenge


def _bytes(text: Any) -> bytes:
    try:
        return base64url_to_bytes(text)
    except (TypeError, ValueError, AttributeError):
        return b""


def _transports(credential: Credential) -> list[str]:
    given = credential["response"].get("transports") or []
    return [item for item in given if item in _TRANSPORTS]


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        id=passkey.credential_id,
        transports=[AuthenticatorTransport(item) for item in passkey.transports] or None,
    )


def _not_registered() -> QuizrunError:
    return QuizrunError(
        ErrorCode.PAYLOAD_INVALID, "The passkey could not be registered. Try again."
    )
