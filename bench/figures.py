"""From what players saw to figures. Latencies are in milliseconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from activities.questions import lead_ms
from deploy.local.bots import percentile

Loads = Sequence[dict[str, Any]]


def figures(loads: Loads, players: int) -> dict[str, Any]:
    """The figures of one run.

    ``question``: from publication (`opens_at` − lead) to each player, `before_open_percent` of
    them before it opens, and the spread from the first player to the last. ``ack``: from sending
    an answer to its acknowledgement. ``reveal``: from the deadline to each player.
    """
    records = [player for load in loads for player in load["players"]]
    times = {int(index): pair for load in loads for index, pair in load["times"].items()}
    lead = lead_ms(players)
    joined = [player for player in records if player["joined"]]
    joins = [(player["joined"] - player["began"]) * 1000 for player in joined]
    first, last = min(one["began"] for one in joined), max(one["joined"] for one in joined)
    acks = [ack[1] * 1000 for player in records for ack in player["acks"].values()]
    heard, reveals, by_question = [], [], []
    for index, (opens_at, closes_at) in sorted(times.items()):
        got = [at - (opens_at - lead) for at in _at(records, "questions", index)]
        shown = [at - closes_at for at in _at(records, "reveals", index)]
        taken = [one["acks"][str(index)][1] * 1000 for one in records if str(index) in one["acks"]]
        heard += got
        reveals += shown
        by_question.append({"question": _ends(got), "ack": _summary(taken), "reveal": _ends(shown)})
    spreads = [one["question"]["last"] - one["question"]["first"] for one in by_question]
    in_time = sum(after <= lead for after in heard)
    return {
        "lead_ms": lead,
        "join": _summary(joins),
        "join_total_s": round(last - first, 2),
        "question": {
            **_summary(heard),
            "before_open_percent": round(100 * in_time / max(1, len(heard)), 3),
            "spread": _summary(spreads),
        },
        "ack": _summary(acks),
        "reveal": _summary(reveals),
        "generator_lag": _summary([lag * 1000 for load in loads for lag in load["lags_s"]]),
        "by_question": by_question,
        "messages": _messages(loads),
    }


def _at(records: list[dict[str, Any]], what: str, index: int) -> list[float]:
    """When each player got it, in epoch milliseconds."""
    return [player[what][str(index)] * 1000 for player in records if str(index) in player[what]]


def _ends(values: Sequence[float]) -> dict[str, float]:
    """When the first and the last player got something."""
    ends = {"first": min(values, default=0.0), "last": max(values, default=0.0)}
    return {name: round(at, 1) for name, at in ends.items()}


def _messages(loads: Loads) -> dict[str, int]:
    """How many messages players got, by event."""
    total: Counter[str] = Counter()
    for load in loads:
        total.update(load["messages"])
    return dict(total)


def _summary(values: Sequence[float]) -> dict[str, float]:
    named = {"p50": 50.0, "p95": 95.0, "p99": 99.0, "p999": 99.9, "max": 100.0}
    return {
        "count": len(values),
        **{name: round(percentile(values, percent), 1) for name, percent in named.items()},
    }
