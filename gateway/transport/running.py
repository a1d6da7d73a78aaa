"""Running handlers, in a task only where they are coroutines."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.transport.server import SocketServer


class Runner:
    """`tasks` are those that have not ended."""

    def __init__(self, server: SocketServer) -> None:
        self._server = server
        self.tasks: set[asyncio.Task[Any]] = set()

    def run(self, work: Coroutine[Any, Any, Any], event: str, namespace: str) -> bool:
        """Let handlers do `work`: at once where they are plain functions, else in a task.

        True: it is done.
        """
        if not self._is_coroutine(event, namespace):
            try:
                work.send(None)
            except StopIteration:
                return True
            raise RuntimeError("a plain handler has waited")
        self.start(work)
        return False

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do `work` in a task."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _is_coroutine(self, event: str, namespace: str) -> bool:
        handler, _ = self._server._get_event_handler(event, namespace, ())  # noqa: SLF001
        if handler is None:
            return self._server._get_namespace_handler(namespace, ())[0] is not None  # noqa: SLF001
        return inspect.iscoroutinefunction(handler)
