"""The composed second factors of accounts."""

from __future__ import annotations

from dataclasses import dataclass

from db.accounts import Account
from db.passkeys import Passkeys
from db.recovery_codes import RecoveryCodes
from db.stores import Stores
from db.totp import Totps
from gateway.account_mail import AccountMail
from gateway.factors.authenticator_app import AuthenticatorApps
from gateway.factors.challenges import Challenges
from gateway.factors.notices import FactorNotices
from gateway.factors.passkeys import PasskeyCeremonies
from gateway.factors.recovery_codes import code_hash, new_codes
from gateway.factors.relying_party import relying_party
from gateway.factors.second_step import SecondStep
from gateway.keys import KeyRing
from gateway.settings import GatewaySettings
from gateway.sign_in_limits import FailureLimits, SignInLimits
from telemetry.clock import now_ms

LIMITS = FailureLimits(
    from_network=10, from_anywhere=30, window_s=3_600, kind="second-factor", remedy=""
)
"""An app's code is one of a million. With 30 guesses an hour, someone who knows the password has a
0.2 % chance per day of hitting one of the three codes that are valid at a time."""


@dataclass(frozen=True, slots=True)
class Factors:
    """The parts that routes about second factors use."""

    passkeys: PasskeyCeremonies
    held_passkeys: Passkeys
    apps: AuthenticatorApps
    totps: Totps
    codes: RecoveryCodes
    notices: FactorNotices
    second_step: SecondStep

    async def renew_codes(self, account: Account) -> list[str]:
        """Create new recovery codes and invalidate all earlier ones."""
        codes = new_codes()
        await self.codes.replace(
            account.id, [code_hash(account.id, item) for item in codes], now_ms()
        )
        return codes

    async def codes_for_new_factor(self, account: Account) -> list[str] | None:
        """Create recovery codes for an account's first factor; None if it has unused codes."""
        held = await self.codes.factors(account.id)
        return None if held.recovery_codes else await self.renew_codes(account)

    async def drop_unused_codes(self, account: Account) -> None:
        """Delete the recovery codes of an account without a factor."""
        if not (await self.codes.factors(account.id)).any:
            await self.codes.replace(account.id, [], now_ms())


def make_factors(settings: GatewaySettings, stores: Stores, mail: AccountMail) -> Factors:
    """Compose everything about second factors. Nothing connects yet."""
    auth, keys = stores.auth, KeyRing.of(settings)
    tokens, codes = auth.one_time_tokens, auth.recovery_codes
    challenges = Challenges(auth.used_challenges, keys)
    passkeys = PasskeyCeremonies(auth.passkeys, challenges, relying_party(settings.public_url))
    apps = AuthenticatorApps(auth.totps, tokens, keys)
    notices = FactorNotices(auth.events, mail)
    limits = SignInLimits(stores.operations.failures(LIMITS.window_s), auth.events, LIMITS)
    step = SecondStep(auth.accounts, tokens, codes, passkeys, apps, notices, limits)
    return Factors(passkeys, auth.passkeys, apps, auth.totps, codes, notices, step)
