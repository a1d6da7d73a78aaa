"""Background tasks end, or are reported."""

from __future__ import annotations

import asyncio
import contextlib

from structlog.testing import capture_logs

from gateway.live.ending import end


async def test_cancelled_tasks_have_ended_whatever_they_raise() -> None:
    cleaned_up = []

    async def orderly() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned_up.append("orderly")

    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("the server is gone")

    tasks = [asyncio.create_task(orderly()), asyncio.create_task(failing())]
    await asyncio.sleep(0)
    with capture_logs() as logs:
        await end(tasks)
    assert all(task.done() for task in tasks)
    assert cleaned_up == ["orderly"]
    assert logs == []


async def test_a_task_that_swallows_its_cancellation_is_reported_and_not_awaited() -> None:
    released = asyncio.Event()

    async def deaf() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await released.wait()

    task = asyncio.create_task(deaf(), name="deaf")
    await asyncio.sleep(0)
    with capture_logs() as logs:
        await end([task], timeout_s=0.01)
    assert [(line["event"], line["task"]) for line in logs] == [
        ("task.survived_cancellation", "deaf")
    ]
    released.set()
    await task
