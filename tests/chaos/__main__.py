"""`python -m tests.chaos`: schedules of faults by seed, and whether every promise held."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from pathlib import Path

import uvloop

from tests.chaos import report
from tests.chaos.brokers import KINDS
from tests.chaos.trial import Options, try_seed
from tests.chaos.verdict import Verdict

SHOWN_VIOLATIONS = 12


def main() -> int:
    """Run the seeds; 1 when a promise was broken."""
    defaults = Options()
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", dest="seeds", help="one seed")
    parser.add_argument("--seeds", default="1-20", help="such as 7 or 1-20 or 3,8,11-13")
    parser.add_argument("--seconds", type=float, default=defaults.seconds, help="of faults, a seed")
    parser.add_argument("--slots", type=int, default=defaults.slots, help="runs at once")
    parser.add_argument("--players", type=int, default=defaults.players, help="in each run")
    parser.add_argument("--kafka", choices=KINDS, default=defaults.kafka, help="brokers")
    parser.add_argument("--out", type=Path, default=defaults.out, help="where evidence goes")
    parser.add_argument("--page", type=Path, help="a page whose tables are written anew")
    parser.add_argument("--minutes", type=float, default=50.0, help="start no seed after so many")
    given = parser.parse_args()
    options = Options(
        given.seconds, given.slots, given.players, given.kafka, defaults.drain_s, given.out
    )
    verdicts = []
    until = time.monotonic() + given.minutes * 60
    for seed in _seeds(given.seeds):
        if time.monotonic() > until:
            print(f"Time is up: seed {seed} and those after it were not tried.", flush=True)
            break
        verdict = uvloop.run(try_seed(seed, options))
        _tell(verdict)
        verdicts.append(verdict)
        report.write(given.out, verdicts)
    if given.page:
        report.write_page(given.page, verdicts)
    print(f"\n{report.markdown(verdicts)}\nIn full: {given.out}/results.json")
    return any(verdict.violations for verdict in verdicts)


def _seeds(text: str) -> list[int]:
    seeds = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return seeds


def _tell(verdict: Verdict) -> None:
    print(f"\nseed {verdict.seed}")
    for line in verdict.schedule:
        print(f"  {line}")
    if verdict.skipped:
        print(f"  {verdict.skipped} times no disk could be filled: mounting one needs root.")
    print(
        f"  {sum(verdict.faults.values())} faults, {verdict.runs} runs, {verdict.players} players, "
        f"{verdict.answers} answers acknowledged, {verdict.commands} commands, "
        f"{verdict.reconnects} times somebody came back\n"
        f"  slowest ack {verdict.worst_ack_s:.1f} s, longest wait for a snapshot "
        f"{verdict.worst_snapshot_s:.1f} s, with everything up {verdict.worst_calm_snapshot_s:.1f} s; "
        f"ready {verdict.calm_after_s:.1f} s after the last fault, "
        f"last end {verdict.last_end_s:.1f} s later; memory {verdict.memory_growth_mb:+.0f} MB"
    )
    if verdict.deaths:
        print(f"  ended by themselves: {', '.join(verdict.deaths)}")
    if verdict.violations:
        kinds = Counter(one.promise for one in verdict.violations)
        print(f"  BROKEN: {dict(kinds)}")
        for one in verdict.violations[:SHOWN_VIOLATIONS]:
            print(f"    {str(one)[:600]}")
        print(f'  again: make chaos CHAOS_ARGS="--seed {verdict.seed}"; logs: {verdict.logs}')
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
