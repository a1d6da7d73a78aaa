"""The quota of exported files."""

from __future__ import annotations

from gateway.http.auth import Caller
from gateway.http.services import Services
from telemetry.clock import now_ms


async def count_export(services: Services, caller: Caller) -> None:
    """Count a file for the caller. Raises `exports_quota_reached`."""
    most = services.settings.quotas.exports
    await services.operations.quota_usage.spend(caller.account_id, "exports", most, now_ms())
