"""Debian's PgBouncer in transaction mode, with TLS only, in front of a running PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import trustme
from sqlalchemy import make_url

from deploy.local.child import Child, ChildSpec
from deploy.local.ports import LOOPBACK, Port, free_port
from deploy.local.unprivileged import unprivileged_user
from tests.programs import debian_program

SERVER_CONNECTIONS = 3


@contextlib.asynccontextmanager
async def pgbouncer(database_url: str) -> AsyncIterator[str]:
    """Yield the URL of a pooler with fewer server connections than clients."""
    real, port = make_url(database_url), free_port()
    directory = Path(tempfile.mkdtemp(prefix="quizrun-pgbouncer-"))
    (directory / "users.txt").write_text(f'"{real.username}" "{real.password}"\n')
    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "ca.pem")
    authority.issue_cert(LOOPBACK).private_key_and_cert_chain_pem.write_to_path(
        directory / "server.pem"
    )
    config = directory / "pgbouncer.ini"
    config.write_text(
        f"[databases]\n{real.database} = host={real.host} port={real.port}\n"
        f"[pgbouncer]\nlisten_addr = {LOOPBACK}\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = scram-sha-256\nauth_file = {directory}/users.txt\n"
        f"client_tls_sslmode = require\nclient_tls_key_file = {directory}/server.pem\n"
        f"client_tls_cert_file = {directory}/server.pem\n"
        f"pool_mode = transaction\ndefault_pool_size = {SERVER_CONNECTIONS}\n"
    )
    user = unprivileged_user()  # PgBouncer refuses to run as root
    if user is not None:
        for path in (directory, directory / "users.txt", directory / "server.pem", config):
            os.chown(path, *user)
    tls = {"sslmode": "verify-full", "sslrootcert": f"{directory}/ca.pem"}
    url = real.set(port=port, query=tls).render_as_string(hide_password=False)

    async def check() -> None:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=2):
            pass

    pooler = Child(
        ChildSpec(
            name="pgbouncer",
            command=[debian_program("pgbouncer"), str(config)],
            check=check,
            ports=[Port(port)],
            cwd=directory,
            run_as=user,
            start_timeout_s=60,
            stop_signal=signal.SIGQUIT,  # at once
        ),
        directory / "logs",
    )
    try:
        await pooler.start()
        yield url
    finally:
        await pooler.stop()
        shutil.rmtree(directory, ignore_errors=True)
