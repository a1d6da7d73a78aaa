"""How a run is kept safe: who comes in, under what names, and what is shown of typed answers."""

from __future__ import annotations

import hashlib
from typing import Literal

from quiz.record import Record

NamePolicy = Literal["chosen", "generated"]


class SafetySettings(Record):
    """The part of a run's settings that keeps its room safe."""

    approve_players: bool = False
    """Whoever joins waits until the host lets them in."""
    names: NamePolicy = "chosen"
    """`generated`: players get a friendly name in the quiz's language instead of choosing one."""
    moderate_answers: bool = False
    """Typed answers are shown to players and on the big screen only after the host's look."""


def device_hash(run_id: str, device: str | None) -> str | None:
    """The same for a device within a run only, so that nobody can be followed from run to run."""
    if device is None:
        return None
    return hashlib.sha256(f"{run_id}\n{device}".encode("utf-8", "surrogatepass")).hexdigest()
