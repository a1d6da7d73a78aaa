"""Who is in a room, and what is shown there, beyond what a run's workflow decides."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from bus.messages import RoomChanged
from bus.producer import Producer
from db.moderation import AnswerLooks
from db.moving import MoveCodes, MovedPlayer
from db.players import Players
from db.removed import RemovedPlayers
from db.waiting import WaitingPlayers
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without what is misread: 0 and O, 1 and I and L."""
CODE_CHARS = 8
CODE_LIFE_MS = 5 * 60_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MoveCode:
    """What a player enters on another device, once, until `expires_at`."""

    code: str
    expires_at: int


class SafeRooms:
    """Writes to PostgreSQL, which every join asks, and tells the gateways afterwards.

    A change that could not be told holds nevertheless; walls follow with the next snapshot.
    """

    def __init__(self, engine: AsyncEngine, producer: Producer) -> None:
        self._players = Players(engine)
        self._producer = producer
        self._codes = MoveCodes(engine)
        self.removed = RemovedPlayers(engine)
        self.waiting = WaitingPlayers(engine)
        self.looks = AnswerLooks(engine)

    async def keep_out(self, run_id: str, player_id: str, version: int) -> None:
        """Carry out at once what the workflow has decided under `version`: the activity does the
        same a moment later, and should this fail.
        """
        try:
            await self._players.kick(run_id, player_id, now_ms(), version)
        except QuizrunError as error:
            log.info("player.kick_left_to_activity", run_id=run_id, error=error)

    async def let_back(self, run_id: str, player_id: str) -> None:
        """Undo a removal. Raises like `RemovedPlayers.let_back`."""
        if not await self.removed.let_back(run_id, player_id, now_ms()):
            return
        player = await self._players.get(player_id)
        if player is not None and player.run_id == run_id:
            await self._tell(run_id, "player_back", player_id=player_id, nickname=player.nickname)

    async def look(self, run_id: str, question: int, keys: Collection[str], *, shown: bool) -> None:
        """Let typed answers be shown, or hide them."""
        await self.looks.note(run_id, question, keys, shown=shown)
        await self._tell(run_id, "answers", question=question)

    async def move_code(self, run_id: str, player_id: str) -> MoveCode:
        """A new code for a player, instead of an earlier one."""
        code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_CHARS))
        now = now_ms()
        expires_at = now + CODE_LIFE_MS
        await self._codes.keep(run_id, player_id, _hash(code), now=now, expires_at=expires_at)
        return MoveCode(code, expires_at)

    async def move(self, code: str, device: str | None = None) -> MovedPlayer:
        """Redeem a code on `device` and sign out the one it came from.

        Raises `code_unknown`, or `kicked` on the device of a removed player.
        """
        typed = "".join(char for char in code.upper() if char.isalnum())
        moved = await self._codes.use(_hash(typed), device, now_ms())
        if moved is None:
            raise QuizrunError(ErrorCode.CODE_UNKNOWN, "This code is wrong, used up, or too old.")
        await self._tell(
            moved.run_id,
            "player_moved",
            player_id=moved.player_id,
            token_epoch=moved.token_epoch,
        )
        return moved

    async def _tell(self, run_id: str, change: str, **about: Any) -> None:
        event = RoomChanged(run_id=run_id, change=change, key=str(uuid.uuid4()), **about)
        try:
            await self._producer.room_changed(event)
        except QuizrunError as error:
            log.warning("room.change_not_told", run_id=run_id, error=error)


def _hash(code: str) -> str:
    """Codes live for minutes and have 39 bits: a plain hash does."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
