"""Safety settings of a run: who may join, under which names, and which answers are shown."""

from __future__ import annotations

import hashlib
from typing import Literal

from quiz.record import Record

NamePolicy = Literal["chosen", "generated"]


class SafetySettings(Record):
    """The safety settings of a run."""

    approve_players: bool = False
    """Whether players wait until the host admits them."""
    names: NamePolicy = "chosen"
    """`generated`: players get a friendly name in the quiz's language instead of choosing one."""
    filter_names: bool = True
    """Whether profane nicknames are refused (`quiz.profanity`)."""
    moderate_answers: bool = False
    """Whether typed answers are shown to everyone only after the host has approved them."""


def device_hash(run_id: str, device: str | None) -> str | None:
    """Hash a device id with the run id, so that devices cannot be tracked across runs."""
    if device is None:
        return None
    return hashlib.sha256(f"{run_id}\n{device}".encode("utf-8", "surrogatepass")).hexdigest()
