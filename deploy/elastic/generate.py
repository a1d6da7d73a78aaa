"""Generate the Elasticsearch and Kibana files: ``python -m deploy.elastic.generate``."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.elastic.mappings import component_template
from deploy.elastic.saved_objects import as_ndjson

HERE = Path(__file__).parent


def files() -> dict[Path, str]:
    """Return the content of each generated file."""
    return {
        HERE / "component-mappings.json": json.dumps(component_template(), indent=2) + "\n",
        HERE / "kibana" / "quizrun.ndjson": as_ndjson(),
    }


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text)
