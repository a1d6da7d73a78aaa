"""Run ``quizrun up`` with stubs for workers and gateways, as a test's child process."""

import asyncio
import os
import sys

from deploy.errors import StackError
from deploy.local.application import Commands
from deploy.local.settings import Settings
from deploy.local.up import Size, Up
from tests.deploy.conftest import STUB

try:
    monitoring = "STUB_MONITORING" in os.environ
    size = Size(gateways=2, workers=1, sample=False, monitoring=monitoring)
    migrate = (
        sys.executable,
        "-c",
        "import os; print('migrated', os.environ['QUIZRUN_DATABASE_URL'])",
    )
    asyncio.run(Up(Settings(), size, Commands(migrate=migrate, worker=STUB, gateway=STUB)).run())
except StackError as error:
    sys.exit(str(error))
