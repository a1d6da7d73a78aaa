"""The standings of a run, recomputed from its stored answers by the published formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.system.audit import HALF, earned, ranked, share


@dataclass(frozen=True)
class StoredAnswer:
    """A row of `answers`. `points` includes the bonus."""

    answer: Any
    elapsed_ms: int
    points: int | None
    bonus: int | None
    correct: bool | None
    scored_in: int | None


@dataclass(frozen=True)
class StoredPlayer:
    """A row of `players`."""

    id: str
    nickname: str
    number: int
    score: int
    streak: int
    rank: int | None
    kicked: bool


@dataclass(frozen=True)
class Stored:
    """A run as stored in the database."""

    phase: str
    version: int
    finished: bool
    players: dict[str, StoredPlayer]
    answers: dict[tuple[int, str], StoredAnswer]
    """By question and player."""


async def read_stored(database_url: str, run_id: str) -> Stored:
    """The rows of a run."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        cursor = await connection.execute(
            "SELECT phase, version, finished_at IS NOT NULL FROM runs WHERE id = %s", [run_id]
        )
        run = await cursor.fetchone()
        assert run is not None, f"there is no run {run_id}"
        cursor = await connection.execute(
            "SELECT id::text, nickname, number, score, streak, rank, kicked_at IS NOT NULL"
            " FROM players WHERE run_id = %s",
            [run_id],
        )
        players = {row[0]: StoredPlayer(*row) for row in await cursor.fetchall()}
        cursor = await connection.execute(
            "SELECT question, player_id::text, answer, elapsed_ms, points, bonus, correct,"
            " scored_in FROM answers WHERE run_id = %s",
            [run_id],
        )
        rows = await cursor.fetchall()
    answers = {(row[0], row[1]): StoredAnswer(*row[2:]) for row in rows}
    return Stored(run[0], run[1], run[2], players, answers)


@dataclass(frozen=True)
class Earned:
    """What a question earned a player. `points` includes the bonus; `score` and `streak` are those
    after it.
    """

    correct: bool | None
    points: int
    bonus: int
    score: int
    streak: int


class Expected:
    """A run's standings, recomputed. `shown` has the options of each question as shown."""

    def __init__(
        self,
        quiz: dict[str, Any],
        settings: dict[str, Any],
        stored: Stored,
        shown: Mapping[int, list[str]],
    ) -> None:
        self._questions: list[dict[str, Any]] = quiz["questions"]
        self._settings = settings
        self._shown = shown
        self._stored = stored
        self.players = {player_id: self._play(player_id) for player_id in stored.players}
        """By player: the points of each question."""
        staying = [one.id for one in stored.players.values() if not one.kicked]
        self.standings = self._rank(staying, len(self._questions) - 1)
        """(rank, player id, score), best first, without kicked players."""

    def ranks_after(self, question: int, player_id: str) -> tuple[int, int]:
        """The best and worst possible rank of a player after `question`, since the time of kicks is
        unknown.
        """
        best = self._ranks(
            {one.id for one in self._stored.players.values() if not one.kicked} | {player_id},
            question,
        )[player_id]
        worst = self._ranks(set(self._stored.players), question)[player_id]
        return best, worst

    def _ranks(self, players: set[str], question: int) -> dict[str, int]:
        return {player: rank for rank, player, _ in self._rank(sorted(players), question)}

    def _rank(self, players: list[str], question: int) -> list[tuple[int, str, int]]:
        scores = {player: self.players[player][question].score for player in players}
        numbers = {player: self._stored.players[player].number for player in players}
        return ranked(scores, numbers)

    def _play(self, player_id: str) -> list[Earned]:
        score = streak = 0
        history = []
        for index, question in enumerate(self._questions):
            stored = self._stored.answers.get((index, player_id))
            counts = question["type"] not in ("poll", "slide")
            points = bonus = 0
            right = False
            if stored is not None:
                options = self._shown.get(index, [])
                points = self._points(question, options, stored)
                right = share(question, options, stored.answer) == 1
            if counts:
                streak = streak + 1 if right else 0
                if right and self._settings["streak_bonus"]:
                    bonus = min(500, 100 * (streak - 1))
            score += points + bonus
            history.append(Earned(right if counts else None, points + bonus, bonus, score, streak))
        return history

    def _points(self, question: dict[str, Any], options: list[str], stored: StoredAnswer) -> int:
        if self._settings["scoring"] == "accuracy":
            whole = share(question, options, stored.answer) * question.get("points", 1000)
            return int(whole + HALF)
        return earned(question, options, stored.answer, stored.elapsed_ms)
