"""The part of a Cookie header that reaches the application."""

from __future__ import annotations

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from gateway.http.cookies import CookieFilter

QUOTED = '"' + "\\" * 15_000


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    seen = {"header": request.headers.get("cookie"), "cookies": request.cookies}
    await JSONResponse(seen)(scope, receive, send)


@pytest.mark.parametrize(
    ("cookies", "token"),
    [
        ((), None),
        (("theme=dark",), None),
        (("quizrun_session=abc-_1",), "abc-_1"),
        (("theme=dark; quizrun_session=abc; lang=pt",), "abc"),
        (("theme=dark", "quizrun_session=abc", "lang=pt"), "abc"),
        (("quizrun_session=old; quizrun_session=new",), "new"),
        (("quizrun_session=",), None),
        (('quizrun_session="abc"',), None),
        ((f"quizrun_session={'x' * 201}",), None),
        (("xquizrun_session=abc; quizrun_sessionx=abc",), None),
        ((f"other={QUOTED}; quizrun_session=abc",), "abc"),
        ((f"quizrun_session={QUOTED}",), None),
        ((";" * 15_000 + "quizrun_session=abc",), "abc"),
        (("__Host-quizrun_session=abc",), "abc"),
        (("__Host-quizrun_session=ours; quizrun_session=put-in",), "ours"),
        (("__Host-quizrun_session=ours", "quizrun_session=put-in"), "ours"),
        (("__Secure-quizrun_session=put-in",), None),
    ],
)
async def test_only_the_session_reaches_the_cookie_parser(
    cookies: tuple[str, ...], token: str | None
) -> None:
    transport = httpx.ASGITransport(CookieFilter(echo))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        seen = (await client.get("/", headers=[("Cookie", line) for line in cookies])).json()
    assert seen["header"] == (f"quizrun_session={token}" if token else None)
    assert seen["cookies"] == ({"quizrun_session": token} if token else {})
