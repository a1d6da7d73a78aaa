"""Registers the search attributes of runs where the namespace does not have them yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError

from workflows.operator_view import SEARCH_ATTRIBUTES

log = structlog.get_logger()


async def ensure_search_attributes(client: Client) -> None:
    """Adds what is missing; where the server does not let us, says so, since runs would stall."""
    try:
        known = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
        missing = [key for key in SEARCH_ATTRIBUTES if key.name not in known.custom_attributes]
        if missing:
            await add_search_attributes(client, missing)
    except RPCError as error:
        log.warning("search_attributes.not_ensured", error=str(error))


async def add_search_attributes(client: Client, keys: Iterable[SearchAttributeKey[Any]]) -> None:
    """Registers `keys` on the client's namespace; raises `RPCError`."""
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=client.namespace,
            search_attributes={
                key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in keys
            },
        )
    )
