"""The CPU of each component, fitted to the figures of docs/benchmarks.md (benchmarks.json)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.capacity.leastsquares import fit, predict
from gateway.live.outbound.pacing import MESSAGES_PER_S

BENCHMARKS: dict[str, Any] = json.loads((Path(__file__).parent / "benchmarks.json").read_text())
COMPONENTS = ("gateway", "worker", "postgres", "temporal", "kafka")

SPREAD_S = 3.0
"""The benchmarks spread answers evenly over this time."""
_QUESTION_S = 8.0
_PROGRESS_PER_S = 4.0
_BATCH_S = 0.01


@dataclass(frozen=True, slots=True)
class Load:
    """Concurrent runs of one size, with the players of each spread over the gateways."""

    players: int
    runs: int
    questions: int
    spread_s: float = SPREAD_S
    question_s: float = _QUESTION_S
    gateways: int = 1

    @property
    def run_questions(self) -> float:
        """Questions over all runs."""
        return self.runs * self.questions

    @property
    def answers(self) -> float:
        """Answers; one player of each run does not answer in the benchmarks."""
        return self.run_questions * (self.players - 1)

    @property
    def progress(self) -> float:
        """Progress messages: four a second, or what the gateways' budgets allow, and the last one
        of each question.
        """
        everyone = self.players * self.runs
        rounds = min(
            _PROGRESS_PER_S * self.spread_s,
            1 + math.ceil(self.spread_s * MESSAGES_PER_S * self.gateways / everyone),
        )
        return rounds * everyone * self.questions

    @property
    def deliveries(self) -> float:
        """Messages to players: progress, and about 2.5 per question (question, reveal)."""
        return self.progress + 2.5 * self.players * self.run_questions

    @property
    def batches(self) -> float:
        """Transactions that store answers: an answer opens one, which includes all that arrive
        at a gateway within 10 ms (ADR 8). Concurrent runs share them.
        """
        rate = (self.players - 1) * self.runs / self.spread_s
        return self.questions * self.spread_s * rate / (1 + rate * _BATCH_S / self.gateways)

    @property
    def seconds(self) -> float:
        """The duration of play."""
        return self.questions * self.question_s


SINGLE = tuple(Load(one["players"], 1, one["questions"]) for one in BENCHMARKS["single"])
MANY = Load(
    BENCHMARKS["many"]["players"], BENCHMARKS["many"]["runs"], BENCHMARKS["many"]["questions"]
)
LOADS = (*SINGLE, MANY)

# What drives a component's CPU. Each process also has a cost per second.
_DRIVERS: dict[str, tuple[Callable[[Load], float], ...]] = {
    "gateway": (
        lambda load: load.run_questions,
        lambda load: load.batches,
        lambda load: load.deliveries,
        lambda load: load.seconds,
    ),
    "worker": (
        lambda load: load.run_questions,
        lambda load: load.answers,
        lambda load: load.seconds,
    ),
    "postgres": (
        lambda load: load.run_questions,
        lambda load: load.batches,
        lambda load: load.answers,
    ),
    "temporal": (
        lambda load: load.run_questions,
        lambda load: load.seconds,
        lambda load: load.answers,
    ),
    "kafka": (lambda load: load.seconds, lambda load: load.answers),
}
DRIVERS = {
    "gateway": ("run question", "batch of answers", "message delivered", "second of a process"),
    "worker": ("run question", "answer", "second of a process"),
    "postgres": ("run question", "batch of answers", "answer"),
    "temporal": ("run question", "second of a process", "answer"),
    "kafka": ("second of a process", "answer"),
}


def measured(component: str, load: Load) -> float | None:
    """Return the CPU seconds in docs/benchmarks.md, or None."""
    for one in BENCHMARKS["single"]:
        if load.runs == 1 and one["players"] == load.players:
            return float(one["cpu_s"][component])
    found = BENCHMARKS["many"]["cpu_s"].get(component) if load == MANY else None
    return None if found is None else float(found)


@dataclass(frozen=True, slots=True)
class CpuModel:
    """Coefficients by component: seconds of CPU per unit of each driver."""

    coefficients: dict[str, list[float]]

    @classmethod
    def fitted(cls, loads: Sequence[Load] = LOADS) -> CpuModel:
        """Fit to the measurements of these loads."""
        found = {}
        for component in COMPONENTS:
            known = [(load, at) for load in loads if (at := measured(component, load)) is not None]
            rows = [_row(component, load) for load, _ in known]
            found[component] = fit(rows, [at for _, at in known])
        return cls(found)

    def cpu_s(self, component: str, load: Load) -> float:
        """Return the CPU seconds of a component."""
        return predict(self.coefficients[component], _row(component, load))


def _row(component: str, load: Load) -> list[float]:
    return [driver(load) for driver in _DRIVERS[component]]
