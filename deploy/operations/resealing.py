"""``quizrun reseal``: finish the rotation of ``QUIZRUN_SECRET``."""

from __future__ import annotations

from db.engine import engine_of
from db.totp import Totps
from deploy.errors import StackError
from deploy.operations.wiring import PROCESS, operator_settings
from gateway.factors.resealing import reseal
from gateway.keys import KeyRing
from quiz.errors import QuizrunError


async def carry_out() -> str:
    """Encrypt stored secrets with the current secret; return a summary. Raises `StackError`."""
    settings = operator_settings()
    engine = engine_of(settings, name=PROCESS)
    try:
        done = await reseal(Totps(engine), KeyRing.of(settings))
    except QuizrunError as error:
        raise StackError(error.message) from error
    finally:
        await engine.dispose()
    summary = f"Authenticator apps: {done.total}, encrypted again: {done.changed}."
    if done.unreadable:
        summary += f" {done.unreadable} can be read with none of the secrets."
    return summary
