"""A short schedule of faults on the production engines; `make chaos` has long ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.trial import Options, try_seed

SEED = 220


@pytest.mark.kafka
@pytest.mark.timeout(1_800)
@pytest.mark.usefixtures("programs")
async def test_every_promise_holds_whatever_fails(tmp_path: Path) -> None:
    options = Options(
        seconds=25, slots=4, players=10, kafka="one", engines="production", out=tmp_path
    )
    verdict = await try_seed(SEED, options)
    evidence = "\n".join([*verdict.schedule, *map(str, verdict.violations), verdict.logs])
    assert not verdict.violations, evidence
    assert sum(verdict.faults.values()) >= 4
    assert verdict.answers > 50
