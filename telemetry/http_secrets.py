"""Patterns of secrets as HTTP carries them: headers, cookies, query strings, fragments."""

from __future__ import annotations

import re

_HEADER = r"(?:set-)?cookie2?|(?:proxy-)?authorization|x-api-key|x-forwarded-for|x-real-ip"
_SECRET_NAME = rf"(?:{_HEADER}|[\w-]{{0,40}}(?:token|secret|password|api[_-]?key))"


def http_rules(hidden: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return patterns and their replacements, in which `hidden` takes the place of the secret."""
    return (
        # A whole header: cookies and digests have several parts.
        (re.compile(rf"(?i)\b({_HEADER})(\s{{0,3}}:\s{{0,3}})(?!['\"])[^\r\n]+"), rf"\1\2{hidden}"),
        # A pair, as in `repr` of headers: (b'cookie', b'a=b; c=d') and {'cookie': 'a=b'}.
        (
            re.compile(
                rf"(?i)(['\"]{_SECRET_NAME}['\"]\s{{0,3}}[,:]\s{{0,3}})b?(?:'[^']*'|\"[^\"]*\")"
            ),
            rf"\1{hidden}",
        ),
        # Query strings and fragments carry tokens under many names, such as `code` and `state`.
        (re.compile(r"(?<=[\w/])\?[^\s?#'\"<>=]{1,100}=[^\s#'\"<>]*"), f"?{hidden}"),
        (re.compile(r"(?<=[\w/])#[\w.~%=&+-]{16,}"), f"#{hidden}"),
        (
            re.compile(r"(?i)\b(\w{0,40}(?:session|sid|signature))=[^\s,;&)}\]'\"]+"),
            rf"\1={hidden}",
        ),
        (re.compile(r"\bqzr_\w+"), hidden),  # our API tokens
    )
