"""The handlers an application registered, called in a task only if they are coroutines."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine
from typing import Any

import socketio


class Handlers:
    """Handlers and namespaces registered on a server. `tasks` are those still running.

    The only place that calls private methods of python-socketio.
    """

    def __init__(self, sio: socketio.AsyncServer) -> None:
        self._sio = sio
        self.tasks: set[asyncio.Task[Any]] = set()

    def accepts(self, namespace: str) -> bool:
        """Whether clients may connect to this namespace."""
        sio = self._sio
        return (
            namespace in sio.handlers
            or namespace in sio.namespace_handlers
            or sio.namespaces == "*"
            or namespace in sio.namespaces
        )

    def call(self, event: str, namespace: str, *args: Any) -> Coroutine[Any, Any, Any]:
        """Call the handler of an event and return its result, or `missing`."""
        work: Coroutine[Any, Any, Any] = self._sio._trigger_event(event, namespace, *args)  # noqa: SLF001
        return work

    @property
    def missing(self) -> Any:
        """What `call` returns where an event has no handler."""
        return self._sio.not_handled

    def run(self, work: Coroutine[Any, Any, Any], event: str, namespace: str) -> bool:
        """Run `work`, which calls the handler of an event: at once if that is a plain function
        (True), else in a task (False).
        """
        if self._is_coroutine(event, namespace):
            self.start(work)
            return False
        try:
            work.send(None)
        except StopIteration:
            return True
        raise RuntimeError("a plain handler has waited")

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run `work` in a task."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _is_coroutine(self, event: str, namespace: str) -> bool:
        handler, _ = self._sio._get_event_handler(event, namespace, ())  # noqa: SLF001
        if handler is None:
            return self._sio._get_namespace_handler(namespace, ())[0] is not None  # noqa: SLF001
        return inspect.iscoroutinefunction(handler)
