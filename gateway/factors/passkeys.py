"""The two WebAuthn ceremonies: a passkey is registered, and later proves who is there."""

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
"""What `PublicKeyCredential.toJSON()` makes in a browser."""


class Proof(NamedTuple):
    """A passkey that was used. `copied`: its counter says that there are two of it."""

    passkey: Passkey
    user_verified: bool
    copied: bool


class PasskeyCeremonies:
    """Makes the options for browsers, and checks what comes back."""

    def __init__(self, passkeys: Passkeys, challenges: Challenges, party: RelyingParty) -> None:
        self._passkeys = passkeys
        self._challenges = challenges
        self._party = party

    async def registration_options(self, account: Account, purpose: str) -> dict[str, Any]:
        """For ``navigator.credentials.create()``."""
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
        """Store the passkey that a browser has made. Raises `payload_invalid`."""
        found = self._verified_registration(credential, purpose)
        if found is None or not await self._challenges.spend(_challenge(credential)):
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
            raise QuizrunError(ErrorCode.FACTOR_CONFLICT, "This passkey is registered already.")
        return passkey

    def sign_in_options(self) -> dict[str, Any]:
        """For ``navigator.credentials.get()`` by whoever it may be."""
        return self._request_options(self._challenges.issue(SIGN_IN), [], _REQUIRED)

    async def second_factor_options(self, account_id: str, purpose: str) -> dict[str, Any]:
        """The same for the owner of an account, after the password."""
        held = await self._passkeys.of_account(account_id)
        return self._request_options(self._challenges.issue(purpose), held, _PREFERRED)

    async def prove(
        self, credential: Credential, purpose: str, *, account_id: str | None = None
    ) -> Proof | None:
        """The passkey that a browser has used, None if anything is wrong with it.

        Without an `account_id` the passkey alone tells who it is, and its owner must have been
        verified by the authenticator.
        """
        passkey = await self._passkeys.find(_bytes(credential.get("rawId")))
        if passkey is None or account_id not in (None, passkey.account_id):
            return None
        found = self._verified_use(passkey, credential, purpose, alone=account_id is None)
        if found is None or not await self._challenges.spend(_challenge(credential)):
            return None
        grown = await self._passkeys.used(
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
            if not self._challenges.good(challenge, purpose):
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
            if not self._challenges.good(challenge, purpose) or not _owned(
                credential, passkey, alone=alone
            ):
                return None
            return verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._party.id,
                expected_origin=self._party.origin,
                credential_public_key=passkey.public_key,
                # The library refuses a counter that has not grown before it looks at the signature;
                # `Passkeys.used` compares it once that is known to be right.
                credential_current_sign_count=0,
                require_user_verification=alone,
            )
        except Exception as error:  # noqa: BLE001  (as above)
            log.info("passkey.refused", error_type=type(error).__name__)
            return None


def _owned(credential: Credential, passkey: Passkey, *, alone: bool) -> bool:
    """The user handle, which a passkey that signs in alone must give, names the same account."""
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
        ErrorCode.PAYLOAD_INVALID, "The passkey could not be registered. Please try again."
    )
