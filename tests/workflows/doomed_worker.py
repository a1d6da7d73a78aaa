"""A worker to be killed inside a workflow task: its local activities print their name and hang.

Run as ``python -m tests.workflows.doomed_worker ADDRESS``.
"""

from __future__ import annotations

import asyncio
import sys

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from tests.workflows.stage import Stage


class Doomed(Stage):
    """Local activities that never end."""

    def _try(self, name: str) -> None:
        super()._try(name)
        self.published.clear()
        print(name, flush=True)  # noqa: T201


async def main() -> None:
    """Serve workflows until killed."""
    client = await Client.connect(sys.argv[1], data_converter=pydantic_data_converter)
    async with Doomed(scoring_s=3_600).workflows(client):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
