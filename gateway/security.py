"""Password hashing and signed tokens."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import SecretStr

from gateway.keys import KeyRing, SigningKey
from gateway.password_strength import check_strength
from quiz.errors import ErrorCode, QuizrunError

ALGORITHM = "HS256"
ISSUER = "quizrun"
ACCESS = "access"
PLAYER = "player"
REVIEW = "review"

T = TypeVar("T")


class Passwords:
    """Hashes passwords in separate threads, so that a rush of sign-ins cannot stall the sockets.

    At most `queue` checks wait; further ones are rejected at once with `unavailable`.
    """

    def __init__(
        self, *, threads: int = 2, queue: int = 64, hasher: PasswordHasher | None = None
    ) -> None:
        self._hasher = hasher or password_hasher()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._room = threads + queue
        # Verified when the account does not exist, so that both cases take equally long.
        self._nobody = self._hasher.hash(secrets.token_hex())

    async def hash(self, password: SecretStr) -> str:
        """Return the PHC string to store."""
        return await self._run(lambda: self._hasher.hash(password.get_secret_value()))

    async def matches(self, stored: str | None, password: SecretStr) -> bool:
        """Return whether `password` matches `stored`. None (no account) takes equally long."""
        right = await self._run(lambda: self._verify(stored or self._nobody, password))
        return right and stored is not None

    async def rehash_if_outdated(self, stored: str, password: SecretStr) -> str | None:
        """Return a new hash of `password` if the parameters of `stored` are outdated, else None."""
        if not self._hasher.check_needs_rehash(stored):
            return None
        return await self.hash(password)

    async def check_strength(self, password: SecretStr, *known: str) -> None:
        """Raise `password_weak`; see `gateway.password_strength`."""
        await self._run(lambda: check_strength(password.get_secret_value(), *known))

    def close(self) -> None:
        """Shut down the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, stored: str, password: SecretStr) -> bool:
        try:
            return self._hasher.verify(stored, password.get_secret_value())
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._room <= 0:
            raise QuizrunError(
                ErrorCode.UNAVAILABLE, "Too many people are signing in; try again in a moment."
            )
        self._room -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._room += 1


def password_hasher() -> PasswordHasher:
    """Return an Argon2id hasher with OWASP's minimum parameters: 19 MiB, two passes, one lane.

    The library's default uses four lanes, which would occupy the cores that serve sockets.
    """
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class AccessToken(NamedTuple):
    """An account and the session that the token belongs to; None in tokens of old releases."""

    account_id: str
    session_id: str | None


class PlayerToken(NamedTuple):
    """A player of a run. Each move to another device raises `epoch`, which revokes older tokens."""

    run_id: str
    player_id: str
    epoch: int


class Tokens:
    """Signs and verifies three kinds of JWT, distinguished by audience.

    The header's `kid` names the key, so that keys can be replaced while tokens are in use.
    """

    def __init__(
        self,
        keys: KeyRing,
        *,
        now_ms: Callable[[], int],
        access_ttl_s: int,
        player_ttl_s: int,
        review_ttl_s: int = 365 * 86_400,
    ) -> None:
        self._keys = keys
        self._now_ms = now_ms
        self.access_ttl_s = access_ttl_s
        self._player_ttl_s = player_ttl_s
        self._review_ttl_s = review_ttl_s

    def sign_access_token(self, account_id: str, session_id: str | None = None) -> str:
        """Sign a token for the API and the host namespace, valid while its session is."""
        claims = {"sub": account_id, "aud": ACCESS}
        return self._sign(claims | ({"sid": session_id} if session_id else {}), self.access_ttl_s)

    def verify_access_token(self, token: Any) -> AccessToken:
        """Return the content of an access token. Raises `unauthorized`, whatever `token` is."""
        claims = self._read(token, ACCESS)
        session_id = claims.get("sid")
        return AccessToken(str(claims["sub"]), str(session_id) if session_id else None)

    def sign_player_token(self, run_id: str, player_id: str, epoch: int = 0) -> str:
        """Sign a token with which a player resumes after an interruption."""
        claims: dict[str, Any] = {"sub": player_id, "aud": PLAYER, "run": run_id}
        return self._sign(claims | ({"epoch": epoch} if epoch else {}), self._player_ttl_s)

    def read_player_token(self, token: Any) -> PlayerToken:
        """Return the content of a player token. Raises `unauthorized`, whatever `token` is."""
        claims = self._read(token, PLAYER)
        epoch = claims.get("epoch", 0)
        if not isinstance(epoch, int):
            raise _unauthorized()
        return PlayerToken(str(claims.get("run", "")), str(claims["sub"]), epoch)

    def verify_player_token(self, token: Any) -> tuple[str, str]:
        """Return ``(run_id, player_id)``. Raises `unauthorized`, whatever `token` is."""
        found = self.read_player_token(token)
        return found.run_id, found.player_id

    def sign_review_token(self, run_id: str, player_id: str) -> str:
        """Sign a token that only lets a player review their own results."""
        claims = {"sub": player_id, "aud": REVIEW, "run": run_id}
        return self._sign(claims, self._review_ttl_s)

    def verify_review_token(self, token: Any) -> tuple[str, str]:
        """Return ``(run_id, player_id)`` of a review token or a player token.

        Raises `unauthorized`, whatever `token` is.
        """
        claims = self._read(token, [PLAYER, REVIEW])
        return str(claims.get("run", "")), str(claims["sub"])

    def _sign(self, claims: dict[str, Any], ttl_s: int) -> str:
        now_s = self._now_ms() // 1000
        claims |= {"iss": ISSUER, "iat": now_s, "exp": now_s + ttl_s}
        key = self._keys.signing
        return jwt.encode(claims, key.secret, ALGORITHM, headers={"kid": key.id})

    def _read(self, token: Any, audience: str | list[str]) -> dict[str, Any]:
        if not isinstance(token, str):
            raise _unauthorized()
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
        except (jwt.PyJWTError, ValueError):
            raise _unauthorized() from None
        for key in self._keys.verifying(key_id):
            try:
                return _decode(token, key, audience)
            except jwt.InvalidSignatureError:
                continue
            except (jwt.PyJWTError, ValueError):
                break
        raise _unauthorized()


def _decode(token: str, key: SigningKey, audience: str | list[str]) -> dict[str, Any]:
    return jwt.decode(
        token,
        key.secret,
        algorithms=[ALGORITHM],
        audience=audience,
        issuer=ISSUER,
        options={"require": ["exp", "sub", "aud", "iss"]},
    )


def _unauthorized() -> QuizrunError:
    return QuizrunError(ErrorCode.UNAUTHORIZED, "The token is missing, invalid or expired.")
