"""Requests to join a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """A request to join a run.

    `join_key`, a secret of the client, makes repeated requests join the same player. Removed
    players are recognised by `skeleton` and `device_hash`, which differs from run to run, as does
    `network_hash`; without one the seats of the network are not limited. Of names with the same
    `looks` (`quiz.lookalikes`) only one is in a run.
    """

    run_id: str
    player_id: str
    nickname: str
    nickname_key: str
    join_key: str | None
    joined_at: int
    skeleton: str | None = None
    looks: str | None = None
    device_hash: str | None = None
    network_hash: str | None = None
