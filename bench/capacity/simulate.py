"""A queue of many runs on a few cores: what running in step costs, and how busy a fleet may be.

Each run goes through its questions as its workflow does: a step that opens the question, answers
that trickle in, a step that closes and reveals it, a pause. Steps wait for a free core, first come,
first served; a late step delays everything after it in the same run.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

_ANSWER_JOBS = 10


@dataclass(frozen=True, slots=True)
class Course:
    """What one run does. CPU in seconds over all components, for one question."""

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
        """How long a question takes when nothing waits for a core."""
        return self.lead_s + self.time_limit_s + self.settle_s + self.reveal_s

    @property
    def cpu_s(self) -> float:
        """CPU seconds of a question."""
        return self.open_cpu_s + self.answers_cpu_s + self.close_cpu_s

    @classmethod
    def splitting(cls, cpu_s: float, answers_share: float = 0.15, **options: float) -> Course:
        """A question that costs so much: a share for the answers, the rest half to opening, half
        to closing, since each is one activity and about as many events of the history.
        """
        step = cpu_s * (1 - answers_share) / 2
        return cls(step, cpu_s * answers_share, step, **options)  # type: ignore[arg-type]


@dataclass(slots=True)
class Outcome:
    """From a deadline to its reveal in seconds, the settle time included; `busy` has the CPU
    seconds by second of time.
    """

    reveals_late_s: list[float] = field(default_factory=list)
    busy: dict[int, float] = field(default_factory=dict)
    ended_s: float = 0.0
    cores: int = 1

    def late(self, share: float) -> float:
        """The time to a reveal that this share of them does not exceed."""
        return percentile(self.reveals_late_s, share)

    def utilisation(self, warm_s: float, until_s: float) -> float:
        """The mean share of the cores in use in that time."""
        used = sum(self.busy.get(second, 0.0) for second in range(int(warm_s), int(until_s)))
        return used / (self.cores * (int(until_s) - int(warm_s)))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of `values` does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def simulate(course: Course, starts_s: Sequence[float], cores: int) -> Outcome:
    """Play runs that start at these times on `cores`."""
    outcome = Outcome(cores=cores)
    free = [0.0] * cores
    # (time, tie-break, run, what, question): what is due next of each run.
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
            # The lead hides what the opening takes, as long as it is shorter.
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
    """All begin at once; 20 at a time, as the benchmark starts them."""
    return [0.01 * (number // 20) for number in range(runs)]


def spread(runs: int, over_s: float, seed: int = 7) -> list[float]:
    """Begin at random moments of `over_s`."""
    rng = random.Random(seed)
    return [rng.uniform(0, over_s) for _ in range(runs)]


@dataclass(frozen=True, slots=True)
class Fleet:
    """A fleet at one utilisation."""

    runs: int
    cores: int
    utilisation: float
    peak_to_mean: float
    late_p50_s: float
    late_p99_s: float


def fleet(course: Course, cores: int, wanted: float, seed: int = 7) -> Fleet:
    """As many runs out of step as give `cores` the wanted mean utilisation."""
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
