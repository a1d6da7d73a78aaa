"""Build the Temporal server from its Go module.

The SDKs of AWS, Google Cloud and Kubernetes, and SQLite, are left out because a server on one
machine does not use them. They are 730 of 1,750 packages and two fifths of the build time.
"""

from __future__ import annotations

from pathlib import Path

from deploy.engines.golang import Exclusions, build_program

MODULE = Path(__file__).with_name("temporal")
_COMPUTE = "wci/workflow/compute_provider"
_LEAVE_OUT: Exclusions = {
    "go.temporal.io/server": {
        "common/archiver/gcloud": "gcloud.go",
        "common/archiver/s3store": "s3store.go",
        "common/persistence/sql/sqlplugin/sqlite": "sqlite.go",
        "common/persistence/visibility/store/elasticsearch/client/aws.go": "elasticsearch_aws.go",
    },
    # Workers that the server starts on demand.
    "go.temporal.io/auto-scaled-workers": {
        f"{_COMPUTE}/{name}.go": ""
        for name in ("aws", "aws_agentcore", "aws_ecs", "aws_lambda", "gcp_cloudrun", "k8s")
    },
}


def temporal_program() -> Path:
    """Return the program. Blocks for minutes during the first build. Raises `StackError`."""
    return build_program(MODULE, _LEAVE_OUT)
