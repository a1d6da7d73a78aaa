"""The composed second factors of accounts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from db.account_events import AccountEvents
from db.accounts import Account, Accounts
from db.failures import Failures
from db.one_time_tokens import OneTimeTokens
from db.passkeys import Passkeys, UsedChallenges
from db.recovery_codes import RecoveryCodes
from db.redis import RedisClient
from db.totp import Totps
from gateway.account_mail import AccountMail
from gateway.factors.authenticator_app import AuthenticatorApps
from gateway.factors.challenges import Challenges
from gateway.factors.notices import FactorNotices
from gateway.factors.passkeys import PasskeyCeremonies
from gateway.factors.recovery_codes import code_hash, new_codes
from gateway.factors.relying_party import relying_party
from gateway.factors.second_step import SecondStep
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

    async def first_codes(self, account: Account) -> list[str] | None:
        """Create recovery codes for an account's first factor; None if it has unused codes."""
        held = await self.codes.factors(account.id)
        return None if held.recovery_codes else await self.renew_codes(account)

    async def tidy(self, account: Account) -> None:
        """Delete the recovery codes of an account without a factor."""
        if not (await self.codes.factors(account.id)).any:
            await self.codes.replace(account.id, [], now_ms())


def make_factors(
    settings: GatewaySettings,
    engine: AsyncEngine,
    redis: RedisClient,
    events: AccountEvents,
    mail: AccountMail,
) -> Factors:
    """Compose everything about second factors. Nothing connects yet."""
    secret, tokens = settings.secret.get_secret_value(), OneTimeTokens(engine)
    held, totps, codes = Passkeys(engine), Totps(engine), RecoveryCodes(engine)
    party = relying_party(settings.public_url)
    passkeys = PasskeyCeremonies(held, Challenges(UsedChallenges(engine), secret), party)
    apps = AuthenticatorApps(totps, tokens, secret)
    notices = FactorNotices(events, mail)
    limits = SignInLimits(Failures(redis, LIMITS.window_s), events, LIMITS)
    step = SecondStep(Accounts(engine), tokens, codes, passkeys, apps, notices, limits)
    return Factors(passkeys, held, apps, totps, codes, notices, step)
