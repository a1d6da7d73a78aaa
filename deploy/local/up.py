"""``quizrun up``: start servers, migrations, workers, gateways and samples, and supervise them."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass, replace
from typing import TextIO, cast

import httpx

from deploy.local import application, lan, monitoring, processes, show
from deploy.local.demo_account import demo_account, password_file, secure_account
from deploy.local.external import REPLACES, check_external
from deploy.local.ports import free_port, require_free
from deploy.local.private_file import secret
from deploy.local.seed import seed
from deploy.local.settings import Settings
from deploy.local.stack import SERVER_NAMES, choose_ports, server_env, server_specs
from deploy.local.state import (
    ProcessRecord,
    StackState,
    end_leftovers,
    exclusive,
    read_state,
    write_state,
)
from deploy.local.supervisor import Supervisor


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The number of processes, and whether to add sample quizzes and monitoring."""

    gateways: int = 1
    workers: int = 1
    sample: bool | None = None
    """None: unless others may reach the demo account."""
    monitoring: bool = False

    def samples(self, *, exposed: bool) -> bool:
        """Return whether to create the demo account, which strangers could guess or attack."""
        return not exposed if self.sample is None else self.sample


class Up:
    """A stack in the foreground."""

    def __init__(self, settings: Settings, size: Size, commands: application.Commands) -> None:
        self._settings = settings
        self._size = size
        self._commands = commands
        self._data_dir = settings.data_dir.absolute()
        self._log_dir = self._data_dir / "logs"
        self._console = show.console()
        self._state = StackState()
        self._exposed = lan.exposed(settings)
        self._sample = size.samples(exposed=self._exposed)
        self._password_is_new = not password_file(self._data_dir).exists()

    async def run(self) -> None:
        """Start everything and stay until SIGINT, SIGTERM or SIGHUP. Raises ``StackError`` if
        something fails to start or keeps failing.
        """
        with exclusive(self._data_dir):
            for name in end_leftovers(self._data_dir):
                self._console.print(f"Stopped {name}, left over from a killed stack.")
            self._state = StackState(
                supervisor_pid=os.getpid(),
                supervisor_mark=processes.birth_mark(os.getpid()) or "",
                ports=read_state(self._data_dir).ports,
            )
            write_state(self._data_dir, self._state)
            await self._supervise()

    async def _supervise(self) -> None:
        supervisor = Supervisor(
            self._log_dir, report=self._report, changed=lambda: self._record(supervisor)
        )
        stop, impatient = _signals()
        work = asyncio.create_task(self._start_and_wait(supervisor))
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        finally:
            self._console.print("Stopping…" if stop.done() else "[red]Stopping the stack.[/]")
            stopping = asyncio.create_task(supervisor.stop())
            await asyncio.wait({stopping, impatient}, return_when=asyncio.FIRST_COMPLETED)
            if not stopping.done():
                stopping.cancel()
            await supervisor.kill()
            self._state = self._state.model_copy(
                update={"processes": [], "supervisor_pid": 0, "ready": False}
            )
            write_state(self._data_dir, self._state)
        if not work.cancelled():
            work.result()

    async def _start_and_wait(self, supervisor: Supervisor) -> None:
        for number in range(
            1, self._size.gateways + 1
        ):  # fail before the servers take seconds to start
            port = application.gateway_port(self._settings.http_port, number)
            require_free(f"gateway-{number}", port)
        env = await self._start_servers(supervisor)
        self._console.print("Migrating the database…")
        await application.migrate(self._commands, env, self._log_dir)
        if self._sample or self._exposed:
            await secure_account(
                self._data_dir,
                env["QUIZRUN_DATABASE_URL"],
                embedded=not self._settings.database_url,
            )
        await self._start_application(supervisor, env)
        if self._size.monitoring:
            await self._start_monitoring(supervisor)
        seeded = self._sample and await self._seed(f"http://127.0.0.1:{self._settings.http_port}")
        self._show(seeded=seeded)
        self._state = self._state.model_copy(update={"ready": True})
        self._record(supervisor)
        await supervisor.gave_up()

    def _show(self, *, seeded: bool) -> None:
        phones = self._settings.public_url if lan.reachable(self._settings) else None
        account = demo_account(self._data_dir) if seeded else None
        if account and phones and not self._password_is_new:
            # The terminal may be shown on a projector.
            account = replace(account, password=f"in {password_file(self._data_dir)}")
        self._console.print(show.links(self._state, account=account, phones=phones))
        if self._size.sample is None and not self._sample:
            self._console.print(
                "No demo account: others can reach this stack or its database. "
                "Sign up at /host/sign-up, or start with --sample."
            )
        if phones:
            lan.print_qr(phones, cast("TextIO", self._console.file))

    async def _start_servers(self, supervisor: Supervisor) -> dict[str, str]:
        settings, data_dir = self._settings, self._data_dir
        external = settings.external_env()
        only = set(SERVER_NAMES) - {REPLACES[variable] for variable in external}
        ports = choose_ports(self._state.ports, settings.temporal_ui_port)
        password = secret(data_dir / "server-password")
        if external:
            self._console.print(f"Using {', '.join(sorted(external))} from the environment.")
            await check_external(external, settings.temporal_namespace)
        if only:
            self._console.print(
                f"Starting {', '.join(name for name in SERVER_NAMES if name in only)}…"
            )
        await supervisor.start(
            await asyncio.to_thread(server_specs, data_dir, only, ports, password)
        )
        env = {
            **server_env(only, ports, password),
            **external,
            "QUIZRUN_TEMPORAL_NAMESPACE": settings.temporal_namespace,
            "QUIZRUN_SECRET": settings.secret or secret(data_dir / "secret"),
            "QUIZRUN_PUBLIC_URL": settings.public_url or f"http://localhost:{settings.http_port}",
            "QUIZRUN_HTTP_PORT": str(settings.http_port),
            "QUIZRUN_LOG_LEVEL": settings.log_level,
            # A local stack has no mail server; mail is shown at /inbox.
            "QUIZRUN_MAIL_INBOX": "" if os.environ.get("QUIZRUN_SMTP_URL") else "true",
        }
        # Values read from files must not be set twice; empty means unset.
        env |= {f"{name}_FILE": "" for name in env if f"{name}_FILE" in os.environ}
        if "temporal" in only:
            name, own = "QUIZRUN_TEMPORAL_UI_URL", f"http://localhost:{ports['temporal-ui']}"
            env[name] = os.environ.get(name) or own
        public_url = env["QUIZRUN_PUBLIC_URL"]
        urls = {"Web and API": public_url, "API docs": f"{public_url}/api/docs"}
        if env["QUIZRUN_MAIL_INBOX"]:
            # Only by this name, because the inbox is open to this machine only.
            urls["Inbox"] = f"http://localhost:{settings.http_port}/inbox"
        if "temporal" in only:
            urls["Temporal UI"] = f"http://localhost:{ports['temporal-ui']}"
        urls.update(show.server_urls(env))
        self._state = self._state.model_copy(
            update={"ports": {**self._state.ports, **ports}, "env": env, "urls": urls}
        )
        self._record(supervisor)
        return env

    async def _start_application(self, supervisor: Supervisor, env: dict[str, str]) -> None:
        ports, size, commands = dict(self._state.ports), self._size, self._commands
        workers = []
        for number in range(1, size.workers + 1):
            name = f"worker-{number}"
            others = frozenset(port for other, port in ports.items() if other != name)
            ports[name] = free_port(ports.get(name), avoid=others)
            workers.append(application.worker_spec(commands, env, number, ports[name]))
        self._state = self._state.model_copy(update={"ports": ports})
        host, http_port = self._settings.http_host, self._settings.http_port
        gateways = [
            application.gateway_spec(commands, env, number, host, http_port)
            for number in range(1, size.gateways + 1)
        ]
        self._console.print(f"Starting {', '.join(spec.name for spec in (*workers, *gateways))}…")
        await supervisor.start(workers, gateways)

    async def _start_monitoring(self, supervisor: Supervisor) -> None:
        missing = monitoring.missing_programs()
        if missing:
            self._report(f"No monitoring: {' and '.join(missing)} are not installed.")
            return
        ports = monitoring.choose_ports(self._state.ports)
        http_port, size = self._settings.http_port, self._size
        targets = monitoring.Targets(
            gateways=[
                application.gateway_port(http_port, number).number
                for number in range(1, size.gateways + 1)
            ],
            workers=[
                self._state.ports[f"worker-{number}"] for number in range(1, size.workers + 1)
            ],
        )
        self._console.print("Starting prometheus, alertmanager…")
        await supervisor.start(
            monitoring.monitoring_specs(self._data_dir / "monitoring", ports, targets)
        )
        self._state = self._state.model_copy(
            update={
                "ports": {**self._state.ports, **ports},
                "urls": {**self._state.urls, **monitoring.urls(ports)},
            }
        )
        self._record(supervisor)

    async def _seed(self, base_url: str) -> bool:
        try:
            added = await asyncio.to_thread(seed, base_url, demo_account(self._data_dir))
        except (httpx.HTTPError, KeyError, ValueError) as error:
            self._report(f"Sample quizzes could not be added: {error}")
            return False
        for title in added:
            self._console.print(f"Added the sample quiz “{title}”.")
        return True

    def _report(self, text: str) -> None:
        self._console.print(text, style="yellow", markup=False)

    def _record(self, supervisor: Supervisor) -> None:
        records = [
            ProcessRecord(
                name=child.spec.name,
                pid=child.pid,
                birth_mark=child.birth_mark,
                stop_signal=int(child.spec.stop_signal),
                health_url=child.spec.health_url,
                log=str(child.log_path),
                restarts=supervisor.restarts.get(child.spec.name, 0),
            )
            for child in supervisor.children
            if child.pid
        ]
        self._state = self._state.model_copy(update={"processes": records})
        write_state(self._data_dir, self._state)


def _signals() -> tuple[asyncio.Future[None], asyncio.Future[None]]:
    """Return two futures: for the first request to stop, and for a second one."""
    loop = asyncio.get_running_loop()
    first, second = loop.create_future(), loop.create_future()

    def received() -> None:
        if not first.done():
            first.set_result(None)
        elif not second.done():
            second.set_result(None)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, received)
    return first, second
