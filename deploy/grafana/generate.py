"""Generate the dashboards: ``python -m deploy.grafana.generate``; ``--check`` compares them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from deploy.grafana.as_json import dashboard_json
from deploy.grafana.gateways import GATEWAYS
from deploy.grafana.kafka import KAFKA
from deploy.grafana.overview import OVERVIEW
from deploy.grafana.postgres import POSTGRES
from deploy.grafana.redis import REDIS
from deploy.grafana.run import RUN
from deploy.grafana.workers import WORKERS

DIRECTORY = Path(__file__).parent / "dashboards"
DASHBOARDS = (OVERVIEW, RUN, GATEWAYS, WORKERS, KAFKA, POSTGRES, REDIS)


def files() -> dict[Path, str]:
    """Return the content of each generated file."""
    return {
        DIRECTORY / f"{one.uid}.json": json.dumps(dashboard_json(one), indent=2) + "\n"
        for one in DASHBOARDS
    }


def main() -> int:
    """Write the files, or compare them."""
    wanted = files()
    there = {path: path.read_text() for path in DIRECTORY.glob("*.json")}
    if "--check" in sys.argv[1:]:
        if wanted == there:
            return 0
        print(f"Out of date: {DIRECTORY}; run `make generate`.", file=sys.stderr)
        return 1
    for path in there.keys() - wanted.keys():
        path.unlink()
    for path, text in wanted.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
