"""The error that commands report in one sentence."""

from __future__ import annotations


class StackError(Exception):
    """An error that the user can act on: one sentence, optionally followed by log lines. Shown
    without a traceback.
    """
