"""Encrypt the secrets of authenticator apps with a new key."""

from __future__ import annotations

from typing import NamedTuple

from cryptography.fernet import InvalidToken

from db.totp import Totps
from gateway.factors.authenticator_app import SEALED_FOR
from gateway.keys import KeyRing

PAGE = 500


class Resealed(NamedTuple):
    """How many secrets there are, were encrypted again, and can be read with no known key."""

    total: int
    changed: int
    unreadable: int


async def reseal(totps: Totps, keys: KeyRing) -> Resealed:
    """Encrypt everything with the signing secret, so that the others can be retired."""
    seal, current = keys.seal(SEALED_FOR), KeyRing(keys.signing.secret).seal(SEALED_FOR)
    total = changed = unreadable = 0
    after = None
    while page := await totps.page(after, PAGE):
        for account_id, sealed in page:
            try:
                current.decrypt(sealed)
                continue
            except InvalidToken:
                pass
            try:
                renewed = seal.rotate(sealed)
            except InvalidToken:
                unreadable += 1
                continue
            changed += await totps.replace_sealed(account_id, sealed, renewed)
        total, after = total + len(page), page[-1][0]
    return Resealed(total, changed, unreadable)
