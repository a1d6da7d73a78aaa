"""Shared by the tests of the local stack."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.child import ChildSpec
from deploy.local.ports import LOOPBACK, Port, free_port
from deploy.local.probe import probe

STUB = (sys.executable, str(Path(__file__).with_name("stub_server.py")))


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A directory that other users can enter, as PostgreSQL requires when tests run as root."""
    directory = Path(tempfile.mkdtemp(prefix="quizrun-test-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def stub_spec(name: str, notes: Path, *, timeout_s: float = 10.0, **env: str) -> ChildSpec:
    """A child that serves HTTP on a free port and records its starts and stops in ``notes``."""
    port = free_port()

    async def check() -> None:
        await probe(f"http://{LOOPBACK}:{port}/")

    return ChildSpec(
        name=name,
        command=[*STUB, "--port", str(port)],
        check=check,
        ports=[Port(port, "QUIZRUN_STUB_PORT")],
        env={"QUIZRUN_PROCESS_NAME": name, "STUB_NOTES": str(notes), **env},
        start_timeout_s=timeout_s,
        stop_grace_s=0.5,
        health_url=f"http://{LOOPBACK}:{port}/",
    )
