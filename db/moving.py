"""One-time, short-lived codes that move a player to another device."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements, transaction


@dataclass(frozen=True, slots=True)
class MovedPlayer:
    """A player on a new device: older tokens than those of `token_epoch` are worthless."""

    run_id: str
    player_id: str
    nickname: str
    pin: str
    token_epoch: int


_KEEP = text("""
    INSERT INTO move_codes (player_id, run_id, code_hash, expires_at)
    VALUES (:player_id, :run_id, :code_hash, :expires_at)
    ON CONFLICT (player_id) DO UPDATE
    SET code_hash = excluded.code_hash, expires_at = excluded.expires_at
""")
_USE = text("""
    DELETE FROM move_codes WHERE code_hash = :code_hash AND expires_at > :now RETURNING player_id
""")
_MOVE = text("""
    UPDATE players p SET token_epoch = token_epoch + 1, join_key = NULL FROM runs r
    WHERE p.id = :player_id AND r.id = p.run_id AND p.kicked_at IS NULL
    RETURNING p.run_id, p.id, p.nickname, r.pin, p.token_epoch
""")
_PURGE = text("DELETE FROM move_codes WHERE expires_at <= :now")


class MoveCodes:
    """The repository of codes. A player has one at a time; only hashes are stored."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def keep(
        self, run_id: str, player_id: str, code_hash: str, *, now: int, expires_at: int
    ) -> None:
        """Make this the player's code, instead of an earlier one. Expired ones are dropped."""
        values = {
            "run_id": run_id,
            "player_id": player_id,
            "code_hash": code_hash,
            "expires_at": expires_at,
        }
        async with statements(self._engine) as connection:
            await connection.execute(_PURGE, {"now": now})
            await connection.execute(_KEEP, values)

    async def use(self, code_hash: str, now: int) -> MovedPlayer | None:
        """Redeem a code and revoke the player's earlier tokens. Return None if the code does not
        exist, has expired, or belongs to a player who was removed.
        """
        async with transaction(self._engine) as connection:
            player_id = await connection.scalar(_USE, {"code_hash": code_hash, "now": now})
            if player_id is None:
                return None
            row = (await connection.execute(_MOVE, {"player_id": player_id})).first()
        return MovedPlayer(*row) if row is not None else None
