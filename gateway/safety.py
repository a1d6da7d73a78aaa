"""Moderation of a live room: removals, hidden texts, and moves to another device."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import structlog

from bus.messages import RoomChanged
from bus.producer import Producer
from db.moving import MovedPlayer
from db.stores import PlayStores
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Omits characters that are easily confused: 0 and O; 1, I and L."""
CODE_CHARS = 8
CODE_LIFE_MS = 5 * 60_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MoveCode:
    """A one-time code to continue on another device, valid until `expires_at`."""

    code: str
    expires_at: int


class SafeRooms:
    """Writes moderation decisions to PostgreSQL, then notifies the gateways.

    A decision holds even if the notification fails, since every join reads PostgreSQL; open
    displays catch up with the next snapshot.
    """

    def __init__(self, stores: PlayStores, producer: Producer) -> None:
        self._producer = producer
        self._players = stores.players
        self._codes = stores.move_codes
        self._removed = stores.removed
        self._moderation = stores.moderation

    async def keep_out(self, run_id: str, player_id: str, version: int) -> None:
        """Apply the workflow's decision of `version` at once.

        The activity repeats it a moment later, which covers failures here.
        """
        try:
            await self._players.kick(run_id, player_id, now_ms(), version)
        except QuizrunError as error:
            log.info("player.kick_left_to_activity", run_id=run_id, error=error)

    async def readmit(self, run_id: str, player_id: str) -> None:
        """Readmit a removed player. Raises like `RemovedPlayers.let_back`."""
        if not await self._removed.readmit(run_id, player_id, now_ms()):
            return
        player = await self._players.get(player_id)
        if player is not None and player.run_id == run_id:
            await self._notify(run_id, "player_back", player_id=player_id, nickname=player.nickname)

    async def look(self, run_id: str, question: int, keys: Collection[str], *, shown: bool) -> None:
        """Show or hide typed answers."""
        await self._moderation.set_shown(run_id, question, keys, shown=shown)
        await self._notify(run_id, "answers", question=question)

    async def move_code(self, run_id: str, player_id: str) -> MoveCode:
        """Issue a new move code for a player, replacing any earlier one."""
        code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_CHARS))
        now = now_ms()
        expires_at = now + CODE_LIFE_MS
        await self._codes.store(run_id, player_id, _hash(code), now=now, expires_at=expires_at)
        return MoveCode(code, expires_at)

    async def move(self, code: str, device: str | None = None) -> MovedPlayer:
        """Redeem a code on `device` and sign out the device it came from.

        Raises `code_unknown`, or `kicked` if the player was removed.
        """
        typed = "".join(char for char in code.upper() if char.isalnum())
        moved = await self._codes.use(_hash(typed), device, now_ms())
        if moved is None:
            raise QuizrunError(
                ErrorCode.CODE_UNKNOWN, "This code is wrong, expired or already used."
            )
        await self._notify(
            moved.run_id,
            "player_moved",
            player_id=moved.player_id,
            token_epoch=moved.token_epoch,
        )
        return moved

    async def _notify(self, run_id: str, change: str, **about: Any) -> None:
        event = RoomChanged(run_id=run_id, change=change, key=str(uuid.uuid4()), **about)
        try:
            await self._producer.room_changed(event)
        except QuizrunError as error:
            log.warning("room.change_not_told", run_id=run_id, error=error)


def _hash(code: str) -> str:
    # A plain hash suffices: codes have 39 bits and live for minutes.
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
