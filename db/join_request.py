"""Someone who wants to join a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Someone who wants to join. `join_key`, a secret of theirs, makes a repeat the same player.
    `skeleton` and `device_hash` are what a removed player is recognised by; the same device has
    another hash in every run.
    """

    run_id: str
    player_id: str
    nickname: str
    nickname_key: str
    join_key: str | None
    joined_at: int
    skeleton: str | None = None
    device_hash: str | None = None
