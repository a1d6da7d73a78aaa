"""`python -m deploy.engines -- COMMAND`: run a command on the production engines.

Starts Apache Kafka, Temporal on PostgreSQL, PostgreSQL and Redis with temporary state, runs the
command with their addresses in its environment, and stops them when it exits. Without a command,
prints the addresses and runs until Ctrl-C.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence

from deploy.engines.stack import production_engines
from deploy.errors import StackError


def main() -> int:
    """Run until the command exits or a signal arrives; return the command's exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.engines", description=__doc__)
    parser.add_argument("--brokers", type=int, default=1, help="the number of Kafka brokers")
    parser.add_argument("--redis-cluster", action="store_true", help="use a Redis Cluster")
    parser.add_argument("command", nargs="*", help="for example: quizrun up")
    given = parser.parse_args()
    try:
        return asyncio.run(_run(given.brokers, given.command, cluster=given.redis_cluster))
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130


async def _run(brokers: int, command: Sequence[str], *, cluster: bool) -> int:
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    print("Starting the engines…", flush=True)
    async with production_engines(brokers=brokers, cluster=cluster) as engines:
        env = engines.env()
        if command:
            return await _follow(command, env)
        for name, value in env.items():
            print(f"export {name}={shlex.quote(value)}", flush=True)
        await asyncio.Event().wait()
    return 0


async def _follow(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run `command`, forward signals to it, and wait for it to exit."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **env},
        # A separate process group, so that Ctrl-C reaches it only once, through us.
        process_group=0,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, process.send_signal, number)
    return await process.wait()


if __name__ == "__main__":
    sys.exit(main())
