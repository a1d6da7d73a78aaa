"""Leads: how long before it opens a question is published, and how the lead adapts."""

from __future__ import annotations

LEAD_MS = 300
LEAD_PLAYERS = 1_000
LEAD_MS_PER_PLAYER = 0.1
"""Added for each player beyond `LEAD_PLAYERS`; measured in docs/benchmarks.md."""
MAX_ROOM_LEAD_MS = 2_000
"""The most that the size of a room adds up to: whoever fills it with bots must not make everybody
wait. A question that cannot be published in time is moved, with a longer lead.
"""
MAX_ROOMY_LEAD_MS = 2_000
"""How far a lead follows the time that publishing took."""
MAX_LEAD_MS = 30_000
"""Longer than any attempt to publish may take, so that doubling the lead terminates."""
RESUME_TOLERANCE_MS = 1_000
"""A resumed question has no lead: if publishing `run.resumed` takes longer than this, players get
the lost time back.
"""
FINALE_MS = 4_500
"""The time from the decision to end a run to its podium: scoring, delivery, and the drum roll on
the big screen."""


def lead_ms(players: int, at_least: int = 0) -> int:
    """Return the time from the decision to open a question to its opening."""
    for_room = LEAD_MS + round(LEAD_MS_PER_PLAYER * max(0, players - LEAD_PLAYERS))
    return max(at_least, min(for_room, MAX_ROOM_LEAD_MS))


def longer_lead_ms(lead: int) -> int:
    """Return the lead to try after one that was too short."""
    return min(2 * lead, MAX_LEAD_MS)


def roomy_lead_ms(took: int) -> int:
    """Return a lead for a publication that may take half as long again as the last one.

    At most `MAX_ROOMY_LEAD_MS`: what takes longer is an outage, which may be over.
    """
    return min(took + took // 2, MAX_ROOMY_LEAD_MS)


def next_lead_ms(lead: int, took: int) -> int:
    """Return the minimum lead of the next question, if publishing took `took` ms of `lead`."""
    return lead // 2 if took < lead // 4 else lead
