"""Interactive API documentation at `/api/docs`, which works offline."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import FileResponse, HTMLResponse

OPENAPI_URL = "/api/openapi.json"
FILES_URL = "/api/docs/files"
FILES = ("swagger-ui-bundle.js", "swagger-ui.css")
"""Swagger UI, bundled with the `fastapi-offline` wheel."""
NO_ICON = "data:,"

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def install(app: FastAPI) -> None:
    """Serve the page with a content policy for just Swagger UI and the page's own script."""
    page = get_swagger_ui_html(
        openapi_url=OPENAPI_URL,
        title=f"{app.title} API",
        swagger_js_url=f"{FILES_URL}/{FILES[0]}",
        swagger_css_url=f"{FILES_URL}/{FILES[1]}",
        swagger_favicon_url=NO_ICON,
        swagger_ui_parameters={"persistAuthorization": False, "tryItOutEnabled": True},
    )
    html = bytes(page.body).decode()
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in _INLINE_SCRIPT.findall(html))
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        f"connect-src 'self'; img-src 'self' data:; script-src 'self' {hashes}; "
        "style-src 'self' 'unsafe-inline'"
    )
    static = Path(str(files("fastapi_offline"))) / "static"
    router = APIRouter(include_in_schema=False)

    @router.get("/api/docs")
    async def docs() -> HTMLResponse:
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    @router.get(FILES_URL + "/{name}")
    async def file(name: Literal["swagger-ui-bundle.js", "swagger-ui.css"]) -> FileResponse:
        return FileResponse(static / name, headers={"Cache-Control": "public, max-age=86400"})

    app.include_router(router)


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
