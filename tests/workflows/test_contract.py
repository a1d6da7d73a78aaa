from __future__ import annotations

from workflows import contract


def test_the_run_is_known_from_the_id_of_its_workflow() -> None:
    assert contract.run_id(contract.workflow_id("a-run")) == "a-run"
