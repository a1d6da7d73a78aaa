"""A player or host on a running stack that records everything it receives."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

from deploy.bots.stock import StockSocket

PATIENCE_S = 15.0


@dataclass(frozen=True)
class Heard:
    """A message with its arguments and time of arrival (epoch ms, this machine's clock)."""

    event: str
    args: tuple[Any, ...]
    at: float


class Client(ABC):
    """The base of all kinds of clients."""

    def __init__(self, url: str, namespace: str = "/play") -> None:
        self.url = url
        self.namespace = namespace
        self.heard: list[Heard] = []
        self.joined: dict[str, Any] = {}
        self.connected = False
        self._news = asyncio.Event()

    @abstractmethod
    async def connect(self, url: str | None = None, **auth: Any) -> Self:
        """Connect, to the gateway at `url` from now on if given. Raises one of the errors above."""

    @abstractmethod
    async def ask(self, event: str, *args: Any) -> Any:
        """Send an event and return its acknowledgement. Raises `LostError`."""

    @abstractmethod
    async def close(self) -> None:
        """Disconnect, if connected."""

    async def join(self, pin: str, nickname: str, **more: Any) -> Self:
        answer = await self.ask("join", {"pin": pin, "nickname": nickname, **more})
        assert answer["ok"], answer
        assert set(answer) == {"ok", "player_id", "token", "snapshot"}
        self.joined = answer
        return self

    async def come_back(self, url: str | None = None) -> dict[str, Any]:
        """Reconnect with the token and return the snapshot."""
        await self.close()
        before = len(self.all("snapshot"))
        await self.connect(url, token=self.token)
        (snapshot,) = await self.hears("snapshot", before + 1)
        assert isinstance(snapshot, dict)
        return snapshot

    @property
    def token(self) -> str:
        return str(self.joined["token"])

    @property
    def player_id(self) -> str:
        return str(self.joined["player_id"])

    async def answer(self, question: int, answer: Any) -> Any:
        return await self.ask("answer", {"question": question, "answer": answer})

    async def answers_once_open(self, question: int, answer: Any) -> Any:
        """Answer like clients do: retry while this gateway has not opened the question."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                reply = await self.answer(question, answer)
                if reply["ok"] or reply["error"]["code"] != "question_not_open":
                    return reply
                await asyncio.sleep(0.1)

    def note(self, event: str, *args: Any) -> None:
        """Record a message."""
        self.heard.append(Heard(event, args, time.time() * 1000))
        self._news.set()

    async def news(self, seen: int) -> None:
        """Wait until more than `seen` messages have arrived or the connection was lost."""
        self._news.clear()
        if len(self.heard) == seen and self.connected:
            await self._news.wait()

    def all(self, event: str) -> list[Heard]:
        return [heard for heard in self.heard if heard.event == event]

    async def hears(
        self,
        event: str,
        count: int = 1,
        *,
        where: Callable[..., bool] = lambda *_: True,
        timeout_s: float = PATIENCE_S,
    ) -> tuple[Any, ...]:
        """Wait for the `count`-th `event` for which `where` holds; return its arguments."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    self._news.clear()
                    found = [one for one in self.all(event) if where(*one.args)]
                    if len(found) >= count:
                        return found[count - 1].args
                    await self._news.wait()
        except TimeoutError:
            events = [one.event for one in self.heard]
            raise AssertionError(f"{event} did not come in {timeout_s} s; heard {events}") from None

    async def hears_joined(self, names: set[str], timeout_s: float = PATIENCE_S) -> list[str]:
        """Wait until `lobby` has announced `names`; return all announced nicknames."""

        def joined() -> list[str]:
            return [name for one in self.all("lobby") for name in one.args[0]["joined"]]

        await self.hears("lobby", where=lambda _: names <= set(joined()), timeout_s=timeout_s)
        return joined()

    async def sees_question(self, index: int, timeout_s: float = PATIENCE_S) -> dict[str, Any]:
        """Wait until the question of this index is open; return its message."""
        (message,) = await self.hears(
            "question", where=lambda it: it["question"] == index, timeout_s=timeout_s
        )
        await until_ms(message["opens_at"])
        assert isinstance(message, dict)
        return message

    async def sees_reveal(self, index: int, timeout_s: float = PATIENCE_S) -> tuple[Any, ...]:
        """Wait for the `reveal` of question `index`; return its arguments."""
        return await self.hears(
            "reveal", where=lambda it, *_: it["question"] == index, timeout_s=timeout_s
        )

    async def learns_result(self, index: int, timeout_s: float = PATIENCE_S) -> dict[str, Any]:
        """The player's own result of question `index`, from its `reveal` or a snapshot.

        A gateway whose event stream was interrupted sends a snapshot instead of missed events.
        """
        async with asyncio.timeout(timeout_s):
            while True:
                seen = len(self.heard)
                for message in self.heard:
                    match message.event, message.args:
                        case "reveal", ({"question": question}, own) if question == index:
                            return dict(own)
                        case "snapshot", ({"reveal": {"question": question}} as snapshot,) if (
                            question == index
                        ):
                            return dict(snapshot["your_result"])
                await self.news(seen)

    async def learns_final_score(self, timeout_s: float = PATIENCE_S) -> int:
        """The player's own final score, from `finished` or, like `learns_result`, a snapshot."""
        async with asyncio.timeout(timeout_s):
            while True:
                seen = len(self.heard)
                for message in self.heard:
                    match message.event, message.args:
                        case "finished", (_, {"score": int(score)}):
                            return score
                        case "snapshot", ({"phase": "finished", "you": {"score": int(score)}},):
                            return score
                await self.news(seen)


class PythonClient(Client):
    """The stock Python client over WebSocket. `session` is shared, because opening many is slow."""

    def __init__(
        self, session: aiohttp.ClientSession | None, url: str, namespace: str = "/play"
    ) -> None:
        super().__init__(url, namespace)
        self.frames: list[str] = []
        """Frames as they came: what a test of secrets must look at."""
        self._socket = StockSocket(
            session, self._on_event, self._on_lost, namespace=namespace, on_frame=self.frames.append
        )

    async def connect(self, url: str | None = None, **auth: Any) -> Self:
        self.url = url or self.url
        await self._socket.connect(self.url, auth or None, PATIENCE_S)
        self.connected = True
        self.note("connect")
        return self

    async def ask(self, event: str, *args: Any) -> Any:
        return await self._socket.ask(event, *args, timeout_s=PATIENCE_S)

    async def send(self, event: str, data: Any) -> None:
        """Send an event without waiting. Raises `LostError`."""
        await self._socket.send(event, data)

    async def close(self) -> None:
        await self._socket.close()

    def _on_event(self, event: str, args: list[Any]) -> None:
        self.note(event, *args)

    def _on_lost(self) -> None:
        if self.connected:
            self.connected = False
            self.note("disconnect")


async def until_ms(at: float) -> None:
    """Wait until `at` (epoch ms)."""
    # time: an instant of the run
    await asyncio.sleep(max(0.0, at / 1000 - time.time()))


def code_of(answer: Any) -> str:
    """Check the form of an error and return its code."""
    assert answer["ok"] is False, answer
    assert set(answer) == {"ok", "error"}
    return code_of_error(answer["error"])


def code_of_error(error: Any) -> str:
    """The code of a client's error, which must have a sentence."""
    assert set(error) == {"code", "message", "retryable"}, error
    assert isinstance(error["retryable"], bool)
    assert error["message"].endswith(".")
    return str(error["code"])
