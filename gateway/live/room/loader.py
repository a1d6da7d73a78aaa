"""Loading what a room needs for single players."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

import structlog

from db.answers import AnswerKey, Answers, OwnAnswer
from db.batching import BatchWriter
from db.leaderboard import Leaderboard
from db.players import Players
from db.scoring import PlayerResult, Scoring
from gateway.live.room.answers import KnownAnswer
from gateway.live.room.room import Room
from gateway.live.room.seats import Seat
from gateway.single_flight import SingleFlight
from quiz.errors import QuizrunError
from quiz.ranking import standings
from quiz.run import Phase

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Ahead:
    """Results that are read before the reveal of their question."""

    question: int
    reading: asyncio.Task[dict[str, PlayerResult] | None]


class PlayerLoader:
    """Loads the answers, results and ranks of a room's players."""

    def __init__(
        self,
        players: Players,
        answers: Answers,
        own_answers: BatchWriter[AnswerKey, OwnAnswer | None],
        scoring: Scoring,
        leaderboard: Leaderboard,
    ) -> None:
        """`own_answers` reads the answers of many returning players at once."""
        self._players = players
        self._answers = answers
        self._own_answers = own_answers
        self._scoring = scoring
        self._leaderboard = leaderboard
        self._ranking: SingleFlight[dict[str, tuple[int, int]]] = SingleFlight()
        self._ahead: dict[str, _Ahead] = {}

    async def prepare(self, room: Room, seat: Seat) -> None:
        """Load all that a player's snapshot shows, again if the run moves on meanwhile."""
        while True:
            version, phase = room.version, room.state.phase
            if room.revealed and not room.ranked:
                await self.refresh_standings(room)
            if phase in (Phase.QUESTION, Phase.REVEAL) and seat.player_id not in room.answers:
                await self._own_answer(room, seat.player_id)
            if phase is Phase.REVEAL and room.scoreboard.result(seat.player_id) is None:
                await self.results(room, room.state.question, [seat.player_id])
            if room.version == version:
                return

    async def _own_answer(self, room: Room, player_id: str) -> None:
        question = room.state.question
        key = AnswerKey(room.run_id, question, player_id)
        own = await asyncio.shield(self._own_answers.submit(key))
        if own is not None and room.state.question == question:
            room.learn_answer(player_id, KnownAnswer(own.answer, own.elapsed_ms))

    async def results(
        self, room: Room, question: int, player_ids: Collection[str]
    ) -> dict[str, PlayerResult]:
        """Return what a revealed question brought these players; the room keeps it while it is
        current.
        """
        found = await self._taken_ahead(room, question)
        if missing := [player_id for player_id in player_ids if player_id not in found]:
            found |= await self._scoring.player_results(room.run_id, question, missing)
        if room.state.question == question:
            room.scoreboard.add_results(found)
        for player_id, result in found.items():
            seat = room.seats.get(player_id)
            if seat is not None:
                seat.scored(result.score, result.streak)
        return found

    def read_ahead(self, room: Room, question: int) -> None:
        """Begin to read the results of the players here, whose question has been scored. The room
        does not have them until they are asked for: they are secret until the reveal.
        """
        self.forget(room.run_id)
        ids = list(room.seats.players)
        reading = self._read_ahead(room.run_id, question, ids)
        self._ahead[room.run_id] = _Ahead(question, asyncio.create_task(reading))

    def forget(self, run_id: str) -> None:
        """Drop what was read ahead."""
        ahead = self._ahead.pop(run_id, None)
        if ahead is not None:
            ahead.reading.cancel()

    async def _read_ahead(
        self, run_id: str, question: int, player_ids: list[str]
    ) -> dict[str, PlayerResult] | None:
        try:
            return await self._scoring.player_results(run_id, question, player_ids)
        except (QuizrunError, OSError) as error:  # they are read for the reveal then
            log.info("room.results_not_read_ahead", run_id=run_id, error=error)
            return None

    async def _taken_ahead(self, room: Room, question: int) -> dict[str, PlayerResult]:
        """Return what was read ahead, once, and only while the question is being revealed."""
        ahead = self._ahead.get(room.run_id)
        if ahead is None or ahead.question != question or room.state.phase is not Phase.REVEAL:
            return {}
        del self._ahead[room.run_id]
        return await ahead.reading or {}

    async def refresh_standings(self, room: Room) -> None:
        """Load all ranks and scores: from the leaderboard if it is of the room's version, else from
        the totals.
        """
        run_id, version = room.run_id, room.state.standings_version
        key = f"{run_id}/{version}"
        room.rank(version, await self._ranking.run(key, lambda: self._load(run_id, version)))

    async def _load(self, run_id: str, version: int) -> dict[str, tuple[int, int]]:
        ranks = await self._leaderboard.ranks(run_id, version=version)
        if ranks is not None:
            return ranks
        totals = await self._scoring.totals(run_id)
        return {line.player_id: (line.rank, line.score) for line in standings(totals)}

    async def recount(self, room: Room) -> None:
        """Count the players of the run: there may be fewer than before."""
        room.player_count.counted(await self._players.count(room.run_id))

    async def refresh(self, room: Room) -> tuple[list[Seat], list[Seat]]:
        """Load all that concerns the players connected here. Returns those who were removed
        meanwhile, and those who continue on another device.
        """
        ids = list(room.seats.players)
        found = await self._players.many(ids)
        kicked: list[Seat] = []
        moved: list[Seat] = []
        for player_id in ids:
            seat, player = room.seats.get(player_id), found.get(player_id)
            if seat is None:
                continue
            if player is None or player.kicked:
                kicked.append(seat)
            elif player.token_epoch > seat.token_epoch:
                moved.append(seat)
            else:
                seat.scored(player.score, player.streak)
        await self.recount(room)
        if room.revealed:
            await self.refresh_standings(room)
        if room.state.phase in (Phase.QUESTION, Phase.REVEAL):
            question = room.state.question
            answered = await self._answers.answered_players(room.run_id, question, ids)
            if room.state.question == question:
                for player_id in answered:
                    room.learn_answer(player_id)
        if room.state.phase is Phase.REVEAL:
            await self.results(room, room.state.question, ids)
        return kicked, moved
