"""A gateway or worker with injected faults: ``python -m tests.telemetry.faulty gateway …``.

Each error has sensitive data in its local variables and its text. For runs of quizzes named
`FAULTY`, an activity and the workflow code fail once; the list of quizzes always fails.
"""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import activities.scoring
import gateway.main
import workers.main
from db.quizzes import Quizzes
from workflows import operator_view

FAULTY = "A quiz with faults"
EMAIL = "ada.lovelace@example.org"
PASSWORD = "hunter2-CorrectHorse"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"

_failed: set[tuple[str, str]] = set()


def fail(where: str, email: str, password: str, token: str) -> NoReturn:
    """Raise an error whose frames and text contain sensitive data."""
    credentials = {"email": email, "password": password, "token": token}
    raise RuntimeError(
        f"{where}: {credentials['email']} with password={password} and Bearer {token} was refused"
    )


def _fail_once(where: str, run_id: str) -> None:
    if (where, run_id) not in _failed:
        _failed.add((where, run_id))
        fail(where, EMAIL, PASSWORD, TOKEN)


async def _page(*_: Any, **__: Any) -> NoReturn:
    fail("list of quizzes", EMAIL, PASSWORD, TOKEN)


def _break_worker() -> None:
    score_run, details = activities.scoring.score_run, operator_view.details

    async def scored(scoring: Any, facts: Any, state: Any, **more: Any) -> Any:
        if facts.run.title == FAULTY:
            _fail_once("scoring", state.run_id)
        return await score_run(scoring, facts, state, **more)

    def detailed(run: Any, state: Any) -> str:
        if run.title == FAULTY and state.phase == "reveal":
            _fail_once("workflow", state.run_id)
        return details(run, state)

    activities.scoring.score_run = scored
    operator_view.details = detailed


if __name__ == "__main__":
    kind = sys.argv.pop(1)
    if kind == "worker":
        _break_worker()
        workers.main.main()
    else:
        Quizzes.page = _page  # type: ignore[method-assign]
        gateway.main.main()
