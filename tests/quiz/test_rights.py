from __future__ import annotations

import itertools

from quiz.rights import Right, allows, highest, right_on_run


def test_each_right_includes_the_ones_before_it() -> None:
    held = [Right.VIEW, Right.CONTROL, Right.EDIT, Right.OWNER]
    for (i, one), (j, other) in itertools.product(enumerate(held), repeat=2):
        assert allows(one, other) == (i >= j)
    assert not any(allows(None, right) for right in Right)


def test_the_strongest_right_counts() -> None:
    assert highest(Right.VIEW, None, Right.EDIT) is Right.EDIT
    assert highest(None, None) is None


def test_rights_on_a_quiz_do_not_extend_to_runs_of_co_hosts() -> None:
    def right(**changes: object) -> Right | None:
        known = {"is_host": False, "on_run": None, "on_quiz": Right.EDIT, "quiz_owner_hosts": True}
        return right_on_run(**(known | changes))  # type: ignore[arg-type]

    assert right() is Right.EDIT
    assert right(quiz_owner_hosts=False) is None
    assert right(quiz_owner_hosts=False, on_run=Right.VIEW) is Right.VIEW
    assert right(is_host=True, on_quiz=None) is Right.OWNER
