"""Check what co-hosts may do before anything is read or changed for them."""

from __future__ import annotations

from db.sharing import Access
from gateway.http.services import Services
from quiz.errors import ErrorCode, QuizrunError
from quiz.rights import Right, allows


async def quiz_owner(services: Services, account_id: str, quiz_id: str, needed: Right) -> str:
    """Return the account id of the quiz's owner if `account_id` has the right `needed`.

    Raises `forbidden`, or `not_found` for accounts without any right.
    """
    access = await services.library.sharing.quiz(account_id, quiz_id)
    if access is None or access.right is None:
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such quiz.")
    check_right(access, needed, "")
    return access.owner_id


def check_right(access: Access | None, needed: Right, stranger: str) -> None:
    """Raise `forbidden`, with the sentence `stranger` for accounts without any right."""
    if access is None or access.right is None:
        raise QuizrunError(ErrorCode.FORBIDDEN, stranger)
    if not allows(access.right, needed):
        raise QuizrunError(
            ErrorCode.FORBIDDEN,
            f"This requires the right to {needed.value}; your right is to {access.right.value}.",
        )
