"""Removal of secrets and personal data from error reports."""

from __future__ import annotations

import re
from typing import Any

from telemetry.http_secrets import http_rules

SCRUBBED = "[scrubbed]"
MAX_CHARS = 4_000
MAX_DEPTH = 20

DENIED_KEYS = (
    *("password", "passwd", "pwd", "secret", "token", "authorization", "api_key", "apikey"),
    *("cookie", "credential", "dsn", "private_key", "jwt", "session_id", "csrf"),
    *(
        "email",
        "e_mail",
        "nickname",
        "display_name",
        "ip_address",
        "remote_addr",
        "forwarded",
        "x_real_ip",
    ),
    *("query_string", "headers", "request_body"),
    *("answer_given", "accepted"),
)
"""Substrings of field names whose values are never sent."""
SOURCE_KEYS = frozenset({"pre_context", "context_line", "post_context"})
"""Lines of our own source code."""

_NAMES = r"password|passwd|pwd|secret|\w*token|authorization|api[_-]?key|cookie"
_RULES = (
    *http_rules(SCRUBBED),
    # PostgreSQL, SQLAlchemy and pydantic quote invalid values.
    (re.compile(r"DETAIL:[^\n]*"), f"DETAIL: {SCRUBBED}"),
    (re.compile(r"\[parameters: .*", re.DOTALL), f"[parameters: {SCRUBBED}]"),
    (re.compile(r"input_value=.*?(?=, input_type=|\n|$)"), f"input_value={SCRUBBED}"),
    (re.compile(r"\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic|digest)\s+[\w.~+/=-]{4,}"), rf"\1 {SCRUBBED}"),
    (re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]*@"), f"{SCRUBBED}@"),
    (
        re.compile(
            rf"(?i)\b({_NAMES})(['\"]?\s*[:=]\s*)(?!\[scrubbed)(?:'[^']*'|\"[^\"]*\"|[^\s,;&)}}\]]+)"
        ),
        rf"\1\2{SCRUBBED}",
    ),
    (re.compile(r"[\w.%+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}\b"), "[email]"),
)


def scrub_text(text: str) -> str:
    """Remove email addresses, tokens and passwords from `text`; cut it to `MAX_CHARS`."""
    if len(text) > MAX_CHARS:
        text = text[: MAX_CHARS - 1] + "…"
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def scrub(value: Any, depth: int = 0) -> Any:
    """Copy decoded JSON with all text scrubbed and the values of denied fields removed."""
    if isinstance(value, str):
        return scrub_text(value)
    if depth >= MAX_DEPTH:
        return SCRUBBED if isinstance(value, dict | list | tuple) else value
    if isinstance(value, dict):
        return {key: _field(str(key), item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(item, depth + 1) for item in value]
    return value


def denied(key: str) -> bool:
    """Return whether a field of this name may hold secrets or personal data."""
    name = key.lower().replace("-", "_")
    return any(part in name for part in DENIED_KEYS)


def _field(key: str, value: Any, depth: int) -> Any:
    if key in SOURCE_KEYS:
        return value
    if denied(key) and value is not None:
        return SCRUBBED
    return scrub(value, depth)
