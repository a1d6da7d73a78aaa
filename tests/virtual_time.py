"""An event loop whose clock runs only while everybody waits.

An hour of sleep takes no time, and milliseconds are exact even on a busy machine.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec

P = ParamSpec("P")

TURNS = 20
"""Enough for what is ready to run, and for what it makes ready."""


class _Selector(selectors.DefaultSelector):
    """Where the loop would wait for a timer, put its clock forward."""

    def __init__(self, forward: Callable[[float], None]) -> None:
        super().__init__()
        self._forward = forward

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("Everybody waits, and there is no timer: a deadlock.")
        events = super().select(0)
        if not events:
            self._forward(timeout)
        return events


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Counts its seconds from 0. For code that waits for timers and for itself, not for sockets."""

    def __init__(self) -> None:
        self._now_s = 0.0
        super().__init__(_Selector(self._forward))

    def time(self) -> float:
        return self._now_s

    def _forward(self, seconds: float) -> None:
        self._now_s += max(0.0, seconds)


def virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run the test in its own loop with virtual time. Its fixtures must not need a loop."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


async def settled() -> None:
    """Return once whatever is ready to run has run; no time passes."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def took_s(work: Awaitable[object]) -> float:
    """How many virtual seconds `work` takes."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await work
    return loop.time() - began
