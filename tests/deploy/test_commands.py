"""Production commands: independence of the extra ``local``, error sentences, `quizrun check`."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bus.connection import KafkaConnection
from db.engine import engine_of
from db.redis import redis_of
from deploy.cli import LOCAL_COMMANDS
from deploy.configuration import PAGE, page
from deploy.local.stack import Servers
from deploy.terminal import LOCAL_MODULES
from telemetry.environment import ConfigurationError
from telemetry.settings import DatabaseSettings, KafkaSettings, RedisSettings

ROOT = Path(__file__).parents[2]
SECRET = "a secret of at least thirty-two characters"


@dataclass
class Done:
    code: int | None
    out: str
    err: str


async def quizrun(*arguments: str, **env: str) -> Done:
    """Run the command with only these settings in its environment."""
    inherited = {name: value for name, value in os.environ.items() if "QUIZRUN" not in name}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", *arguments),
        cwd=ROOT,
        env={**inherited, **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Done(process.returncode, out.decode(), err.decode())


PRODUCTION = (
    "deploy.cli",
    "deploy.check.command",
    "deploy.codec_server",
    "deploy.operations.retention",
    "deploy.operations.repairing",
    "deploy.operations.resealing",
    "deploy.operations.restoring",
    "deploy.operations.roles",
    "deploy.operations.show",
    "db.migrate",
    "gateway.main",
    "workers.main",
)


WITHOUT_LOCAL = """
import importlib, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name}}", name=name)

sys.meta_path.insert(0, Absent())
for name in {names!r}:
    importlib.import_module(name)
"""


def test_production_works_without_the_extra_local() -> None:
    program = WITHOUT_LOCAL.format(absent=set(LOCAL_MODULES), names=PRODUCTION)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_help_lists_every_command_of_the_local_stack() -> None:
    import typer.main  # noqa: PLC0415 - of the extra `local`

    from deploy.local.cli import app  # noqa: PLC0415

    group = typer.main.get_group(app)
    assert list(group.commands) == list(LOCAL_COMMANDS)


@pytest.mark.parametrize("command", ["gateway", "migrate"])
async def test_invalid_settings_stop_a_command_at_once(command: str) -> None:
    done = await quizrun(command, QUIZRUN_DATABASE_URL="mysql://db", QUIZRUN_KAFKA_BOOTSTRAP="a:1")
    assert done.code == 2
    assert done.out == ""
    errors = done.err.splitlines()
    if command == "migrate":
        assert errors == ["QUIZRUN_DATABASE_URL does not start with postgresql://."]
    else:
        assert "QUIZRUN_TEMPORAL_ADDRESS is not set." in errors
        assert len(errors) == 3


def test_errors_found_by_clients_are_sentences_too() -> None:
    database = DatabaseSettings(database_url="postgresql://u:hidden@db:port/name")
    redis = RedisSettings(redis_url="redis+sentinel://:hidden@a:1")
    kafka = KafkaSettings(
        kafka_bootstrap="a:1", kafka_security_protocol="SSL", kafka_ca_file=__file__
    )
    for build, expected in (
        (lambda: engine_of(database, name="test"), "QUIZRUN_DATABASE_URL is not of the form"),
        (lambda: redis_of(redis), "QUIZRUN_REDIS_URL: The URL of Sentinels must end with"),
        (
            lambda: KafkaConnection.from_settings(kafka),
            f"QUIZRUN_KAFKA_CA_FILE: {__file__} cannot be used",
        ),
    ):
        with pytest.raises(ConfigurationError) as raised:
            build()
        (fault,) = raised.value.faults
        assert fault.startswith(expected)
        assert "hidden" not in fault


async def test_migrate_then_check(servers: Servers) -> None:
    env = {**servers.env(), "QUIZRUN_SECRET": SECRET}
    migrated = await quizrun("migrate", **env)
    assert (migrated.code, migrated.err) == (0, "")
    done = await quizrun("check", "--json", **env, QUIZRUN_TYPO="1")
    assert done.code == 0, done.out
    found = json.loads(done.out)
    assert found["ok"]
    assert found["warnings"] == ["QUIZRUN_TYPO is not a Quizrun setting."]
    facts = {server["server"]: server["facts"] for server in found["servers"]}
    assert facts["PostgreSQL"]["TLS"] == facts["Kafka"]["TLS"] == "no"
    assert facts["Redis"]["mode"] == "single"
    assert facts["Redis"]["maxmemory-policy"] == "noeviction"
    assert facts["Temporal"]["search attributes"] == "complete"


async def test_check_reports_each_servers_fault(servers: Servers) -> None:
    ports = servers.ports
    done = await quizrun(
        "check",
        QUIZRUN_SECRET=SECRET,
        QUIZRUN_DATABASE_URL=f"postgresql://quizrun:no@127.0.0.1:{ports['postgres']}/quizrun",
        QUIZRUN_REDIS_URL=f"redis://:no@127.0.0.1:{ports['valkey']}/0",
        QUIZRUN_KAFKA_BOOTSTRAP="127.0.0.1:9",
        QUIZRUN_TEMPORAL_ADDRESS=servers.temporal_address,
        QUIZRUN_TEMPORAL_NAMESPACE="elsewhere",
    )
    assert done.code == 1
    errors = done.err.splitlines()
    assert len(errors) == 4, done.err
    assert errors[0].startswith(f"PostgreSQL at 127.0.0.1:{ports['postgres']}/quizrun cannot be")
    assert "password authentication failed" in errors[0]
    assert errors[1].endswith("cannot be used: invalid username-password pair or user is disabled.")
    assert errors[2] == "Kafka at 127.0.0.1:9 cannot be used: connect call failed ('127.0.0.1', 9)."
    assert errors[3] == f"There is no namespace elsewhere at {servers.temporal_address}."


def test_the_table_of_settings_is_up_to_date() -> None:
    text = PAGE.read_text()
    assert page(text) == text, "run `make generate`"
