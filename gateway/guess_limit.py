"""Slow down those who guess secrets, without punishing their neighbours behind the same NAT."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict

from db.failures import Failures
from db.remembered import Remembered
from gateway.addresses import site_of
from quiz.errors import ErrorCode, QuizrunError

KNOWN_S = 600
"""How long a network may go on using a secret that it has known, whatever else it guesses."""
MAX_KNOWN = 10_000
NETWORKS_OF_A_SITE = 10
"""Somebody with a /48 has 65,536 networks; all of them together get as much as ten."""


class GuessLimit:
    """Counts wrong guesses by network, across gateways.

    A network with `limit` wrong guesses within `window_s` is refused, right or wrong: otherwise the
    refusal would tell the two apart. What it has guessed right before it may use on: a class behind
    one address is not shut out by a pupil who guesses.
    """

    def __init__(
        self,
        kind: str,
        limit: int,
        window_s: int,
        failures: Failures,
        remembered: Remembered,
        refused: Counter[str],
    ) -> None:
        """`refused` counts refusals by `kind`."""
        self._kind = kind
        self.limit = limit
        self._window_s = window_s
        self._failures = failures
        self._remembered = remembered
        self._refused = refused
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def check(self, network: str, secret: str) -> None:
        """Raise `too_many_requests` if the network may not try this secret now."""
        if not self._exceeded(network):
            return
        if self._knows(network, secret):
            return
        if await self._remembered.has(self._kind, f"{network} {secret}"):
            return
        self._refused[self._kind] += 1
        raise QuizrunError(
            ErrorCode.TOO_MANY_REQUESTS,
            f"Too many wrong guesses from your network. Try again in {self._window_s} s.",
            retry_in_ms=self._window_s * 1000,
        )

    async def wrong(self, network: str) -> None:
        """Count a wrong guess."""
        await self._failures.add(self._key(network))
        if (site := site_of(network)) is not None:
            await self._failures.add(self._key(site))

    async def right(self, network: str, secret: str) -> None:
        """Note that the network knows this secret."""
        if self._knows(network, secret):
            return
        self._known[network, secret] = time.monotonic()
        self._known.move_to_end((network, secret))
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        await self._remembered.put(self._kind, f"{network} {secret}", KNOWN_S)

    def _knows(self, network: str, secret: str) -> bool:
        since = self._known.get((network, secret), float("-inf"))
        return time.monotonic() - since < KNOWN_S / 2  # renewed well before it expires in Redis

    def _exceeded(self, network: str) -> bool:
        if self._failures.seen_here(self._key(network)) >= self.limit:
            return True
        site = site_of(network)
        most = NETWORKS_OF_A_SITE * self.limit
        return site is not None and self._failures.seen_here(self._key(site)) >= most

    def _key(self, network: str) -> str:
        return f"{self._kind}:{network}"
