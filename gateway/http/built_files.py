"""Serve the web client's build: precompressed files with hashed names."""

from __future__ import annotations

import mimetypes
import os
import stat
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, PathLike, StaticFiles
from starlette.types import Scope

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"

_VARIANTS = (("br", ".br"), ("gzip", ".gz"))
"""Content codings and their file suffixes, smallest result first."""
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""Fixed, because `nosniff` makes wrong types from the system's table fatal."""


class BuiltFiles(StaticFiles):
    """Serves files from directories, searched in order, with one `cache_control`.

    Chooses the best precompressed variant that the client accepts.
    """

    def __init__(self, *directories: Path, cache_control: str, policy: str = "") -> None:
        super().__init__(directory=directories[0])
        self.all_directories = list(directories)
        self._cache_control = cache_control
        self._policy = policy

    def file_response(
        self,
        full_path: PathLike,
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return the file, or 304 if the client has it."""
        request = Headers(scope=scope)
        path = Path(full_path)
        coding, chosen, chosen_stat = _variant(path, stat_result, request)
        response = FileResponse(
            chosen, status_code, media_type=_media_type(path), stat_result=chosen_stat
        )
        response.headers["Cache-Control"] = self._cache_control
        response.headers["Vary"] = "Accept-Encoding"
        # Scripts and fonts that a CDN fetched from here are loaded cross-origin.
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if self._policy:
            response.headers["Content-Security-Policy"] = self._policy
        if coding:
            response.headers["Content-Encoding"] = coding
        if self.is_not_modified(response.headers, request):
            return NotModifiedResponse(response.headers)
        return response


def _variant(
    path: Path, stat_result: os.stat_result, request: Headers
) -> tuple[str | None, Path, os.stat_result]:
    accepted = accepted_codings(request.get("accept-encoding", ""))
    for coding, suffix in _VARIANTS:
        if coding not in accepted:
            continue
        variant = path.with_name(path.name + suffix)
        try:
            found = variant.stat()
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode):
            return coding, variant, found
    return None, path, stat_result


def accepted_codings(header: str) -> set[str]:
    """Return the content codings that `Accept-Encoding` allows; ``q=0`` excludes one."""
    accepted = set()
    for item in header.lower().split(","):
        coding, _, parameters = item.partition(";")
        weight = parameters.replace(" ", "").removeprefix("q=")
        if weight.strip("0.") or not parameters:
            accepted.add(coding.strip())
    return accepted


def _media_type(path: Path) -> str:
    known = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return known or "application/octet-stream"
