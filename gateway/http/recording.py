"""Record the acts of hosts and admins: one place for all routes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

import structlog
from fastapi import Request
from starlette.responses import Response

from db.acting import Acting, by, carrying_out, plain
from db.audit import AuditLog
from db.sessions import Origin
from gateway.addresses import network_of
from gateway.http.acts import TARGETS
from gateway.http.problems import STATUS
from quiz.acts import DONE, Act
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

Handler = Callable[[Request], Awaitable[Response]]

REFUSED = frozenset({401, 403, 404, 409, 410})
"""Statuses of refused acts; other requests make no sense or come too often."""
INTERNAL = "internal"
REFUSALS_PER_MINUTE = 30
"""Recorded refusals of one account or network; the others are counted only."""
MAX_ACTORS = 10_000
NOT_RECORDED = ("limit", "outage")

log = structlog.get_logger(__name__)


class ActRecorder:
    """Records what no transaction has recorded: refusals, and commands of workflows.

    Refusals are limited, so that nobody can fill the table with requests that have no effect.
    """

    def __init__(self, audit: AuditLog) -> None:
        self._audit = audit
        self._refusals: Counter[str] = Counter()
        self._minute = 0
        self.left_out: Counter[str] = Counter()
        """Acts that were not recorded, by reason."""

    async def completed(self, act: Acting, outcome: str = DONE) -> None:
        """Record an act at its end. Raises `unavailable`."""
        unknown = act.account_id is None and act.operator is None
        if outcome == DONE:
            if not act.recorded and not unknown:
                await self._audit.add(act, outcome)
            return
        if unknown and act.action is not Act.SIGN_IN:
            return
        if self._is_too_many(act):
            self.left_out["limit"] += 1
            return
        await self._audit.add(act, outcome)

    def _is_too_many(self, act: Acting) -> bool:
        minute = now_ms() // 60_000
        if minute != self._minute:
            self._minute, self._refusals = minute, Counter()
        actor = act.account_id or act.operator or network_of(act.address or "")
        if actor not in self._refusals and len(self._refusals) >= MAX_ACTORS:
            actor = "others"
        self._refusals[actor] += 1
        return self._refusals[actor] > REFUSALS_PER_MINUTE


async def record(
    request: Request,
    action: Act,
    origin: Origin,
    caller: tuple[str, str | None] | None,
    recorder: ActRecorder,
    handle: Handler,
) -> Response:
    """Carry out `handle(request)` as an act of `caller`, if they are known already."""
    act = Acting(action, origin.address or None, _printable(origin.user_agent))
    _name_target(act, request)
    with carrying_out(act):
        if caller is not None:
            by(*caller)
        try:
            response = await handle(request)
        except QuizrunError as error:
            refused = STATUS[error.code] in REFUSED
            waiting = error.code is ErrorCode.SECOND_FACTOR_REQUIRED
            if (refused or act.recorded) and not waiting:
                await _complete(recorder, act, error.code.value)
            raise
        except Exception:
            if act.recorded:  # it had an effect before it failed
                await _complete(recorder, act, INTERNAL)
            raise
        if act.refused is None and request.method == "GET":
            await recorder.completed(act)  # nothing is exported without a record
        else:
            await _complete(recorder, act, act.refused or DONE)
        return response


async def _complete(recorder: ActRecorder, act: Acting, outcome: str) -> None:
    """Record the act, or log it: it has happened, or has been refused, in any case."""
    try:
        await recorder.completed(act, outcome)
    except QuizrunError:
        recorder.left_out["outage"] += 1
        log.warning(
            "audit.not_recorded", command=act.action.value, host_id=act.account_id, code=outcome
        )


def _name_target(act: Acting, request: Request) -> None:
    given = {
        name: found for name, value in request.path_params.items() if (found := plain(str(value)))
    }
    for name, kind in TARGETS.items():
        if name in given:
            act.target_kind, act.target_id = kind, given.pop(name)
            break
    act.details |= given


def _printable(agent: str) -> str | None:
    return "".join(char for char in agent if char.isprintable()) or None
