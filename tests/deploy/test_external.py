"""External servers are checked before anything is started."""

from __future__ import annotations

import pytest

from deploy.errors import StackError
from deploy.local.external import check_external
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import embedded_servers


async def test_one_live_bootstrap_address_is_enough() -> None:
    dead = f"{LOOPBACK}:{free_port()}"
    async with embedded_servers(only={"kafka"}) as servers:
        addresses = f"{dead}, {servers.kafka_bootstrap}"
        await check_external({"QUIZRUN_KAFKA_BOOTSTRAP": addresses}, "default")
    with pytest.raises(StackError, match="QUIZRUN_KAFKA_BOOTSTRAP is set"):
        await check_external({"QUIZRUN_KAFKA_BOOTSTRAP": addresses}, "default")
