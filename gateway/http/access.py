"""What co-hosts may do: checked here before anything is read or changed for them."""

from __future__ import annotations

from db.sharing import Access
from gateway.http.services import Services
from quiz.errors import ErrorCode, QuizrunError
from quiz.rights import Right, allows


async def quiz_owner(services: Services, account_id: str, quiz_id: str, needed: Right) -> str:
    """The account id of the quiz's owner, if `account_id` has the right that is needed.

    Raises `not_found`, also for those without any right, or `forbidden`.
    """
    access = await services.sharing.quiz(account_id, quiz_id)
    if access is None or access.right is None:
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such quiz.")
    check_right(access, needed, "")
    return access.owner_id


def check_right(access: Access | None, needed: Right, stranger: str) -> None:
    """Raises `forbidden`, with the sentence `stranger` for those without any right."""
    if access is None or access.right is None:
        raise QuizrunError(ErrorCode.FORBIDDEN, stranger)
    if not allows(access.right, needed):
        raise QuizrunError(
            ErrorCode.FORBIDDEN, f"You may {access.right.value} this; that needs {needed.value}."
        )
