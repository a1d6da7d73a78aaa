"""Registers the search attributes of runs where the namespace does not have them yet."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

import structlog
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from workflows.operator_view import SEARCH_ATTRIBUTES

RPC_TIMEOUT = timedelta(seconds=5)
RETRY_S = 5.0
_NOT_OURS_TO_ASK = frozenset({RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED})

log = structlog.get_logger()


class SearchAttributesMissingError(Exception):
    """The namespace lacks search attributes, so that runs cannot start."""


class SearchAttributes:
    """Makes sure of the search attributes that every run sets; a run stalls without them."""

    def __init__(self, client: Client, *, retry_s: float = RETRY_S) -> None:
        self._client = client
        self._retry_s = retry_s
        self._ensured = False

    async def ensure(self) -> None:
        """Add what is missing. Wait, and say why, until Temporal answers and has all of them."""
        while True:
            self._ensured = await self._attempt()
            if self._ensured:
                return
            await asyncio.sleep(self._retry_s)

    async def check(self) -> None:
        """Raise unless `ensure` has succeeded: a health check."""
        if not self._ensured:
            raise SearchAttributesMissingError

    async def _attempt(self) -> bool:
        try:
            known = await self._known()
        except RPCError as error:
            if error.status not in _NOT_OURS_TO_ASK:
                log.warning("temporal.not_reached", error=error)
                return False
            names = [key.name for key in SEARCH_ATTRIBUTES]
            log.warning("search_attributes.not_listed", needed=names, error=error)
            return True
        except RuntimeError as error:
            # What a lazy client raises when it cannot connect has no type of its own.
            log.warning("temporal.not_reached", error=error)
            return False
        missing = [key for key in SEARCH_ATTRIBUTES if known.get(key.name) != _type(key)]
        if refusal := await self._add(missing, known):
            log.error(
                "search_attributes.missing",
                missing=[f"{key.name} ({key.indexed_value_type.name})" for key in missing],
                reason=refusal,
                remedy="Register them with `temporal operator search-attribute create`.",
            )
        return not refusal

    async def _known(self) -> Mapping[str, IndexedValueType.ValueType]:
        found = await self._client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=self._client.namespace), timeout=RPC_TIMEOUT
        )
        return found.custom_attributes

    async def _add(
        self, missing: list[SearchAttributeKey[Any]], known: Collection[str]
    ) -> str | None:
        """Register `missing`; return why that is not possible."""
        # The server would say nothing, and keep the type that it knows.
        if mistyped := [key.name for key in missing if key.name in known]:
            return f"registered with another type: {', '.join(mistyped)}"
        try:
            await add_search_attributes(self._client, missing)
        except RPCError as error:
            return error.message
        return None


async def add_search_attributes(client: Client, keys: Iterable[SearchAttributeKey[Any]]) -> None:
    """Register `keys`, if there are any, on the client's namespace. Raises `RPCError`."""
    if not (types := {key.name: _type(key) for key in keys}):
        return
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types),
        timeout=RPC_TIMEOUT,
    )


def _type(key: SearchAttributeKey[Any]) -> IndexedValueType.ValueType:
    return IndexedValueType.ValueType(key.indexed_value_type)
