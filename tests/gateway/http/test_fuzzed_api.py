"""Requests generated from the OpenAPI document: no server error, and no undocumented response.

`make test` tries a part of the operations; `make fuzz` tries all of them for minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.status import HTTP_401_UNAUTHORIZED

from tests.fuzz.rounds import BUDGET_S, shuffled
from tests.gateway.http.conftest import Api, registration

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SAMPLE = 12
"""`make test` tries every twelfth operation."""


class Caller:
    """An account that is replaced if what was fuzzed has signed it out."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.headers: dict[str, str] = {}
        self.session = requests.Session()
        self.renew()

    def renew(self) -> None:
        response = httpx.post(f"{self.url}/api/v1/auth/register", json=registration(), timeout=30)
        assert response.status_code == 201, response.text
        self.headers = {"Authorization": f"Bearer {response.json()['access_token']}"}

    def call(self, case: Any) -> None:
        response = case.call(
            base_url=self.url, session=self.session, headers=self.headers, timeout=30
        )
        case.validate_response(response, checks=CHECKS)
        if response.status_code == HTTP_401_UNAUTHORIZED:
            self.renew()


def operations(url: str) -> Iterator[Any]:
    document = httpx.get(f"{url}/api/openapi.json", timeout=30).json()
    schema = schemathesis.openapi.from_dict(document)
    for found in schema.get_all_operations():
        operation: Any = found
        yield operation.ok()


def fuzz(url: str) -> None:
    caller, known = Caller(url), list(operations(url))
    for operation in shuffled(known) if BUDGET_S else known[::SAMPLE]:
        for mode in schemathesis.GenerationMode:
            try_requests(operation.as_strategy(generation_mode=mode), caller)


def try_requests(requests_of: SearchStrategy[Any], caller: Caller) -> None:
    @settings(
        max_examples=25 if BUDGET_S else 2,
        database=None,
        derandomize=not BUDGET_S,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests_of)
    def check(case: Any) -> None:
        caller.call(case)

    with suppress(Unsatisfiable):  # nothing fits, or nothing does not fit
        check()


# The API, in another thread, uses `random`; Hypothesis takes that for the strategy's use.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
@pytest.mark.timeout(BUDGET_S * 1.2 + 120)
async def test_no_generated_request_breaks_the_api(api: Api) -> None:
    await asyncio.to_thread(fuzz, api.url)
