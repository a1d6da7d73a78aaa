"""The Temporal server's program, built from its Go module.

What a server on one machine does not use is left out: the SDKs of AWS, Google Cloud and Kubernetes,
and SQLite. They are 730 of 1,750 packages, and two fifths of the time that building takes.
"""

from __future__ import annotations

from pathlib import Path

from deploy.engines.golang import LeaveOut, build_program

MODULE = Path(__file__).with_name("temporal")
_COMPUTE = "wci/workflow/compute_provider"
_LEAVE_OUT: LeaveOut = {
    "go.temporal.io/server": {
        "common/archiver/gcloud": "gcloud.go",
        "common/archiver/s3store": "s3store.go",
        "common/persistence/sql/sqlplugin/sqlite": "sqlite.go",
        "common/persistence/visibility/store/elasticsearch/client/aws.go": "elasticsearch_aws.go",
    },
    # Workers that the server itself starts on demand.
    "go.temporal.io/auto-scaled-workers": {
        f"{_COMPUTE}/{name}.go": ""
        for name in ("aws", "aws_agentcore", "aws_ecs", "aws_lambda", "gcp_cloudrun", "k8s")
    },
}


def temporal_program() -> Path:
    """The program. Blocks for minutes while it is built the first time. Raises `StackError`."""
    return build_program(MODULE, _LEAVE_OUT)
