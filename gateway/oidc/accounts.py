"""Map identities of OpenID providers to accounts."""

from __future__ import annotations

from db.account_events import AccountEvents
from db.accounts import Account, Accounts
from db.identities import Identities
from db.recovery_codes import RecoveryCodes
from db.sessions import Origin
from gateway.account_mail import AccountMail
from gateway.oidc.person import Person
from gateway.oidc.providers import ProviderSettings
from gateway.oidc.refusals import OidcRefusedError, Refusal
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

LINKED, UNLINKED = "identity_linked", "identity_unlinked"


class OidcAccounts:
    """Finds or creates accounts by identity: an issuer and a subject.

    Email addresses only link an identity to an existing account once, and only if both the provider
    and this server have verified the address. Otherwise, someone could register another person's
    address and wait for them to sign in by their provider (pre-hijacking). An account with a second
    factor requires that, too, before it is linked.
    """

    def __init__(
        self,
        accounts: Accounts,
        identities: Identities,
        factors: RecoveryCodes,
        events: AccountEvents,
        mail: AccountMail,
    ) -> None:
        self._accounts = accounts
        self._identities = identities
        self._factors = factors
        self._events = events
        self._mail = mail

    async def account_of(
        self, provider: ProviderSettings, person: Person, origin: Origin
    ) -> Account:
        """Find or create the person's account. Raises `OidcRefusedError`."""
        account = await self._linked(person)
        if account is None:
            account = await self._found_or_created(provider, person)
            if not await self._add(provider, person, account.id, origin):
                # Another request linked it in the meantime.
                account = await self._linked(person) or account
        if account.disabled_at is not None:
            raise OidcRefusedError(Refusal.ACCOUNT_DISABLED)
        return account

    async def link(
        self, provider: ProviderSettings, person: Person, account_id: str, origin: Origin
    ) -> None:
        """Link an identity to a signed-in account. Raises `OidcRefusedError`."""
        if await self._add(provider, person, account_id, origin):
            return
        identity = await self._identities.find(person.issuer, person.subject)
        if identity is None or identity.account_id != account_id:
            raise OidcRefusedError(Refusal.IDENTITY_TAKEN)

    async def _linked(self, person: Person) -> Account | None:
        identity = await self._identities.find(person.issuer, person.subject)
        if identity is None:
            return None
        await self._identities.record_use(identity.id, now_ms())
        return await self._accounts.by_id(identity.account_id)

    async def _found_or_created(self, provider: ProviderSettings, person: Person) -> Account:
        if person.email is None:
            raise OidcRefusedError(Refusal.EMAIL_UNVERIFIED)
        account = await self._accounts.by_email(person.email)
        if account is None:
            return await self._created(provider, person, person.email)
        return await self._linkable(account)

    async def _created(self, provider: ProviderSettings, person: Person, email: str) -> Account:
        if not provider.create_accounts:
            raise OidcRefusedError(Refusal.ACCOUNT_UNKNOWN)
        try:
            return await self._accounts.create(
                email, person.display_name, "", language=person.language, verified_at=now_ms()
            )
        except QuizrunError as error:
            first = await self._accounts.by_email(
                email
            )  # another request may have created it meanwhile
            if error.code is not ErrorCode.EMAIL_TAKEN or first is None:
                raise
            return await self._linkable(first)

    async def _add(
        self, provider: ProviderSettings, person: Person, account_id: str, origin: Origin
    ) -> bool:
        added = await self._identities.add(
            account_id, provider.name, person.issuer, person.subject, person.email
        )
        if added:
            await self._events.record(account_id, LINKED, origin, provider=provider.name)
            account = await self._accounts.by_id(account_id)
            if account is not None:
                await self._mail.identity_changed(account, LINKED, provider.title)
        return added

    async def _linkable(self, account: Account) -> Account:
        """Return the account if an address suffices to link to it."""
        if account.disabled_at is not None:
            raise OidcRefusedError(Refusal.ACCOUNT_DISABLED)
        if account.email_verified_at is None:
            raise OidcRefusedError(Refusal.LINK_FIRST)
        if (await self._factors.factors(account.id)).any:
            raise OidcRefusedError(Refusal.FACTOR_FIRST)
        return account
