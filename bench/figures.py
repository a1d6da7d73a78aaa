"""Compute figures from the players' records. Latencies are in milliseconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.bots.bot import percentile
from quiz.timing import lead_ms


@dataclass(slots=True)
class Room:
    """A run as its players, of all generators, saw it. `times` has each question's (opens_at,
    closes_at) in epoch milliseconds.
    """

    records: list[dict[str, Any]] = field(default_factory=list)
    times: dict[int, tuple[int, int]] = field(default_factory=dict)
    messages: Counter[str] = field(default_factory=Counter)

    def at(self, what: str, index: int) -> list[float]:
        """Return when players received ``questions`` or ``reveals`` of an index, in epoch ms."""
        key = str(index)
        return [one[what][key] * 1000 for one in self.records if key in one[what]]


def rooms_of(loads: Sequence[dict[str, Any]]) -> dict[str, Room]:
    """Return the runs by PIN, from the generators' output."""
    rooms: dict[str, Room] = {}
    for load in loads:
        for part in load["rooms"]:
            room = rooms.setdefault(part["pin"], Room())
            room.records += part["players"]
            room.times |= {int(index): tuple(pair) for index, pair in part["times"].items()}
            room.messages.update(part["messages"])
    return rooms


def figures(
    rooms: Mapping[str, Room], players: int, lags_s: Sequence[Sequence[float]]
) -> dict[str, Any]:
    """Return the figures of runs with `players` each.

    ``question``: from publication (`opens_at` − lead) to each player, the percentage that arrives
    before the question opens, and the spread from the first player to the last. ``ack``: from
    sending an answer to its acknowledgement; ``acks_per_s``: a question's acknowledged answers over
    the time from the first sent to the last acknowledged. ``reveal``: from the deadline to each
    player.
    """
    lead = lead_ms(players)
    records = [one for room in rooms.values() for one in room.records]
    joined = [one for one in records if one["joined"]]
    first, last = min(one["began"] for one in joined), max(one["joined"] for one in joined)
    heard: list[float] = []
    reveals: list[float] = []
    by_question: list[dict[str, Any]] = []
    for room in rooms.values():
        for index, (opens_at, closes_at) in sorted(room.times.items()):
            got = [at - (opens_at - lead) for at in room.at("questions", index)]
            shown = [at - closes_at for at in room.at("reveals", index)]
            heard += got
            reveals += shown
            by_question.append(
                {
                    "question": _ends(got),
                    "ack": summary(_latencies(room.records, index)),
                    "acks_per_s": _acks_per_s(room.records, index),
                    "reveal": _ends(shown),
                }
            )
    spreads = [one["question"]["last"] - one["question"]["first"] for one in by_question]
    in_time = sum(after <= lead for after in heard)
    messages: Counter[str] = Counter()
    for room in rooms.values():
        messages.update(room.messages)
    return {
        "lead_ms": lead,
        "join": summary([(one["joined"] - one["began"]) * 1000 for one in joined]),
        "join_total_s": round(last - first, 2),
        "question": {
            **summary(heard),
            "before_open_percent": round(100 * in_time / max(1, len(heard)), 3),
            "spread": summary(spreads),
        },
        "late": summary([max(0.0, after - lead) for after in heard]),
        "ack": summary([ack[1] * 1000 for one in records for ack in one["acks"].values()]),
        "acks_per_s": summary([one["acks_per_s"] for one in by_question]),
        "reveal": summary(reveals),
        "generator_lag": summary([lag * 1000 for lags in lags_s for lag in lags]),
        "by_question": by_question if len(rooms) == 1 else [],
        "messages": dict(messages),
    }


def late_questions(rooms: Mapping[str, Room], reveal_ms: float) -> dict[str, float]:
    """Return how much later than scheduled players received the next question: the delay that
    timers, queues and the steps of many concurrent runs add.
    """
    late = []
    for room in rooms.values():
        for index in sorted(room.times)[1:]:
            before, after = room.at("reveals", index - 1), room.at("questions", index)
            if before and after:
                late.append(min(after) - min(before) - reveal_ms)
    return summary(late)


def summary(values: Collection[float]) -> dict[str, float]:
    """Return the reported percentiles."""
    ordered: list[float] = sorted(values)
    named = {"p50": 50.0, "p95": 95.0, "p99": 99.0, "p999": 99.9, "max": 100.0}
    return {
        "count": len(ordered),
        **{name: round(float(percentile(ordered, percent)), 1) for name, percent in named.items()},
    }


def _latencies(records: Sequence[dict[str, Any]], index: int) -> list[float]:
    key = str(index)
    return [one["acks"][key][1] * 1000 for one in records if key in one["acks"]]


def _acks_per_s(records: Sequence[dict[str, Any]], index: int) -> float:
    key = str(index)
    taken: list[tuple[float, float]] = [
        (one["sent"][key], one["acks"][key][1]) for one in records if key in one["acks"]
    ]
    if not taken:
        return 0.0
    first, last = min(sent for sent, _ in taken), max(sent + after for sent, after in taken)
    return round(len(taken) / max(last - first, 1e-6), 1)


def _ends(values: Sequence[float]) -> dict[str, float]:
    """Return when the first and the last player received something."""
    ends = {"first": min(values, default=0.0), "last": max(values, default=0.0)}
    return {name: round(at, 1) for name, at in ends.items()}
