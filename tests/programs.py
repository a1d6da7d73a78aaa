"""Programs that tests run and that do not come from wheels."""

from __future__ import annotations

import os
from functools import cache

import pytest

from deploy.errors import StackError
from deploy.local.debian import program


@cache
def debian_program(name: str, package: str) -> str:
    """The path of `name`, installed from Debian's `package` if need be.

    Where that is impossible the test is skipped, except in CI.
    """
    try:
        return program(name, package)
    except StackError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
