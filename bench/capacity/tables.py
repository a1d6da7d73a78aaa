"""The Markdown tables of docs/capacity.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from bench.capacity.assumptions import Assumptions
from bench.capacity.bill import HIGH, LOW, SIZES, bill, sheet, temporal_cloud, temporal_own
from bench.capacity.counts import CHECK, checked, costs
from bench.capacity.cpu import (
    BENCHMARKS,
    COMPONENTS,
    DRIVERS,
    LOADS,
    MANY,
    CpuModel,
    Load,
    measured,
)
from bench.capacity.processes import Further, stored
from bench.capacity.scenarios import SCALES, Scenario, giant, many
from bench.capacity.simulate import Course, Fleet, fleet, in_step, simulate

FLEET_CORES = (2, 8, 16)
UTILISATIONS = (0.4, 0.6, 0.8, 0.9)
_ASSUMED = Assumptions()
COURSE = Course.splitting(
    BENCHMARKS["many"]["all_cpu_per_question_s"],
    questions=6,
    time_limit_s=_ASSUMED.time_limit_s,
    spread_s=_ASSUMED.spread_s,
    reveal_s=_ASSUMED.reveal_s,
)
"""A typical small run; the benchmark's questions are shorter."""


@cache
def fleets(cores: int) -> tuple[Fleet, ...]:
    """Simulate fleets of that many cores at each utilisation."""
    return tuple(fleet(COURSE, cores, share) for share in UTILISATIONS)


def figure(value: float, digits: int = 2) -> str:
    """Format a number with significant digits and thousands separators."""
    if value == 0:
        return "0"
    text = f"{float(f'{value:.{digits}g}'):,.10f}".rstrip("0").rstrip(".")
    return text or "0"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _scenarios() -> list[Scenario]:
    return [*map(many, SCALES), *map(giant, SCALES)]


def _names() -> list[str]:
    return [
        f"{scale:,} {'in one' if whole else 'in runs of 50'}"
        for whole in (False, True)
        for scale in SCALES
    ]


def cpu_units() -> str:
    """The coefficients of the CPU model."""
    model = CpuModel.fitted()
    rows = [
        [component, driver, figure(1e6 * value)]
        for component in COMPONENTS
        for driver, value in zip(DRIVERS[component], model.coefficients[component], strict=True)
    ]
    return _table(["component", "for each", "µs of CPU"], rows)


def _name(load: Load) -> str:
    return "200 × 50" if load == MANY else f"{load.players:,}"


def cpu_errors() -> str:
    """Each measurement, predicted from the others."""
    rows = []
    for component in COMPONENTS:
        row = [component]
        for load in LOADS:
            at = measured(component, load)
            if at is None:
                row.append("–")
                continue
            fitted = CpuModel.fitted().cpu_s(component, load)
            others = CpuModel.fitted([one for one in LOADS if one != load])
            alone = others.cpu_s(component, load)
            row.append(f"{at:g}: {fitted / at - 1:+.0%}, {alone / at - 1:+.0%}")
        rows.append(row)
    return _table(["", *map(_name, LOADS)], rows)


def processes() -> str:
    """The same load on more gateways and workers: CPU seconds, and the total by unit."""
    cpu, known = CpuModel.fitted(), stored()
    further = Further.fitted(known, cpu)
    rows = []
    for case, one in known.items():
        total = sum(one.cpu_s.values())
        rows.append(
            [
                "1 × 2,000" if case.runs == 1 else f"{case.runs} × {case.players}",
                str(case.gateways),
                str(case.workers),
                *(f"{one.cpu_s[component]:.1f}" for component in COMPONENTS),
                f"{total:.1f}",
                figure(1e3 * total / one.answers),
                figure(1e6 * one.cpu_s["gateway"] / one.messages),
                figure(1e3 * total / one.load.run_questions),
                f"{further.cpu_s('gateway', one, known, cpu) / one.cpu_s['gateway'] - 1:+.0%}",
            ]
        )
    head = ["runs", "gateways", "workers", *COMPONENTS, "together", "ms an answer"]
    head += ["gateways, µs a message", "ms a run question", "model's error, gateways"]
    return _table(head, rows)


def further_units() -> str:
    """What processes after the first cost."""
    further = Further.fitted(stored(), CpuModel.fitted())
    shared = "question of a run with players on another gateway"
    rows = [["gateway", shared, figure(1e6 * further.run_question)]]
    for process in ("gateway", "worker"):
        seconds = further.gateway_second if process == "gateway" else further.worker_second
        rows += [
            [component, f"second of a further {process}", figure(1e6 * seconds[component])]
            for component in COMPONENTS
        ]
    return _table(["component", "for each", "µs of CPU"], rows)


def count_units() -> str:
    """What runs produce, and the check of the fit."""
    tried = checked()
    rows = []
    for name, cost in costs().items():
        at, said = tried[name]
        cells = [cost.run, cost.question, cost.player, cost.answer]
        rows.append(
            [name, *(figure(cell, 3) for cell in cells), figure(at, 4), f"{said / at - 1:+.0%}"]
        )
    players, questions = CHECK
    head = ["", "a run", "a question", "a player", "player × question"]
    return _table([*head, f"counted: {players} players, {questions} questions", "error"], rows)


def step() -> str:
    """The simulation and the measured 200 × 50."""
    late = BENCHMARKS["many"]["reveal_late_s"]
    outcome = simulate(
        Course.splitting(BENCHMARKS["many"]["all_cpu_per_question_s"]), in_step(200), 2
    )
    rows = [
        ["simulated", f"{outcome.late(0.5):.1f}", f"{outcome.late(0.99):.1f}"],
        ["measured, a faster hour", *(f"{late['quiet'][name]:g}" for name in ("p50", "p99"))],
        ["measured, the table's hour", *(f"{late['table'][name]:g}" for name in ("p50", "p99"))],
    ]
    return _table(["200 runs of 50 in step, two cores", "reveal p50, s", "p99, s"], rows)


def utilisation() -> str:
    """Fleets of unsynchronised runs."""
    rows = [
        [
            str(cores),
            f"{one.utilisation:.0%}",
            f"{one.runs:,}",
            f"{one.peak_to_mean:.2f}",
            figure(1000 * (one.late_p50_s - COURSE.settle_s)),
            figure(1000 * (one.late_p99_s - COURSE.settle_s)),
        ]
        for cores in FLEET_CORES
        for one in fleets(cores)
    ]
    head = [
        "cores",
        "in use",
        "runs of 50",
        "busiest second / mean",
        "reveal after settling, p50, ms",
    ]
    return _table([*head, "p99, ms"], rows)


_NEEDS: dict[str, Callable[[Scenario], float]] = {
    "runs": lambda one: one.runs,
    "questions a second": lambda one: one.run_questions_per_s,
    "answers a second": lambda one: one.answers_per_s,
    "joins a second": lambda one: one.joins_per_s,
    "gateways": lambda one: one.gateways,
    "gateways, each with only its own runs": lambda one: one.redesigned.gateways,
    "gateways that have players of a run": lambda one: one.run_gateways,
    "cores: gateways": lambda one: one.cores["gateway"],
    "workers": lambda one: one.cores["worker"],
    "PostgreSQL": lambda one: one.cores["postgres"],
    "Temporal": lambda one: one.cores["temporal"],
    "events that each gateway decodes a second": lambda one: one.events_per_s,
    "of a core for that": lambda one: one.foreign_core,
    "scoring a question in one process, s": lambda one: one.scoring_s,
    "Temporal actions a second": lambda one: one.actions_per_s,
    "into Kafka, MB/s": lambda one: one.stream_bytes_per_s / 1e6,
    "into one partition, MB/s": lambda one: one.partition_bytes_per_s / 1e6,
    "PostgreSQL's log, MB/s": lambda one: one.wal_bytes_per_s / 1e6,
    "to players, Gbit/s": lambda one: one.downstream_bytes_per_s * 8 / 1e9,
    "sockets, GB": lambda one: one.socket_bytes / 1e9,
    "Redis, GB": lambda one: one.redis_bytes / 1e9,
    "a month: questions over all runs, millions": lambda one: one.run_questions_month / 1e6,
    "to players, TB": lambda one: one.redesigned.downstream_bytes_month / 1e12,
    "new rows with indexes, GB": lambda one: one.storage_bytes_month / 1e9,
}


def needs() -> str:
    """The needs of each scenario."""
    found = _scenarios()
    rows = [[name, *(figure(of(one)) for one in found)] for name, of in _NEEDS.items()]
    return _table(["", *_names()], rows)


def _range(low: float, high: float) -> str:
    first, second = figure(min(low, high)), figure(max(low, high))
    return first if first == second else f"{first} – {second}"


def bills() -> str:
    """Dollars per month, as ranges."""
    found = [one.redesigned for one in _scenarios()]
    low, high = ([bill(one, margin) for one in found] for margin in (LOW, HIGH))
    rows = [
        [item, *(_range(a[item], b[item]) for a, b in zip(low, high, strict=True))]
        for item in low[0]
    ]
    own = [(temporal_own(one, LOW), temporal_own(one, HIGH)) for one in found]
    cloud = [temporal_cloud(one) for one in found]
    totals = [(sum(a.values()), sum(b.values())) for a, b in zip(low, high, strict=True)]
    rows += [
        ["Temporal, self-hosted", *(_range(*one) for one in own)],
        ["*or* Temporal Cloud", *(figure(one) for one in cloud)],
        [
            "**total, self-hosted**",
            *(f"**{_range(a + c, b + d)}**" for (a, b), (c, d) in zip(totals, own, strict=True)),
        ],
        [
            "**total, Temporal Cloud**",
            *(f"**{_range(a + c, b + c)}**" for (a, b), c in zip(totals, cloud, strict=True)),
        ],
    ]
    return _table(["dollars a month", *_names()], rows)


def sheets() -> str:
    """The three sizes of deploy/aws."""
    found = [sheet(size) for size in SIZES]
    rows = [[item, *(_range(*one[item]) for one in found)] for item in found[0]]
    totals = [_range(*(sum(pair[end] for pair in one.values()) for end in (0, 1))) for one in found]
    rows.append(["**together**", *(f"**{total}**" for total in totals)])
    return _table(["dollars a month", *SIZES], rows)


TABLES: dict[str, Callable[[], str]] = {
    "cpu_units": cpu_units,
    "cpu_errors": cpu_errors,
    "processes": processes,
    "further_units": further_units,
    "count_units": count_units,
    "step": step,
    "utilisation": utilisation,
    "needs": needs,
    "bills": bills,
    "sheets": sheets,
}
