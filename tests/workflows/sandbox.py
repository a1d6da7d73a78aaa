"""The SDK's sandbox, in which tests run workflow code: it refuses clocks, randomness and I/O."""

from __future__ import annotations

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

PASSED_THROUGH = (
    "quiz",
    "workflows.contract",
    "workflows.operator_view",
    "workflows.policies",
    "workflows.refusals",
    "pydantic",
    "pydantic_core",
    "annotated_types",
)
"""Pure modules, not imported again for each run, which would take 16–38 ms."""


def sandbox() -> SandboxedWorkflowRunner:
    """Build the sandbox, with the modules in `PASSED_THROUGH` passed through."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return SandboxedWorkflowRunner(restrictions=restrictions)
