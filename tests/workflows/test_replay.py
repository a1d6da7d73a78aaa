"""Saved histories replay on the current workflow, so a deployment does not break live runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from telemetry.environment import load_settings
from telemetry.settings import CodecSettings
from tests.workflows.sandbox import sandbox
from workflows.connection import data_converter
from workflows.quiz_run import QuizRun

FOLDER = Path(__file__).parent / "histories"
HISTORIES = {
    str(path.relative_to(FOLDER).with_suffix("")): path.read_text()
    for path in sorted(FOLDER.rglob("*.json"))
}
PLAYS = ("happy-path-1", "pause-resume-1", "continue-as-new-1", "continue-as-new-2")
LATEST = (*PLAYS, "moved-question-1", "left-alone-1")


def test_all_relevant_histories_are_recorded() -> None:
    assert HISTORIES.keys() >= {
        *LATEST,
        *(f"doubled-leads/{play}" for play in LATEST),
        *(f"regular-steps/{play}" for play in LATEST),
        *(f"first-release/{play}" for play in PLAYS),
    }


@pytest.mark.parametrize("name", HISTORIES)
async def test_a_saved_history_replays(name: str) -> None:
    replayer = Replayer(
        workflows=[QuizRun],
        workflow_runner=sandbox(),
        # Histories saved from a server whose runs are encrypted replay with its keys.
        data_converter=data_converter(load_settings(CodecSettings).codec_keys),
    )
    history = WorkflowHistory.from_json(name, HISTORIES[name])
    await replayer.replay_workflow(history)
