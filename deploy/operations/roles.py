"""``quizrun role``: make the first admin from the command line."""

from __future__ import annotations

from db.accounts import Accounts
from db.engine import engine_of
from db.operator_actions import OperatorActions
from deploy.errors import StackError
from deploy.operations.wiring import PROCESS, operator_settings
from quiz.errors import QuizrunError
from telemetry.clock import now_ms


async def assign(email: str, role: str) -> str:
    """Assign a role to the account with this address; return a description.

    Raises `StackError`.
    """
    settings = operator_settings()
    engine = engine_of(settings, name=PROCESS)
    accounts = Accounts(engine)
    try:
        account = await accounts.by_email(email)
        if account is None:
            raise StackError(f"No account has the address {email}.")
        await accounts.administer(account.id, role=role, disabled=None, now=now_ms())
        await OperatorActions(engine).record(
            PROCESS, "change_account", None, "changed", account_id=account.id, role=role
        )
    except QuizrunError as error:
        raise StackError(error.message) from error
    finally:
        await engine.dispose()
    return f"{account.email} now has the role {role}."
