"""The one error of the local stack: a sentence for a person, never a traceback."""

from __future__ import annotations


class StackError(Exception):
    """Something the person at the terminal can act on. Its text is one sentence, optionally
    followed by log lines.
    """
