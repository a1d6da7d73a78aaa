"""How long texts may be, and how many of a thing there may be: the numbers that clients need too.

`make generate` writes them to `web/src/protocol/limits.ts`.
"""

from __future__ import annotations

MAX_QUESTIONS = 500
MIN_OPTIONS = 2
MAX_OPTIONS = 12
MAX_ACCEPTED = 20
"""How many accepted answers a text question may list."""

MAX_TITLE_CHARS = 200
MAX_PROMPT_CHARS = 1_000
MAX_OPTION_CHARS = 200
MAX_ACCEPTED_CHARS = 100
MAX_EXPLANATION_CHARS = 2_000
MAX_URL_CHARS = 2_000
MAX_ALT_CHARS = 500
MAX_SOUND_TEXT_CHARS = 1_000

MIN_TIME_LIMIT_S = 5
MAX_TIME_LIMIT_S = 240
DEFAULT_TIME_LIMIT_S = 20
MAX_POINTS = 2_000
DEFAULT_POINTS = 1_000

MAX_NICKNAME_CHARS = 24
MAX_ANSWER_CHARS = 200
"""Characters of a typed answer."""

MAX_EMAIL_CHARS = 254
MIN_PASSWORD_CHARS = 8
MAX_PASSWORD_CHARS = 128
MAX_NAME_CHARS = 80
"""Characters of an account's display name."""


def by_name() -> dict[str, int]:
    """Return all limits by name."""
    return {name: value for name, value in globals().items() if name.isupper()}
