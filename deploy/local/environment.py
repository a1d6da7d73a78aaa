"""Use the environment of the stack running on this machine."""

from __future__ import annotations

import os

from deploy.local.settings import Settings
from deploy.local.state import read_state

_NAMED = {"QUIZRUN_DATABASE_URL", "QUIZRUN_DATABASE_URL_FILE"}


def adopt_environment() -> bool:
    """Adopt the running stack's settings if the environment names no database.

    Returns whether there is a database.
    """
    if _NAMED & os.environ.keys():
        return True
    state = read_state(Settings().data_dir)
    if not state.running:
        return False
    for name, value in state.env.items():
        os.environ.setdefault(name, value)
    return True
