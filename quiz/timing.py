"""How long before its opening a question is published, and what is done when that was too short."""

from __future__ import annotations

LEAD_MS = 300
LEAD_PLAYERS = 1_000
LEAD_MS_PER_PLAYER = 0.1
"""Rooms over `LEAD_PLAYERS` get this much more for each further player; see docs/benchmarks.md."""
MAX_LEAD_MS = 30_000
"""More than any single try to publish may take, so that doubling the lead always ends."""
RESUME_TOLERANCE_MS = 1_000
"""How much later than decided players may hear that the clock runs again: a resumed question has
no lead. What is beyond is given back to them.
"""
FINALE_MS = 4_500
"""From the decision to end a run to its podium: scoring, the way to everyone, and the drum roll of
the big screen, with which phones wait."""


def lead_ms(players: int, at_least: int = 0) -> int:
    """The time from deciding that a question opens to its opening."""
    return max(at_least, LEAD_MS + round(LEAD_MS_PER_PLAYER * max(0, players - LEAD_PLAYERS)))


def longer_lead_ms(lead: int) -> int:
    """The lead after one that was too short."""
    return min(2 * lead, MAX_LEAD_MS)


def next_lead_ms(lead: int, took: int) -> int:
    """The least lead of the next question, `took` ms having been enough of `lead` for this one."""
    return lead // 2 if took < lead // 4 else lead
