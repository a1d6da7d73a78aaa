"""The closed list of acts that the audit log records."""

from __future__ import annotations

import re

from quiz.acts import DONE, Act
from quiz.errors import ErrorCode


def test_acts_are_named_by_what_they_change_and_how() -> None:
    for act in Act:
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", act.value)


def test_no_error_code_reads_as_done() -> None:
    assert DONE not in {code.value for code in ErrorCode}
