"""The witness notices harm."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from tests.attacks.watching import Seen
from tests.attacks.witness import Witness, assert_unharmed
from tests.system.system import System

STALL_S = 0.5


async def test_a_calm_gateway_is_unharmed(witness: Witness, calm: Seen) -> None:
    assert_unharmed(calm, await witness.calm())


async def test_a_gateway_that_stalls_is_harmed(
    system: System, witness: Witness, calm: Seen
) -> None:
    pid = system.gateways[0].pid
    async with witness.watching() as seen:
        os.kill(pid, signal.SIGSTOP)
        # time: it is the stall
        await asyncio.sleep(STALL_S)
        os.kill(pid, signal.SIGCONT)
    with pytest.raises(AssertionError, match="p99"):
        assert_unharmed(calm, seen)


def test_lost_acknowledgements_and_memory_are_harm() -> None:
    before = Seen([1.0] * 100, 0, 100 << 20, 100 << 20)
    assert_unharmed(before, Seen([20.0] * 100, 0, 120 << 20, 100 << 20))
    with pytest.raises(AssertionError, match="not acknowledged"):
        assert_unharmed(before, Seen([1.0] * 99, 1, 100 << 20, 100 << 20))
    with pytest.raises(AssertionError, match="60 MiB"):
        assert_unharmed(before, Seen([1.0] * 100, 0, 160 << 20, 100 << 20))
