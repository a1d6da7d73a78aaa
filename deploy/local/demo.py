"""``quizrun demo``: many bots play a quiz on the running stack, with all messages checked."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table

from deploy.bots import check
from deploy.bots.answers import guess, knowing
from deploy.bots.bot import Bot, join_all, percentile
from deploy.bots.connection import Message, Refused, session
from deploy.errors import StackError
from deploy.local import show
from deploy.local.demo_host import Host, gateway_urls

SAMPLE = "Try every type"
PLAYERS = 50
_SETTINGS = {"countdown_s": 3, "reveal_s": 3}
_SLACK_S = 30.0
_SHOWN = 10


def demo_command(
    players: Annotated[int, typer.Option(min=1, help="The number of bots.")] = PLAYERS,
    quiz: Annotated[
        str, typer.Option(help="The title of one of the demo host's quizzes.")
    ] = SAMPLE,
    url: Annotated[
        str | None,
        typer.Option(help="Comma-separated gateway URLs; by default those of the local stack."),
    ] = None,
    pin: Annotated[
        str | None, typer.Option(help="Join this run, which someone else hosts and starts.")
    ] = None,
) -> None:
    """Play a whole quiz with many players and show what happens."""
    console = show.console()
    try:
        problems = asyncio.run(_Demo(console, gateway_urls(url), players).play(quiz, pin))
    except KeyboardInterrupt:
        console.print("Stopped.")
        raise typer.Exit(130) from None
    if problems:
        more = len(problems) - _SHOWN
        lines = [*problems[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        raise StackError("\n".join(f"Wrong: {line}." for line in lines))


class _Demo:
    """A run with bots. On a terminal, a progress bar shows the answers."""

    def __init__(self, console: Console, urls: list[str], players: int) -> None:
        self._console = console
        self._urls = urls
        self._players = players
        self._bots: list[Bot] = []
        self._quiz: Message | None = None
        self._current: Message = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} {task.fields[note]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._bar: TaskID = self._progress.add_task("Joining", total=players, note="")

    async def play(self, title: str, pin: str | None) -> list[str]:
        """Play to the end; return the problems found."""
        if pin is not None:
            return await self._with_bots(None, "", pin)
        async with Host(self._urls[0]) as host:
            self._quiz = await host.quiz(title)
            run = await host.open_run(self._quiz["id"], _SETTINGS)
            self._console.print(f"{self._quiz['title']}: PIN {run['pin']}, {run['join_url']}")
            try:
                return await self._with_bots(host, run["run_id"], run["pin"])
            except BaseException:
                with contextlib.suppress(StackError):  # the run may be over, or the stack stopped
                    await host.command(run["run_id"], "end")
                raise

    async def _with_bots(self, host: Host | None, run_id: str, pin: str) -> list[str]:
        async with session() as http:
            self._bots = [
                Bot(
                    self._urls[number % len(self._urls)],
                    http,
                    nickname,
                    random.Random(),  # noqa: S311 - a game
                    choose=self._choose,
                    on_heard=self._heard,
                )
                for number, nickname in enumerate(_nicknames(self._players))
            ]
            try:
                with self._progress:
                    await self._join(pin)
                    if host is not None:
                        await host.command(run_id, "start")
                    await self._until_over()
                return await self._report(host, run_id)
            finally:
                await asyncio.gather(*(bot.close() for bot in self._bots), return_exceptions=True)

    async def _join(self, pin: str) -> None:
        try:
            await join_all(self._bots, pin, joined=lambda: self._progress.advance(self._bar))
        except (OSError, Refused) as error:
            reason = str(error) or type(error).__name__
            raise StackError(f"The bots cannot join at {self._urls[0]}: {reason}") from None
        self._console.print(f"{self._players} players have joined.")

    async def _until_over(self) -> None:
        """Wait until the run ends: as long as our quiz can take, or indefinitely."""
        longest_s: float | None = None
        if self._quiz is not None:
            times = (question["time_limit_s"] for question in self._quiz["questions"])
            longest_s = sum(limit_s + _SETTINGS["reveal_s"] + 2 for limit_s in times) + _SLACK_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await asyncio.gather(*(bot.over.wait() for bot in self._bots))

    def _choose(self, shown: Message, rng: random.Random) -> Any:
        if self._quiz is not None and rng.random() < 0.7:  # for varied standings
            return knowing(shown, self._quiz, rng)
        return guess(shown, rng)

    def _heard(self, bot: Bot, event: str, parts: list[Any]) -> None:
        if bot is not self._bots[0]:  # show broadcasts once
            return
        match event:
            case "starting":
                self._bar_shows("Starting", 0, self._players)
            case "question":
                self._current = parts[0]
                self._bar_shows(_heading(self._current), 0, self._players)
            case "progress":
                progress = parts[0]
                self._bar_shows(_heading(self._current), progress["answered"], progress["players"])
            case "paused" | "resumed" | "kicked" | "closed":
                self._console.print(f"{bot.nickname} received: {event}.")
            case "reveal":
                index = parts[0]["question"]
                self._console.print(f"{_heading(self._current)}: {self._acks(index)}")
                self._bar_shows("Leaderboard", self._players, self._players)

    def _bar_shows(self, what: str, done: int, total: int) -> None:
        note = self._acks(self._current["question"]) if self._current else ""
        self._progress.update(self._bar, description=what, completed=done, total=total, note=note)

    def _acks(self, question: int) -> str:
        taken = [bot.acks[question].latency_ms for bot in self._bots if question in bot.acks]
        if not taken:
            return "no answers"
        p50, p99 = percentile(taken, 50), percentile(taken, 99)
        return f"{len(taken)} acknowledged, p50 {p50:.0f} ms, p99 {p99:.0f} ms"

    async def _report(self, host: Host | None, run_id: str) -> list[str]:
        outcome = next((bot.outcome for bot in self._bots if bot.outcome is not None), None)
        if outcome is not None:
            self._console.print(_table(outcome[0]))
        returns = sum(bot.connects - 1 for bot in self._bots)
        if returns:
            self._console.print(f"{returns} lost connections were restored.", style="yellow")
        problems = check.ended(self._bots)
        if host is not None and outcome is not None:
            leaderboard, results = await host.leaderboard(run_id), await host.results(run_id)
            kept, faults = check.answers_kept(self._bots, results)
            problems += check.standings_agree(self._bots, leaderboard) + faults
            sent = sum(len(bot.acks) for bot in self._bots)
            self._console.print(f"{kept} of {sent} acknowledged answers are stored, each once.")
        if not problems:
            self._console.print("All players received the same standings.", style="green")
        return problems


def _heading(question: Message) -> str:
    number, count = question["question"] + 1, question["question_count"]
    return f"Question {number} of {count} ({question['type']})"


def _table(common: Message) -> Table:
    table = Table(title=f"Final standings of {common['players']} players", title_justify="left")
    table.add_column("rank", justify="right")
    table.add_column("player")
    table.add_column("score", justify="right")
    for line in common["leaderboard"]:
        table.add_row(str(line["rank"]), line["nickname"], str(line["score"]))
    return table


def _nicknames(count: int) -> Iterator[str]:
    """Yield unique nicknames, also unlike those of another demo on the same run."""
    mark = f"{random.randrange(36**2):02}"  # noqa: S311
    for number in range(1, count + 1):
        yield f"Bot {mark}-{number}"
