"""The execution of a run's steps by activities."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from workflows import policies

Output = TypeVar("Output", bound=BaseModel)


async def execute(
    activity: str,
    argument: BaseModel,
    output: type[Output],
    summary: str,
    options: policies.ActivityOptions = policies.DEFAULT,
    *,
    local: bool = False,
) -> Output:
    """Execute an activity: first as a local one, if `local`, which costs one history event.

    If that fails, execute it as a regular activity, which is retried without limit and shows the
    operator each attempt and its error. Runs of all releases replay this: its commands must not
    change.
    """
    if local:
        try:
            result: Output = await workflow.execute_local_activity(
                activity, argument, result_type=output, summary=summary, **policies.LOCAL
            )
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("Local activity %s failed", activity, exc_info=True)
        else:
            return result
    done: Output = await workflow.execute_activity(
        activity, argument, result_type=output, summary=summary, **options
    )
    return done
