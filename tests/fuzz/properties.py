"""Property tests that coverage-guided fuzzing can drive with bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.quiz import test_machine

_TESTS: tuple[Any, ...] = (
    test_machine.test_no_sequence_makes_an_illegal_transition,
    test_machine.test_every_version_is_decided_once_and_in_order,
    test_machine.test_a_run_that_waits_always_has_a_time_to_wake_up,
    test_machine.test_an_open_question_always_keeps_its_whole_time,
)


def machine(data: bytes) -> None:
    """Run one of the state machine's properties on a random sequence of commands."""
    if data:
        _TESTS[data[0] % len(_TESTS)].hypothesis.fuzz_one_input(data[1:])


PROPERTIES: Mapping[str, Callable[[bytes], None]] = {"machine": machine}
