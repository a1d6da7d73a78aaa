"""What further gateways and workers cost: the CPU of one load on one, two and four of them.

``python -m bench.capacity.processes`` measures every case (a quarter of an hour) and writes
processes.json; with names of cases it measures these only. Each case runs `make bench`'s command on
a stack of its own. Measure all of them with the same code: further processes are compared with the
case that has one of each.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.capacity.cpu import COMPONENTS, CpuModel, Load
from bench.capacity.leastsquares import fit, predict

PROCESSES = Path(__file__).parent / "processes.json"
_CASE_S = 300.0


@dataclass(frozen=True, slots=True)
class Case:
    """Concurrent runs of one size on some gateways and workers."""

    players: int
    runs: int
    gateways: int
    workers: int

    @property
    def name(self) -> str:
        return f"{self.runs}x{self.players}-g{self.gateways}-w{self.workers}"

    @property
    def alone(self) -> Case:
        """The same load on one gateway and one worker."""
        return Case(self.players, self.runs, 1, 1)

    @property
    def options(self) -> list[str]:
        """The options of ``python -m bench``."""
        size = ["--part", "many", "--runs", str(self.runs)]
        if self.runs == 1:
            size = ["--part", "rooms", "--players", str(self.players)]
        return [*size, "--gateways", str(self.gateways), "--workers", str(self.workers)]


CASES = (
    *(Case(2_000, 1, gateways, 1) for gateways in (1, 2, 4)),
    *(Case(50, 60, gateways, workers) for gateways in (1, 2) for workers in (1, 2, 4)),
    Case(50, 60, 4, 1),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a case cost while playing."""

    case: Case
    questions: int
    answers: int
    messages: int
    """Messages to players, without those of the lobby."""
    cpu_s: dict[str, float]
    """By component, over all its processes."""

    @classmethod
    def of(cls, document: dict[str, Any]) -> Measured:
        """Read it from the JSON that `python -m bench` writes."""
        (found,) = document.get("rooms") or document["many"]
        stack = document["stack"]
        cpu_s = dict.fromkeys(COMPONENTS, 0.0)
        for process, used_s in found["cpu_s"]["playing"].items():
            component = process.partition("-")[0]
            if component in cpu_s:
                cpu_s[component] = round(cpu_s[component] + used_s, 2)
        return cls(
            Case(found["players"], found["runs"], stack["gateways"], stack["workers"]),
            found["scenario"]["questions"],
            found["ack"]["count"],
            sum(n for name, n in found["messages"].items() if name != "lobby"),
            cpu_s,
        )

    @property
    def load(self) -> Load:
        """The load in the terms of the CPU model."""
        return Load(self.case.players, self.case.runs, self.questions, gateways=self.case.gateways)


def stored() -> dict[Case, Measured]:
    """Return the measurements in processes.json."""
    if not PROCESSES.exists():
        return {}
    found = json.loads(PROCESSES.read_text())["cases"]
    all_ = [Measured(**{**one, "case": Case(**one["case"])}) for one in found]
    return {one.case: one for one in all_}


@dataclass(frozen=True, slots=True)
class Further:
    """CPU of each process after the first, in seconds."""

    run_question: float = 0.0
    """Of a gateway, for a question of a run that has players on another gateway too."""
    gateway_second: dict[str, float] = field(default_factory=dict)
    """By component, for each second of a further gateway."""
    worker_second: dict[str, float] = field(default_factory=dict)
    """By component, for each second of a further worker."""

    @classmethod
    def fitted(cls, measured: dict[Case, Measured], cpu: CpuModel) -> Further:
        """Fit to measurements of the same code; each load must be among them on one of each."""
        found = {
            component: fit(
                [_row(component, one, measured, cpu) for one in measured.values()],
                [one.cpu_s[component] for one in measured.values()],
            )
            for component in COMPONENTS
        }
        return cls(
            run_question=found["gateway"][1],
            gateway_second={name: solved[-2] for name, solved in found.items()},
            worker_second={name: solved[-1] for name, solved in found.items()},
        )

    def cpu_s(
        self, component: str, one: Measured, measured: dict[Case, Measured], cpu: CpuModel
    ) -> float:
        """Predict a case from the same load on one gateway and one worker."""
        terms = [1.0, *([self.run_question] if component == "gateway" else [])]
        terms += [self.gateway_second[component], self.worker_second[component]]
        return predict(terms, _row(component, one, measured, cpu))


def _row(
    component: str, one: Measured, measured: dict[Case, Measured], cpu: CpuModel
) -> list[float]:
    case, first = one.case, measured[one.case.alone]
    load, base = one.load, first.cpu_s[component]
    row = [load.seconds * (case.gateways - 1), load.seconds * (case.workers - 1)]
    # Each gateway has its own batches of answers, and its own budget of `progress`.
    if component in {"gateway", "postgres"}:
        base += cpu.coefficients[component][1] * (load.batches - first.load.batches)
    if component == "gateway":
        base += cpu.coefficients["gateway"][2] * (one.messages - first.messages)
        row.insert(0, load.run_questions * (case.gateways - 1))
    return [base, *row]


def measure(case: Case) -> Measured:
    """Run the benchmark of a case; its targets may be missed on a small machine."""
    with tempfile.TemporaryDirectory(prefix="quizrun-bench-") as directory:
        output = Path(directory) / "case.json"
        command = [sys.executable, "-m", "bench", *case.options, "--output", str(output)]
        subprocess.run(command, check=False, timeout=_CASE_S)
        return Measured.of(json.loads(output.read_text()))


def store(measured: Measured) -> None:
    """Add or replace a case in processes.json."""
    cases = stored() | {measured.case: measured}
    ordered = sorted(cases.values(), key=lambda one: CASES.index(one.case))
    document = {
        "note": "CPU seconds while playing, from `python -m bench.capacity.processes`: one machine "
        "with two cores, load generator included.",
        "cases": [asdict(one) for one in ordered],
    }
    PROCESSES.write_text(json.dumps(document, indent=1) + "\n")


def main(names: list[str]) -> None:
    """Measure the cases with these names, or all."""
    known = {case.name: case for case in CASES}
    if names == ["--list"]:
        print("\n".join(known))
        return
    for name in names or known:
        print(f"{name}…", flush=True)
        store(measure(known[name]))


if __name__ == "__main__":
    main(sys.argv[1:])
