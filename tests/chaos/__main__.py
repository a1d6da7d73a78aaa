"""`python -m tests.chaos`: schedules of faults by seed, and whether every promise held."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import uvloop

from deploy.engines.jars import missing_programs
from deploy.engines.prepare import missing
from tests.chaos import report
from tests.chaos.brokers import KINDS, MIXED
from tests.chaos.engines import EMBEDDED, ENGINES, PRODUCTION
from tests.chaos.trial import Options, try_seed
from tests.chaos.verdict import Verdict

SHOWN_OF_A_KIND = 3


def main() -> int:
    """Run the seeds; 1 when a promise was broken."""
    defaults = Options()
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", dest="seeds", help="one seed")
    parser.add_argument("--seeds", default="1-20", help="such as 7 or 1-20 or 3,8,11-13")
    parser.add_argument("--seconds", type=float, default=defaults.seconds, help="of faults, a seed")
    parser.add_argument("--slots", type=int, default=defaults.slots, help="runs at once")
    parser.add_argument("--players", type=int, default=defaults.players, help="in each run")
    parser.add_argument("--kafka", choices=(*KINDS, MIXED), default=MIXED, help="brokers")
    parser.add_argument(
        "--engines", choices=ENGINES, default=EMBEDDED.kind, help="the servers beside Kafka"
    )
    parser.add_argument("--out", type=Path, default=defaults.out, help="where evidence goes")
    parser.add_argument("--page", type=Path, help="a page whose tables to update")
    parser.add_argument("--minutes", type=float, default=50.0, help="start no seed after this time")
    given = parser.parse_args()
    if given.engines == PRODUCTION.kind:
        if given.kafka == "embedded":
            parser.error("the production engines have Apache Kafka: --kafka one, three or mixed")
        if lacking := missing():
            parser.error(f"the production engines need {', '.join(lacking)} on the PATH")
    elif given.kafka != "embedded" and (lacking := missing_programs()):
        _print(f"No {' and no '.join(lacking)}: only the embedded broker is tried.")
        given.kafka = "embedded"
    options = Options(
        given.seconds,
        given.slots,
        given.players,
        given.kafka,
        defaults.drain_s,
        given.out,
        given.engines,
    )
    verdicts = []
    until = time.monotonic() + given.minutes * 60
    for seed in _seeds(given.seeds):
        if time.monotonic() > until:
            _print(f"Time is up: seed {seed} and those after it were not tried.")
            break
        try:
            verdict = uvloop.run(_try(seed, options))
        except (KeyboardInterrupt, asyncio.CancelledError):
            _print(f"Interrupted during seed {seed}; everything has been stopped.")
            return 130
        _tell(verdict, given.engines)
        verdicts.append(verdict)
        report.write(given.out, verdicts)
    if given.page:
        report.write_page(given.page, verdicts)
    _print(f"\n{report.markdown(verdicts)}\nIn full: {given.out}/results.json")
    return any(verdict.violations for verdict in verdicts)


async def _try(seed: int, options: Options) -> Verdict:
    """Try a seed; SIGTERM cancels it, so that no frozen process and no mount is left behind."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await try_seed(seed, options)


def _seeds(text: str) -> list[int]:
    seeds: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return seeds


def _tell(verdict: Verdict, engines: str) -> None:
    """Print the schedule, the figures, and for a broken promise the evidence."""
    out = [
        f"\nseed {verdict.seed}, Kafka: {verdict.kafka}, other servers: {engines}",
        *(f"  {line}" for line in verdict.schedule),
    ]
    if verdict.skipped:
        out.append(f"  {verdict.skipped} times no disk was filled: mounting one needs root")
    out += [f"  {line}" for line in verdict.figures()]
    if verdict.unexpected_exits:
        out.append(f"  ended by themselves: {', '.join(verdict.unexpected_exits)}")
    if verdict.violations:
        kinds = Counter(one.promise for one in verdict.violations)
        out += ["  BROKEN:", *(f"    {number} × {kind}" for kind, number in kinds.items())]
        for kind in kinds:
            shown = [one for one in verdict.violations if one.promise == kind][:SHOWN_OF_A_KIND]
            out += [f"    {str(one)[:600]}" for one in shown]
        out.append(f"  evidence and logs: {verdict.logs}")
        again = f"--seed {verdict.seed} --kafka {verdict.kafka} --engines {engines}"
        out.append(f'  again: make chaos CHAOS_ARGS="{again}"')
    _print("\n".join(out))


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command's output


if __name__ == "__main__":
    sys.exit(main())
