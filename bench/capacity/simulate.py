"""Simulate many runs on a few cores: the cost of synchronised runs, and the usable utilisation.

Each run goes through its questions like its workflow: a step that opens the question, answers over
time, a step that closes and reveals it, a pause. Steps wait for a free core in FIFO order; a late
step delays everything after it in the same run.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

_ANSWER_JOBS = 10


@dataclass(frozen=True, slots=True)
class Course:
    """The course of a run. CPU in seconds over all components, per question."""

    open_cpu_s: float
    answers_cpu_s: float
    close_cpu_s: float
    questions: int = 5
    lead_s: float = 0.3
    time_limit_s: float = 5.0
    spread_s: float = 3.0
    settle_s: float = 0.3
    reveal_s: float = 2.0

    @property
    def question_s(self) -> float:
        """The duration of a question without waiting for a core."""
        return self.lead_s + self.time_limit_s + self.settle_s + self.reveal_s

    @property
    def cpu_s(self) -> float:
        """CPU seconds per question."""
        return self.open_cpu_s + self.answers_cpu_s + self.close_cpu_s

    @classmethod
    def splitting(cls, cpu_s: float, answers_share: float = 0.15, **options: float) -> Course:
        """Split a question's cost: a share for the answers, the rest half each for opening and
        closing, since each is one activity with about as many history events.
        """
        step = cpu_s * (1 - answers_share) / 2
        return cls(step, cpu_s * answers_share, step, **options)  # type: ignore[arg-type]


@dataclass(slots=True)
class Outcome:
    """Seconds from deadlines to reveals, including the settle time; `busy` has the CPU seconds used
    per second of time.
    """

    reveals_late_s: list[float] = field(default_factory=list)
    busy: dict[int, float] = field(default_factory=dict)
    ended_s: float = 0.0
    cores: int = 1

    def late(self, share: float) -> float:
        """Return the delay that this share of reveals does not exceed."""
        return percentile(self.reveals_late_s, share)

    def utilisation(self, warm_s: float, until_s: float) -> float:
        """Return the mean share of the cores in use in that period."""
        used = sum(self.busy.get(second, 0.0) for second in range(int(warm_s), int(until_s)))
        return used / (self.cores * (int(until_s) - int(warm_s)))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of `values` does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def simulate(course: Course, starts_s: Sequence[float], cores: int) -> Outcome:
    """Play runs with these start times on `cores`."""
    outcome = Outcome(cores=cores)
    free = [0.0] * cores
    # (time, tie-break, run, what, question): each run's next step.
    due = [(at, number, number, "open", 0) for number, at in enumerate(starts_s)]
    heapq.heapify(due)
    ties = len(due)
    while due:
        at, _, run, what, question = heapq.heappop(due)
        cpu_s = {
            "open": course.open_cpu_s,
            "answers": course.answers_cpu_s / _ANSWER_JOBS,
            "close": course.close_cpu_s,
        }[what]
        begun = max(at, heapq.heappop(free))
        ended = begun + cpu_s
        heapq.heappush(free, ended)
        _book(outcome, begun, ended)
        following: list[tuple[float, str, int]] = []
        if what == "open":
            # The lead hides the time to open, as long as that is shorter.
            opens = max(at + course.lead_s, ended)
            following = [
                (opens + course.spread_s * (job + 0.5) / _ANSWER_JOBS, "answers", question)
                for job in range(_ANSWER_JOBS)
            ]
            following.append((opens + course.time_limit_s + course.settle_s, "close", question))
        elif what == "close":
            outcome.reveals_late_s.append(ended - at + course.settle_s)
            if question + 1 < course.questions:
                following = [(ended + course.reveal_s, "open", question + 1)]
        for when, next_what, index in following:
            heapq.heappush(due, (when, ties, run, next_what, index))
            ties += 1
        outcome.ended_s = max(outcome.ended_s, ended)
    return outcome


def _book(outcome: Outcome, begun: float, ended: float) -> None:
    while begun < ended:
        second = int(begun)
        until = min(ended, second + 1)
        outcome.busy[second] = outcome.busy.get(second, 0.0) + until - begun
        begun = max(until, begun + 1e-9)


def in_step(runs: int) -> list[float]:
    """Return simultaneous starts, 20 at a time as in the benchmark."""
    return [0.01 * (number // 20) for number in range(runs)]


def spread(runs: int, over_s: float, seed: int = 7) -> list[float]:
    """Return random starts within `over_s`."""
    rng = random.Random(seed)
    return [rng.uniform(0, over_s) for _ in range(runs)]


@dataclass(frozen=True, slots=True)
class Fleet:
    """A fleet at a utilisation."""

    runs: int
    cores: int
    utilisation: float
    peak_to_mean: float
    late_p50_s: float
    late_p99_s: float


def fleet(course: Course, cores: int, wanted: float, seed: int = 7) -> Fleet:
    """Simulate as many unsynchronised runs as give `cores` the wanted mean utilisation."""
    runs = max(1, round(wanted * cores * course.question_s / course.cpu_s))
    outcome = simulate(course, spread(runs, course.question_s, seed), cores)
    warm, until = course.question_s, course.question_s * (course.questions - 1)
    seconds = [outcome.busy.get(second, 0.0) for second in range(int(warm), int(until))]
    mean = sum(seconds) / len(seconds)
    return Fleet(
        runs=runs,
        cores=cores,
        utilisation=mean / cores,
        peak_to_mean=percentile(seconds, 0.99) / mean,
        late_p50_s=outcome.late(0.5),
        late_p99_s=outcome.late(0.99),
    )
