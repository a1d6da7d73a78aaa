"""Start gateways and workers by forking a process that has imported them.

Imports take most of the CPU time of a start (1.3 s of a worker's, 2.2 s of a gateway's), and the
tests start many of these processes. A forked process differs from `python -m gateway.main` only in
that its imports are done: it has its own pid, environment, output and exit code, and it is a child
of the process that asked for it. `tests/gateway/test_process.py`, `make up` and the browser tests
start the real command.
"""

from __future__ import annotations

import asyncio
import atexit
import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

from deploy.local.processes import die_with_parent

FORKED = ("gateway.main", "workers.main")
"""Modules whose `main` can be forked."""
_ROOT = Path(__file__).parents[1]
_MAX_REQUEST = 1 << 20
_IMPORTED = b"imported"
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_prctl = ctypes.CDLL(None, use_errno=True).prctl


def launch() -> None:
    """Start the process that forks, if that was not done, without waiting for its imports."""
    _server()


async def imported() -> None:
    """Wait for the imports, which block `popen` for seconds on a busy machine.

    Await it before anything that must not be held up: the event loop of a test runs its players.
    """
    # launched by this thread: the process ends with the one that started it
    await asyncio.to_thread(_server().wait_for_imports)


class ForkedProcess:
    """A forked child, with what `deploy.local.child` uses of `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, minus the signal's number if killed; None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has been reaped."""
        if self.poll() is None:
            os.kill(self.pid, number)


def popen(command: Sequence[str], **options: Any) -> ForkedProcess | subprocess.Popen[bytes]:
    """Fork the command if it is one of ours; start it as `subprocess.Popen` does otherwise."""
    python, *arguments = command
    if python != sys.executable or arguments[:1] != ["-m"] or arguments[1] not in FORKED:
        return subprocess.Popen(list(command), **options)
    return ForkedProcess(
        _server().fork(arguments[1], arguments[2:], options["env"], options["stdout"])
    )


class _Server:
    """The process that forks."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=_ROOT,
                process_group=0,  # Ctrl-C is for the tests, which stop their processes
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509
            )
        self._waiting = threading.Lock()
        self._imported = False
        atexit.register(self._end)

    def _end(self) -> None:
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def wait_for_imports(self) -> None:
        """Wait until the process can fork."""
        with self._waiting:
            if not self._imported:
                self._imported = self._socket.recv(_MAX_REQUEST) == _IMPORTED
                assert self._imported, "the fork server ended"

    def fork(
        self, module: str, arguments: Sequence[str], env: Mapping[str, str], log: IO[bytes]
    ) -> int:
        """Fork a process that runs `module`'s main, and return its pid."""
        self.wait_for_imports()
        request = [os.getpid(), module, list(arguments), dict(env)]
        # The process between them ends at once, which leaves its child to this process.
        _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        try:
            socket.send_fds(self._socket, [json.dumps(request).encode()], [log.fileno()])
            return int(self._socket.recv(_MAX_REQUEST))
        finally:
            _prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@cache
def _server() -> _Server:
    return _Server()


def _forked(requests: socket.socket) -> str:
    """Fork a child for each request. Return only in the children, as the process asked for: the
    name of the module to run.
    """
    while True:
        message, files, _, _ = socket.recv_fds(requests, _MAX_REQUEST, 1)
        if not message:
            sys.exit()
        if between := os.fork():
            os.close(files[0])
            os.waitpid(between, 0)
            continue
        if os.fork():
            os._exit(0)
        parent, module, arguments, env = json.loads(message)
        _wait_for(parent)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        requests.send(str(os.getpid()).encode())
        requests.close()
        _become([module, *arguments], env, files[0])
        return str(module)


def _wait_for(parent: int) -> None:
    """Wait until this process has been handed over to `parent`; end it if that is gone."""
    between = os.getppid()
    while os.getppid() == between != parent:
        time.sleep(0.001)
    if os.getppid() != parent:
        os._exit(1)


def _become(argv: list[str], env: Mapping[str, str], log: int) -> None:
    """Give this process what `deploy.local.child` gives to those that it starts."""
    os.setpgid(0, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = argv


def main() -> None:
    """Serve requests from the socket whose file descriptor is given."""
    for name in FORKED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    requests = socket.socket(fileno=int(sys.argv[1]))
    requests.send(_IMPORTED)
    module = _forked(requests)
    importlib.import_module(module).main()


if __name__ == "__main__":
    main()
