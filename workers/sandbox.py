"""The sandbox in which workflow code runs."""

from __future__ import annotations

from typing import Any

from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
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
"""Pure modules, not re-imported for each run: creating one takes 1–2 ms instead of 16–38 ms."""


class ContextFreeRunner(SandboxedWorkflowRunner):
    """A sandbox for data converters that ignore whose payloads they convert, as ours does.

    The SDK asks the workflow for that context three times for each payload. The sandbox compiles
    code to do so, which took a fifth of a worker's CPU.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Create a workflow whose payloads have no context."""
        instance: Any = super().create_instance(det)
        instance.get_serialization_context = _no_context
        instance.get_external_store_context = _no_store
        return instance  # type: ignore[no-any-return]


def _no_context(_command: object) -> None:
    """The converter without context."""


def _no_store(_command: object) -> StorageDriverStoreContext:
    return StorageDriverStoreContext(target=None)


def sandbox() -> SandboxedWorkflowRunner:
    """Build the workflow sandbox, with the modules in `PASSED_THROUGH` passed through."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return ContextFreeRunner(restrictions=restrictions)
