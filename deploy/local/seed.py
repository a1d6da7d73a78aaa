"""Create the demo account and its sample quizzes through the HTTP API."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import httpx

from deploy.local.demo_account import DemoAccount, demo_account
from deploy.local.settings import Settings

_DEMO_NAME = "Demo host"
_PAGE = 100
_SAMPLES = Path(__file__).with_name("samples")


def sample_quizzes() -> list[dict[str, Any]]:
    """Return the sample quizzes in the native format, in the order of their file names."""
    return [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(_SAMPLES.glob("*.json"))
    ]


def seed(base_url: str, account: DemoAccount) -> list[str]:
    """Create the demo account if it is missing, add sample quizzes whose titles it lacks, and
    return the added titles.

    Raises ``httpx.HTTPError`` if a request fails.
    """
    with httpx.Client(base_url=f"{base_url}/api/v1", timeout=20.0, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {_access_token(client, account)}"
        known = _titles(client)
        missing = [quiz for quiz in sample_quizzes() if quiz["title"] not in known]
        for quiz in missing:
            client.post("/quizzes", json=quiz).raise_for_status()
    return [quiz["title"] for quiz in missing]


def _titles(client: httpx.Client) -> set[str]:
    """Return the titles of all the account's quizzes, over all pages."""
    titles: set[str] = set()
    offset = 0
    while True:
        page = client.get("/quizzes", params={"limit": _PAGE, "offset": offset})
        items = page.raise_for_status().json()["items"]
        titles.update(quiz["title"] for quiz in items)
        if len(items) < _PAGE:
            return titles
        offset += _PAGE


def _access_token(client: httpx.Client, account: DemoAccount) -> str:
    credentials = {"email": account.email, "password": account.password}
    # Log in first: the account exists on every start but the first, and registering would hash
    # the password in vain.
    response = client.post("/auth/login", json=credentials)
    if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.NOT_FOUND}:
        response = client.post("/auth/register", json={**credentials, "display_name": _DEMO_NAME})
    if response.status_code == httpx.codes.CONFLICT:
        message = f"{account.email} already exists with another password"
        raise httpx.HTTPStatusError(message, request=response.request, response=response)
    return str(response.raise_for_status().json()["access_token"])


if __name__ == "__main__":
    default = os.environ.get("QUIZRUN_PUBLIC_URL", "http://localhost:8000")
    base_url = sys.argv[1] if len(sys.argv) > 1 else default
    for title in seed(base_url, demo_account(Settings().data_dir)):
        print(title)
