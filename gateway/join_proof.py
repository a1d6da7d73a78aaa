"""Proof of work before a player joins, where the operator asks for it: an ALTCHA challenge.

A challenge is a signed value, kept by nobody: it names the run and the client's key. Its solution
works for one nickname, so that a join can be repeated, and a bot pays for each seat.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import altcha

from db.used_once import UsedOnce
from quiz.errors import ErrorCode, QuizrunError

ALGORITHM = "PBKDF2/SHA-256"
ITERATIONS = 1_000
"""Of each derivation: so many that scripts gain little over browsers."""
LIFE_S = 600
KIND = "join-proof"


@dataclass(frozen=True, slots=True)
class _Keys:
    challenges: bytes
    solutions: bytes


class JoinProof:
    """Asks for `derivations` of a key on average; 0 asks for nothing."""

    def __init__(self, derivations: int, key: bytes, used: UsedOnce) -> None:
        """`key` is the same on all gateways."""
        self._derivations = derivations
        self._keys = _Keys(_derived(key, b"challenges"), _derived(key, b"solutions"))
        self._used = used

    @asynccontextmanager
    async def checked(
        self, run_id: str, join_key: str, nickname: object, proof: str | None
    ) -> AsyncIterator[None]:
        """Let a join run in the block if its proof is valid. Raises `proof_required`.

        After a refusal the proof is good for another nickname, unless the player waits for the
        host.
        """
        if self._derivations == 0:
            yield
            return
        bound = hashlib.sha256(f"{run_id}\n{join_key}".encode("utf-8", "surrogatepass")).hexdigest()
        challenge = self._solved(proof, bound)
        by = f"{bound} {nickname!r}"
        if challenge is None or not await self._used.claim(KIND, challenge, by, LIFE_S):
            raise self._required(bound)
        try:
            yield
        except QuizrunError as error:
            if error.code is not ErrorCode.WAITING_FOR_HOST:
                await self._used.release(KIND, challenge)
            raise

    def _solved(self, proof: str | None, bound: str) -> str | None:
        """Return the signature of the challenge that was solved."""
        if proof is None:
            return None
        try:
            payload = altcha.Payload.from_base64(proof)
            if (payload.challenge.parameters.data or {}).get("for") != bound:
                return None
            result = altcha.verify_solution(
                payload, self._keys.challenges, hmac_key_secret=self._keys.solutions
            )
        except Exception:  # noqa: BLE001  (whatever a client makes the library raise)
            return None
        return payload.challenge.signature if result.verified else None

    def _required(self, bound: str) -> QuizrunError:
        challenge: dict[str, Any] = altcha.create_challenge(
            algorithm=ALGORITHM,
            cost=ITERATIONS,
            counter=secrets.randbelow(2 * self._derivations) + 1,
            expires_at=int(time.time()) + LIFE_S,
            data={"for": bound},
            hmac_secret=self._keys.challenges,
            hmac_key_secret=self._keys.solutions,
        ).to_dict()
        return QuizrunError(
            ErrorCode.PROOF_REQUIRED,
            "Solve the challenge and join again with the proof.",
            challenge=challenge,
        )


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hashlib.sha256(key + purpose).digest()
