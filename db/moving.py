"""Short-lived one-time codes that move a player to another device."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements, transaction
from quiz.admission import kicked
from quiz.safety import device_hash


@dataclass(frozen=True, slots=True)
class MovedPlayer:
    """A player on a new device; tokens of earlier epochs than `token_epoch` are invalid."""

    run_id: str
    player_id: str
    nickname: str
    pin: str
    token_epoch: int


_STORE = text("""
    INSERT INTO move_codes (player_id, run_id, code_hash, expires_at)
    VALUES (:player_id, :run_id, :code_hash, :expires_at)
    ON CONFLICT (player_id) DO UPDATE
    SET code_hash = excluded.code_hash, expires_at = excluded.expires_at
""")
_USE = text("""
    DELETE FROM move_codes WHERE code_hash = :code_hash AND expires_at > :now
    RETURNING player_id, run_id
""")
_MOVE = text("""
    UPDATE players p
    SET token_epoch = token_epoch + 1, join_key = NULL,
        device_hash = coalesce(CAST(:device_hash AS text), p.device_hash),
        left_devices = CASE
            WHEN p.device_hash <> CAST(:device_hash AS text)
            THEN (array_prepend(p.device_hash, array_remove(p.left_devices, p.device_hash)))
                 [1:50]
            ELSE p.left_devices
        END
    FROM runs r
    WHERE p.id = :player_id AND r.id = p.run_id AND p.kicked_at IS NULL
    RETURNING p.run_id, p.id, p.nickname, r.pin, p.token_epoch
""")
_REMOVED = text("""
    SELECT 1 FROM players
    WHERE run_id = :run_id AND kicked_at IS NOT NULL
      AND CAST(:device_hash AS text) = ANY(array_append(left_devices, device_hash))
    UNION ALL
    SELECT 1 FROM waiting_players
    WHERE run_id = :run_id AND declined_at IS NOT NULL AND device_hash = CAST(:device_hash AS text)
    LIMIT 1
""")
_PURGE = text("DELETE FROM move_codes WHERE expires_at <= :now")


class MoveCodes:
    """The repository of codes. A player has one at a time, stored as a hash."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def store(
        self, run_id: str, player_id: str, code_hash: str, *, now: int, expires_at: int
    ) -> None:
        """Store the player's code, replacing an earlier one; purge expired codes."""
        values = {
            "run_id": run_id,
            "player_id": player_id,
            "code_hash": code_hash,
            "expires_at": expires_at,
        }
        async with statements(self._engine) as connection:
            await connection.execute(_PURGE, {"now": now})
            await connection.execute(_STORE, values)

    async def use(self, code_hash: str, device: str | None, now: int) -> MovedPlayer | None:
        """Redeem a code on `device` and revoke the player's earlier tokens. Return None if the code
        does not exist, has expired, or belongs to a player who was removed.

        Raises `kicked` if a player was removed who has played on that device; the code still works.
        """
        async with transaction(self._engine) as connection:
            used = await connection.execute(_USE, {"code_hash": code_hash, "now": now})
            code = used.first()
            if code is None:
                return None
            hashed = device_hash(code.run_id, device)
            values = {"run_id": code.run_id, "device_hash": hashed}
            if hashed is not None and await connection.scalar(_REMOVED, values) is not None:
                raise kicked()
            move = {"player_id": code.player_id, "device_hash": hashed}
            row = (await connection.execute(_MOVE, move)).first()
        return MovedPlayer(*row) if row is not None else None
