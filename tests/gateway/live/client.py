"""A player or host as a stock Socket.IO client, which remembers all that it was sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deploy.bots.errors import RefusedError
from deploy.bots.stock import StockSocket

CALL_TIMEOUT_S = 15


@dataclass(frozen=True)
class Heard:
    """A message with its arguments, and when it came (monotonic)."""

    event: str
    args: tuple[Any, ...]
    at: float


class Client:
    def __init__(self, url: str, namespace: str = "/play") -> None:
        self.url = url
        self.namespace = namespace
        self.heard: list[Heard] = []
        self.refused: Any = None
        self.disconnected = False
        self.joined: dict[str, Any] = {}
        self._socket = StockSocket(None, self._on_event, self._on_lost, namespace=namespace)

    def _on_event(self, event: str, args: list[Any]) -> None:
        self.heard.append(Heard(event, tuple(args), time.monotonic()))

    def _on_lost(self) -> None:
        self.disconnected = True

    async def connect(self, **auth: Any) -> Client:
        try:
            await self._socket.connect(self.url, auth or None, CALL_TIMEOUT_S)
        except RefusedError as refusal:
            self.refused = {"message": refusal.message, "data": refusal.error}
            raise
        return self

    async def close(self) -> None:
        await self._socket.close()

    async def ask(self, event: str, *args: Any) -> Any:
        """The acknowledgement of an event with these arguments."""
        return await self._socket.ask(event, *args, timeout_s=CALL_TIMEOUT_S)

    async def join(self, pin: str, nickname: str, **more: Any) -> Client:
        answer = await self.ask("join", {"pin": pin, "nickname": nickname, **more})
        assert answer["ok"], answer
        self.joined = answer
        return self

    @property
    def token(self) -> str:
        return str(self.joined["token"])

    @property
    def player_id(self) -> str:
        return str(self.joined["player_id"])

    async def answer(self, question: int, answer: Any) -> Any:
        return await self.ask("answer", {"question": question, "answer": answer})

    def all(self, event: str) -> list[Heard]:
        return [heard for heard in self.heard if heard.event == event]

    async def hears(
        self, event: str, count: int = 1, timeout_s: float = 10, where: Any = None
    ) -> tuple[Any, ...]:
        """The arguments of the `count`-th `event` (for which `where` holds), waiting for it."""
        accepts: Callable[[Heard], bool] = where or (lambda _: True)
        found: list[Heard] = []

        def there() -> bool:
            found[:] = [heard for heard in self.all(event) if accepts(heard)]
            return len(found) >= count

        await until(there, timeout_s, lambda: f"{event}; heard {[h.event for h in self.heard]}")
        return found[count - 1].args


async def until(
    condition: Callable[[], bool],
    timeout_s: float = 10.0,
    what: Callable[[], str] = lambda: "it",
) -> None:
    """Wait for `condition`, looking often; fail after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"did not come about in time: {what()}"
        await asyncio.sleep(0.005)


def code_of(answer: Any) -> str:
    """The error code of a refusal, whose shape is checked."""
    assert answer["ok"] is False, answer
    assert set(answer) == {"ok", "error"}
    assert set(answer["error"]) == {"code", "message", "retryable"}
    assert isinstance(answer["error"]["retryable"], bool)
    assert answer["error"]["message"]
    return str(answer["error"]["code"])
