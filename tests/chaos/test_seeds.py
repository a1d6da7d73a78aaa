"""A short `make chaos`: one seed, for a minute. A failure refers to its evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.trial import Options, try_seed


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", [101])
async def test_every_promise_holds_whatever_fails(seed: int, tmp_path: Path) -> None:
    verdict = await try_seed(seed, Options(seconds=40, slots=6, players=12, out=tmp_path))
    evidence = "\n".join([*verdict.schedule, *map(str, verdict.violations), verdict.logs])
    assert not verdict.violations, evidence
    assert sum(verdict.faults.values()) >= 6
    assert verdict.answers > 100
