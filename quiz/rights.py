"""Rights on quizzes and runs. Each right includes the ones before it."""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    """A right on a quiz or a run, weakest first.

    `view`: see the quiz, its runs and their results. `control`: open and control runs.
    `edit`: change the quiz. `owner`: delete, share and transfer it.
    """

    VIEW = "view"
    CONTROL = "control"
    EDIT = "edit"
    OWNER = "owner"


_ORDER = tuple(Right)


def allows(held: Right | None, needed: Right) -> bool:
    """Return whether `held` includes `needed`."""
    return held is not None and _ORDER.index(held) >= _ORDER.index(needed)


def highest(*rights: Right | None) -> Right | None:
    """Return the strongest of the rights; None if there are none."""
    held = [right for right in rights if right is not None]
    return max(held, key=_ORDER.index) if held else None


def right_on_run(
    *, is_host: bool, on_run: Right | None, on_quiz: Right | None, quiz_owner_hosts: bool
) -> Right | None:
    """Return the right on a run.

    A right on a quiz extends to the runs that the quiz's owner hosts, not to those of co-hosts.
    """
    if is_host:
        return Right.OWNER
    return highest(on_run, on_quiz if quiz_owner_hosts else None)
