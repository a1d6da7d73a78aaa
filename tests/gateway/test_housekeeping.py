from __future__ import annotations

import asyncio

from db.engine import make_engine
from db.idempotency import KEPT_MS, IdempotencyKeys
from gateway.housekeeping import keep_house
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms


async def test_outdated_keys_go_and_an_outage_does_not_end_it(database_url: str) -> None:
    engine = make_engine(database_url, name="test")
    keys = IdempotencyKeys(engine)
    await keys.begin("old", "k", "f", now_ms() - KEPT_MS - 1)
    await keys.begin("new", "k", "f", now_ms())
    purged = asyncio.Event()

    class Failing(IdempotencyKeys):
        failures = 2

        async def purge(self, now: int) -> None:
            self.failures -= 1
            if self.failures == 1:
                raise QuizrunError(ErrorCode.UNAVAILABLE, "Away.")
            if self.failures == 0:
                raise ZeroDivisionError
            await super().purge(now)
            purged.set()

    task = asyncio.create_task(keep_house(Failing(engine), every_s=0.01))
    async with asyncio.timeout(5):
        await purged.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with engine.connect() as connection:
        found = await connection.exec_driver_sql(
            "SELECT scope FROM idempotency_keys WHERE scope IN ('old', 'new') ORDER BY 1"
        )
        assert found.scalars().all() == ["new"]
    await engine.dispose()
