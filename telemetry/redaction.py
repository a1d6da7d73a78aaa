"""Redaction of log texts: credentials, email addresses, and values that people entered."""

from __future__ import annotations

import re

from telemetry.http_secrets import http_rules

REDACTED = "[redacted]"
MAX_CHARS = 4_000
"""Longer text is cut before it is searched, which bounds the time that patterns take."""

CREDENTIALS = (
    *http_rules(REDACTED),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"), REDACTED),  # a JSON Web Token
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), rf"\1 {REDACTED}"),
    (re.compile(r"://[^\s/@]{0,200}@"), f"://{REDACTED}@"),
    (
        re.compile(
            r"(?i)\b([\w-]{0,40}(?:password|passwd|secret|token|api_?key|authorization|cookie))"
            r"([\"']?\s{0,3}[:=]\s{0,3})(?!\[redacted)(\"[^\"]*\"|'[^']*'|[^\s,;&)}\]]+)"
        ),
        rf"\1\2{REDACTED}",
    ),
    (re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@[\w-]+(?:\.[\w-]+)*"), REDACTED),
)
_VALUES = (
    # SQLAlchemy, PostgreSQL and pydantic quote their input.
    (re.compile(r"\[parameters: .*", re.DOTALL), f"[parameters: {REDACTED}]"),
    (re.compile(r"\b(DETAIL|CONTEXT):.*?(?=\n\[SQL|\Z)", re.DOTALL), rf"\1: {REDACTED}"),
    (
        re.compile(r"\binput(?:_value)?=.*?(?=, input_type=|\Z)", re.DOTALL),
        f"input_value={REDACTED}",
    ),
    # Quotes inside words are apostrophes.
    (re.compile(r"(?<!\w)'(?:[^'\\]|\\.)*'(?!\w)"), f"'{REDACTED}'"),
    (re.compile(r"(?<!\w)\"(?:[^\"\\]|\\.)*\"(?!\w)"), f'"{REDACTED}"'),
    (re.compile("“[^”]*”"), f"“{REDACTED}”"),
)


PLAIN = re.compile(
    r"(?!.*qzr_)[a-z_]{1,40}(?:\.[a-z_]{1,40})?"
    r"|(?:quiz-run-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
"""Names of events, and ids: most of what is logged, and nothing that a rule would find."""


def without_credentials(text: str) -> str:
    """Redact passwords, tokens and email addresses; cut to `MAX_CHARS`."""
    if PLAIN.fullmatch(text):
        return text
    text = _cut(text)
    for pattern, replacement in CREDENTIALS:
        text = pattern.sub(replacement, text)
    return _cut(text)


def without_values(text: str) -> str:
    """Redact credentials and quoted values; cut to `MAX_CHARS`.

    For the texts of exceptions and libraries, which repeat their input, such as nicknames and
    answers.
    """
    text = without_credentials(text)
    for pattern, replacement in _VALUES:
        text = pattern.sub(replacement, text)
    return _cut(text)


def _cut(text: str) -> str:
    text = text.encode(errors="replace").decode()  # lone surrogates cannot be encoded
    return text if len(text) <= MAX_CHARS else text[: MAX_CHARS - 1] + "…"
