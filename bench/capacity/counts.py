"""Rows, bytes, records and actions of a run by its size, fitted to counts.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.capacity.leastsquares import fit, predict
from bus.topics import ANSWERS, RUN_EVENTS, SCORES

COUNTS: dict[str, Any] = json.loads((Path(__file__).parent / "counts.json").read_text())
CHECK = (100, 3)
"""Players and questions of the run that is predicted instead of fitted."""
_RARE = ("in.progress", "in.lobby", "in.other")
"""Frames whose number depends on time, not on questions."""
_WITHOUT_PLAYERS = ("Temporal: ", "Kafka: run events")
"""Quantities that do not grow with players: joins are reported at most once a second."""


def quantities(run: dict[str, Any]) -> dict[str, float]:
    """Return the counts of one run by name."""
    frames = run["frames"]
    down = {
        name: at
        for name, at in frames.items()
        if name.startswith("in.") and not name.startswith(_RARE)
    }
    return {
        "Temporal: events": run["temporal"]["events"],
        "Temporal: history bytes": run["temporal"]["bytes"],
        "Temporal: billed actions in the history": run["temporal"]["actions"],
        "Temporal: activities": run["temporal"]["activities"],
        "Temporal: local activities": run["temporal"]["local_activities"],
        "Kafka: run events": run["kafka"][RUN_EVENTS]["records"],
        "Kafka: bytes of run events": run["kafka"][RUN_EVENTS]["bytes"],
        "Kafka: answers and scores": sum(run["kafka"][one]["records"] for one in (ANSWERS, SCORES)),
        "Kafka: bytes of answers and scores": sum(
            run["kafka"][one]["bytes"] for one in (ANSWERS, SCORES)
        ),
        "PostgreSQL: log records": run["wal"]["records"],
        "PostgreSQL: log bytes": run["wal"]["bytes"],
        "Redis: bytes of memory": run["redis"]["bytes"],
        "Frames to players": sum(n for name, n in down.items() if name.endswith("frames")),
        "Bytes to players": sum(n for name, n in down.items() if name.endswith("bytes")),
    }


@dataclass(frozen=True, slots=True)
class Cost:
    """The growth of a quantity."""

    run: float
    question: float
    player: float
    answer: float

    def of(self, players: float, questions: float) -> float:
        """Return the quantity for a run of this size."""
        terms = (self.run, self.question, self.player, self.answer)
        return predict(terms, _row(players, questions))


def costs(*, check: tuple[int, int] | None = CHECK) -> dict[str, Cost]:
    """Fit the cost of each quantity to all runs except the one that checks the fit."""
    runs = [one for one in COUNTS["runs"] if (one["players"], one["questions"]) != check]
    counted = [quantities(one) for one in runs]
    found = {}
    for name in counted[0]:
        by_players = not name.startswith(_WITHOUT_PLAYERS)
        rows = [_row(one["players"], one["questions"]) for one in runs]
        rows = [row if by_players else row[:2] for row in rows]
        solved = fit(rows, [one[name] for one in counted])
        found[name] = Cost(*solved, *[0.0] * (4 - len(solved)))
    return found


def checked() -> dict[str, tuple[float, float]]:
    """Return the counts of the run that checks the fit, and the predictions."""
    (run,) = (one for one in COUNTS["runs"] if (one["players"], one["questions"]) == CHECK)
    known = costs()
    return {name: (at, known[name].of(*CHECK)) for name, at in quantities(run).items()}


def frame_bytes(name: str) -> float:
    """Return the mean size of a frame, such as ``in.progress``, over all runs."""
    total = sum(run["frames"].get(f"{name}.bytes", 0) for run in COUNTS["runs"])
    frames = sum(run["frames"].get(f"{name}.frames", 0) for run in COUNTS["runs"])
    return float(total / frames)


def bytes_per_row(table: str) -> float:
    """Return bytes in PostgreSQL per row, including indexes and free space."""
    found = COUNTS["relations"][table]
    return float(found["bytes"] / found["rows"])


def _row(players: float, questions: float) -> list[float]:
    # One player of each run does not answer.
    return [1.0, questions, players, (players - 1) * questions]
