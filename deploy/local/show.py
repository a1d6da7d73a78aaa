"""The output of the local stack's commands."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from deploy.local.demo_account import DemoAccount
from deploy.local.state import StackState


def links(state: StackState, *, account: DemoAccount | None, phones: str | None = None) -> Table:
    """Return the table of links shown after startup."""
    table = Table(
        box=ROUNDED,
        show_header=False,
        title="Quizrun is running",
        title_style="bold green",
        title_justify="left",
    )
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for label, url in state.urls.items():
        table.add_row(label, url)
    if phones:
        table.add_row("Players", f"{phones} (the QR code below)")
    if account:
        table.add_row("Demo host", f"{account.email} / {account.password}")
    table.add_section()
    table.add_row("Stop", "Ctrl-C")
    return table


def server_urls(env: Mapping[str, str]) -> dict[str, str]:
    """Return the servers' addresses by name, without passwords (``quizrun env`` has those)."""
    names = {
        "PostgreSQL": "QUIZRUN_DATABASE_URL",
        "Valkey": "QUIZRUN_REDIS_URL",
        "Kafka": "QUIZRUN_KAFKA_BOOTSTRAP",
        "Temporal": "QUIZRUN_TEMPORAL_ADDRESS",
    }
    return {
        name: _without_password(env[variable])
        for name, variable in names.items()
        if variable in env
    }


def status(state: StackState, health: Mapping[str, str]) -> Table:
    """Return the table of a stack's processes; ``health`` has a word for each."""
    table = Table(box=SIMPLE_HEAD)
    for column in ("process", "pid", "address", "health", "restarts"):
        table.add_column(
            column, justify="right" if column in {"pid", "restarts"} else "left", overflow="fold"
        )
    for one in state.processes:
        word = health.get(one.name, "")
        style = "green" if word == "up" else "red"
        address = urlsplit(one.health_url).netloc
        table.add_row(one.name, str(one.pid), address, f"[{style}]{word}[/]", str(one.restarts))
    return table


def console() -> Console:
    """Return a console that neither wraps nor highlights paths and URLs."""
    return Console(highlight=False, soft_wrap=True)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    credentials, at, hosts = parts.netloc.rpartition("@")
    # `urlsplit` rejects several hosts, as with Sentinels and clusters.
    user = credentials.partition(":")[0]
    return parts._replace(netloc=f"{user}{at if user else ''}{hosts}").geturl()
