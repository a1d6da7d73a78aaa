"""Registration of the search attributes of runs on the Temporal namespace."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import CountWorkflowExecutionsRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType, SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from workflows.operator_view import SEARCH_ATTRIBUTES

RPC_TIMEOUT = timedelta(seconds=5)
RETRY_S = 5.0
_LISTING_REFUSED = frozenset({RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED})

log = structlog.get_logger()


class SearchAttributesMissingError(Exception):
    """The namespace lacks search attributes, so runs cannot start."""


@dataclass(frozen=True, slots=True)
class MissingAttributes:
    """The search attributes that a namespace lacks; `mistyped` ones exist with a different type."""

    keys: list[SearchAttributeKey[Any]]
    mistyped: list[str] = field(default_factory=list)


class SearchAttributes:
    """Ensures that the search attributes of runs exist; a run would stall without them."""

    def __init__(self, client: Client, *, retry_s: float = RETRY_S) -> None:
        self._client = client
        self._retry_s = retry_s
        self._ensured = False

    async def ensure(self) -> None:
        """Register missing attributes; retry, and log the reason, until all of them exist."""
        while True:
            self._ensured = await self._attempt()
            if self._ensured:
                return
            await asyncio.sleep(self._retry_s)

    async def check(self) -> None:
        """Raise unless `ensure` has succeeded; a health check."""
        if not self._ensured:
            raise SearchAttributesMissingError

    async def _attempt(self) -> bool:
        try:
            missing = await missing_attributes(self._client)
        except (RPCError, RuntimeError) as error:
            # A lazy client raises RuntimeError when it cannot connect.
            log.warning("temporal.not_reached", error=error)
            return False
        if refusal := await self._add(missing):
            log.error(
                "search_attributes.missing",
                missing=[f"{key.name} ({key.indexed_value_type.name})" for key in missing.keys],
                reason=refusal,
                remedy=remedy(missing.keys, self._client.namespace),
            )
        return not refusal

    async def _add(self, missing: MissingAttributes) -> str | None:
        """Register missing attributes; return the reason if that fails."""
        # The server would accept the request, and silently keep the existing type.
        if missing.mistyped:
            return f"registered with a different type: {', '.join(missing.mistyped)}"
        try:
            await add_search_attributes(self._client, missing.keys)
        except RPCError as error:
            return error.message
        return None


async def missing_attributes(client: Client) -> MissingAttributes:
    """Return the attributes that the namespace lacks. Raises `RPCError` or `RuntimeError`.

    Managed services may not allow listing them; then each is probed with a search.
    """
    try:
        registered = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace), timeout=RPC_TIMEOUT
        )
    except RPCError as error:
        if error.status not in _LISTING_REFUSED:
            raise
        return MissingAttributes(
            [key for key in SEARCH_ATTRIBUTES if not await _searchable(client, key)]
        )
    known = registered.custom_attributes
    keys = [key for key in SEARCH_ATTRIBUTES if known.get(key.name) != _type(key)]
    return MissingAttributes(keys, [key.name for key in keys if key.name in known])


async def _searchable(client: Client, key: SearchAttributeKey[Any]) -> bool:
    value = "0" if key.indexed_value_type is SearchAttributeIndexedValueType.INT else "'x'"
    request = CountWorkflowExecutionsRequest(
        namespace=client.namespace, query=f"{key.name} = {value}"
    )
    try:
        await client.workflow_service.count_workflow_executions(request, timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.INVALID_ARGUMENT:
            return False
        raise
    return True


def remedy(keys: Iterable[SearchAttributeKey[Any]], namespace: str) -> str:
    """Return instructions for an operator to register `keys`."""
    options = " ".join(
        f"--name {key.name} --type {key.indexed_value_type.name.capitalize()}" for key in keys
    )
    command = f"temporal operator search-attribute create --namespace {namespace} {options}"
    return f"Register them: {command}"


async def add_search_attributes(client: Client, keys: Iterable[SearchAttributeKey[Any]]) -> None:
    """Register `keys` on the client's namespace. Raises `RPCError`."""
    if not (types := {key.name: _type(key) for key in keys}):
        return
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types),
        timeout=RPC_TIMEOUT,
    )


def _type(key: SearchAttributeKey[Any]) -> IndexedValueType.ValueType:
    return IndexedValueType.ValueType(key.indexed_value_type)
