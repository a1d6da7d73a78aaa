"""What a co-host may do with a quiz or a run. Each right includes the ones before it."""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    """`view`: see the quiz, its runs and their results. `control`: open and steer runs, too.
    `edit`: change the quiz, too. `owner`: delete it, share it, hand it over.
    """

    VIEW = "view"
    CONTROL = "control"
    EDIT = "edit"
    OWNER = "owner"


_ORDER = tuple(Right)


def allows(held: Right | None, needed: Right) -> bool:
    """Whether whoever holds `held` may do what `needed` is for."""
    return held is not None and _ORDER.index(held) >= _ORDER.index(needed)


def highest(*rights: Right | None) -> Right | None:
    """The strongest of some rights; None when there are none."""
    held = [right for right in rights if right is not None]
    return max(held, key=_ORDER.index) if held else None


def right_on_run(
    *, is_host: bool, on_run: Right | None, on_quiz: Right | None, quiz_owner_hosts: bool
) -> Right | None:
    """The right on a run. Rights on a quiz reach the runs that its owner hosts, not those that
    co-hosts open with their own classes.
    """
    if is_host:
        return Right.OWNER
    return highest(on_run, on_quiz if quiz_owner_hosts else None)
