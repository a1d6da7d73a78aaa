"""``quizrun play``: one player in a terminal."""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from typing import Annotated, Any

import aiohttp
import typer

from deploy.bots.answers import typed
from deploy.bots.connection import Message, Refused, session
from deploy.bots.player import PlayerClient
from deploy.errors import StackError
from deploy.local import play_view as view
from deploy.local.demo_host import gateway_urls
from deploy.local.play_terminal import Terminal, time_bar

_TICK_S = 0.2


def play_command(
    pin: Annotated[str, typer.Option(help="The PIN of the run.")],
    nickname: Annotated[str | None, typer.Option(help="Your name; random by default.")] = None,
    url: Annotated[
        str | None, typer.Option(help="A gateway's URL; by default the local stack's.")
    ] = None,
) -> None:
    """Join a run as a player from the terminal."""
    name = nickname or f"Player {random.randrange(1000, 10000)}"  # noqa: S311
    try:
        completed = asyncio.run(_play(gateway_urls(url)[0], pin, name))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    if not completed:
        raise typer.Exit(1)


async def _play(url: str, pin: str, nickname: str) -> bool:
    async with session() as http:
        return await _Game(url, http).play(pin, nickname)


class _Game:
    """A player's game. Messages, typed lines and timers all arrive here one at a time: everything
    runs on the event loop, and no handler waits.
    """

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self._url = url
        self._client = PlayerClient(url, http, self._heard, self._connection)
        self._terminal = Terminal(self._line, self._status)
        self._over: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._you: Message = {}
        self._phase = "lobby"
        self._paused = False
        self._shown: Message | None = None  # the question on the screen
        self._opening: asyncio.TimerHandle | None = None
        self._deadline_at: float | None = None
        self._sending: asyncio.Task[None] | None = None
        self._lines: deque[str] = deque()  # typed ahead, if input is not a terminal

    async def play(self, pin: str, nickname: str) -> bool:
        """Play to the end; return whether we were still in the run. Raises `StackError`."""
        try:
            snapshot = await self._client.join(pin, nickname)
            await self._client.sync()
            with self._terminal.reading():
                self._heard("snapshot", [snapshot])
                while not self._over.done():
                    self._terminal.draw()
                    await asyncio.wait([self._over], timeout=_TICK_S)
                return self._over.result()
        except (OSError, Refused) as error:
            reason = str(error) or "no response"
            raise StackError(f"Cannot join at {self._url}: {reason}") from None
        finally:
            await self._client.close()

    def _heard(self, event: str, parts: list[Any]) -> None:
        handler = getattr(self, f"_on_{event}", None)
        if event in view.SENT_AWAY:
            self._terminal.say(view.farewell(parts[0]["reason"]))
            self._end(completed=False)
        elif handler is not None and (self._you or event == "snapshot"):
            handler(*parts)

    def _connection(self, up: bool) -> None:
        if self._you and self._client.gone is None:
            self._terminal.say("Reconnected." if up else "Connection lost; reconnecting…")

    def _on_snapshot(self, snapshot: Message) -> None:
        came_back = bool(self._you)
        self._you, self._paused = snapshot["you"], snapshot["paused"]
        self._phase = snapshot["phase"]
        if not came_back:
            self._terminal.say(*view.welcome(snapshot))
        if self._paused:
            self._terminal.say("The host paused the quiz.")
        question = snapshot.get("question")
        if self._phase == "starting":
            self._on_starting(snapshot)
        elif self._phase == "question" and question is not None:
            self._on_question(question)
        elif self._phase == "reveal" and "reveal" in snapshot:
            self._shown = question
            self._on_reveal(snapshot["reveal"], snapshot.get("your_result"))
        elif "outcome" in snapshot:
            own = {**self._you, "players": snapshot["outcome"]["players"]}
            self._on_finished(snapshot["outcome"], own)
        elif self._phase == "lobby" and not came_back:
            self._terminal.say("Waiting for the host to start.")

    def _on_lobby(self, message: Message) -> None:
        self._terminal.say(*view.lobby(message))

    def _on_starting(self, message: Message) -> None:
        self._phase, self._deadline_at = "starting", message.get("starts_at")
        self._terminal.say("Get ready…")

    def _on_question(self, question: Message) -> None:
        """Show a question when it opens. It is sent again if its times change."""
        if self._shown is not None and self._shown["question"] == question["question"]:
            self._deadline_at = question["closes_at"]
            return
        if self._opening is not None:
            self._opening.cancel()
        self._phase, self._shown, self._deadline_at = "question", None, None
        wait_s = max(0.0, question["opens_at"] - self._client.server_ms()) / 1000
        self._opening = asyncio.get_running_loop().call_later(wait_s, self._show, question)

    def _show(self, question: Message) -> None:
        self._shown, self._deadline_at, self._sending = question, question["closes_at"], None
        self._terminal.say(*view.question(question))
        while self._lines and question["type"] != "slide" and self._sending is None:
            self._answer(self._lines.popleft())

    def _on_paused(self, _message: Message) -> None:
        self._paused = True
        self._terminal.say("The host paused the quiz.")

    def _on_resumed(self, message: Message) -> None:
        self._paused = False
        self._deadline_at = message["closes_at"] or message.get("starts_at")
        self._terminal.say("The quiz continues.")

    def _on_reveal(self, common: Message, own: Message | None = None) -> None:
        self._phase, self._deadline_at = "reveal", None
        self._terminal.say(*view.result(self._shown, common, own))
        self._terminal.say(*view.board(common["leaderboard"], self._you))

    def _on_finished(self, common: Message, own: Message) -> None:
        self._terminal.say(*view.podium(common, own, self._you))
        self._end(completed=True)

    def _end(self, *, completed: bool) -> None:
        if not self._over.done():
            self._over.set_result(completed)

    def _line(self, line: str) -> None:
        if not line.strip():
            return
        if self._phase == "question" and self._shown is not None and self._sending is None:
            self._answer(line)
        elif self._terminal.lively:
            self._terminal.say("There is no open question.")
        else:
            self._lines.append(line)

    def _answer(self, line: str) -> None:
        assert self._shown is not None
        try:
            answer = typed(self._shown, line)
        except ValueError as problem:
            self._terminal.say(str(problem))
            return
        self._terminal.say("Sent.")
        self._sending = asyncio.create_task(self._send(self._shown, answer))

    async def _send(self, question: Message, answer: Any) -> None:
        try:
            ack = await self._client.answer(question["question"], answer)
        except (Refused, TimeoutError) as error:
            self._terminal.say(f"Not accepted: {str(error) or 'the server is not responding.'}")
            self._sending = None
        else:
            self._terminal.say(*view.locked_in(question, answer, ack.elapsed_ms))

    def _status(self) -> str:
        if self._paused:
            return "paused "
        if self._deadline_at is None:
            return ""
        left_ms = self._deadline_at - self._client.server_ms()
        if self._shown is not None and self._phase == "question":
            return time_bar(left_ms, self._shown["time_limit_ms"])
        return f"{max(0, math.ceil(left_ms / 1000))} s "
